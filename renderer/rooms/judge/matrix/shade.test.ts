import { describe, expect, it } from 'vitest';
import { shade, strongest } from './shade.ts';

describe('the tint of a cell', () => {
  it('rises with the share, and is never where no words can be read', () => {
    const tints = Array.from({ length: 1001 }, (_, index) => shade(index / 1000));
    for (const [index, tint] of tints.entries()) {
      expect(tint >= strongest ? tint <= 1 : tint >= 0 && tint <= 0.504).toBe(true);
      if (index > 0) expect(tint).toBeGreaterThan(tints[index - 1]!);
    }
    expect(tints[0]).toBe(0);
    expect(tints[1000]).toBe(1);
  });
});
