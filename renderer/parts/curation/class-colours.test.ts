import { describe, expect, it } from 'vitest';
import { contrast, faintIn, grounds, leastContrast, swatches } from './class-colours.ts';

describe('colours of classes', () => {
  it('show on both grounds, each once', () => {
    for (const { colour } of swatches) {
      expect(colour).toMatch(/^#[0-9a-f]{6}$/);
      for (const ground of grounds)
        expect(contrast(colour, ground.colour)).toBeGreaterThanOrEqual(leastContrast);
      expect(faintIn(colour)).toEqual([]);
    }
    expect(new Set(swatches.map(({ colour }) => colour)).size).toBe(swatches.length);
    expect(new Set(swatches.map(({ name }) => name)).size).toBe(swatches.length);
  });

  it('are compared with the grounds that the themes have', () => {
    const [tokens] = Object.values(
      import.meta.glob<string>('../../styles/tokens.css', { query: '?raw', import: 'default', eager: true }),
    );
    const surfaces = [...tokens!.matchAll(/--surface: (#[0-9a-f]{6});/g)].map(([, colour]) => colour);
    expect(surfaces).toEqual(grounds.map(({ colour }) => colour));
  });

  it('have the contrast that WCAG computes', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
    expect(contrast('#4477aa', '#4477aa')).toBe(1);
    expect(faintIn('#ffff00')).toEqual(['light']);
    expect(faintIn('#101060')).toEqual(['dark']);
  });
});
