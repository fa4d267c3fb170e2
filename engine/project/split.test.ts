import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawStratified } from './split.ts';

const items = fc.array(
  fc.record({
    stratum: fc.integer({ min: 0, max: 4 }),
    content: fc.integer({ min: 0, max: 60 }).map(String),
  }),
  { maxLength: 200 },
);

describe('drawStratified', () => {
  it('never parts copies, and draws the same for the same seed', () => {
    fc.assert(
      fc.property(
        items,
        fc.double({ min: 0.05, max: 0.6, noNaN: true }),
        fc.integer(),
        (pool, share, seed) => {
          const drawn = drawStratified(pool, share, seed);
          expect(drawStratified(pool, share, seed)).toEqual(drawn);
          const sides = new Map<string, boolean>();
          pool.forEach(({ content }, index) => {
            expect(sides.get(content) ?? drawn[index]).toBe(drawn[index]);
            sides.set(content, drawn[index]!);
          });
        },
      ),
    );
  });

  it('draws the share of every stratum to the image where nothing is copied', () => {
    const pool = Array.from({ length: 1000 }, (_, index) => ({ stratum: index % 3, content: String(index) }));
    const drawn = drawStratified(pool, 0.2, 5);
    for (const stratum of [0, 1, 2]) {
      const members = pool
        .map((item, index) => ({ ...item, drawn: drawn[index] }))
        .filter((item) => item.stratum === stratum);
      expect(members.filter((item) => item.drawn).length).toBe(Math.round(members.length * 0.2));
    }
    expect(drawStratified(pool, 0.2, 6)).not.toEqual(drawn);
  });

  it('leaves a single image, and a class of copies of one image, on the training side', () => {
    const single = { stratum: 0, content: 'a' };
    const copies = [1, 2, 3].map(() => ({ stratum: 1, content: 'b' }));
    expect(drawStratified([single, ...copies], 0.5, 1)).toEqual([false, false, false, false]);
    const two = [
      { stratum: 0, content: 'a' },
      { stratum: 0, content: 'b' },
    ];
    expect(drawStratified(two, 0.01, 1).filter(Boolean)).toHaveLength(1);
  });
});
