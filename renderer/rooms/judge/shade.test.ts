import { describe, expect, it } from 'vitest';
import { shade } from './shade.ts';

describe('the tint of a cell', () => {
  it('rises with the share, and is never where no words can be read', () => {
    const tints = Array.from({ length: 1001 }, (_, index) => shade(index / 1000));
    for (const [index, { tint, strong }] of tints.entries()) {
      expect(strong ? tint >= 0.82 && tint <= 1 : tint >= 0 && tint <= 0.504).toBe(true);
      if (index > 0) expect(tint).toBeGreaterThan(tints[index - 1]!.tint);
    }
    expect(tints[0]!.tint).toBe(0);
    expect(tints[1000]!.tint).toBe(1);
  });
});
