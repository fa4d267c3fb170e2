/** As many faults as were asked for, the same for the same seed, and counted as they come up. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairKey, plantFaults, recallAt } from './audit.ts';

describe('planted faults', () => {
  it('are other classes of the data, copies of other images, and leave the labels given alone', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 12, maxLength: 100 }),
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 0, max: 6 }),
        fc.integer(),
        (list, errors, copies, seed) => {
          const labels = Int32Array.from(list);
          fc.pre(new Set(list).size > 1);
          const audit = plantFaults(labels, { errors, copies, seed });
          expect([...labels]).toEqual(list);
          const changed = list.flatMap((label, place) => (audit.labels[place] === label ? [] : [place]));
          expect(changed).toEqual(audit.errors);
          expect(changed).toHaveLength(errors);
          for (const place of changed) expect(list).toContain(audit.labels[place]);
          expect(new Set(audit.copies.map(({ of }) => of)).size).toBe(copies);
          for (const { of, right, down, brightness, quality } of audit.copies) {
            expect(audit.errors).not.toContain(of);
            expect(Math.max(Math.abs(right), Math.abs(down))).toBeLessThanOrEqual(0.1);
            expect(Math.abs(brightness - 1)).toBeLessThanOrEqual(0.25);
            expect(quality).toBeGreaterThanOrEqual(50);
          }
          expect(plantFaults(labels, { errors, copies, seed })).toEqual(audit);
        },
      ),
    );
  });

  it('are others for another seed', () => {
    const labels = Int32Array.from({ length: 200 }, (_, at) => at % 10);
    const errors = (seed: number) => plantFaults(labels, { errors: 20, copies: 20, seed }).errors;
    expect(errors(1)).not.toEqual(errors(2));
  });

  it('are refused where there is not enough to plant them in', () => {
    const enough = expect.objectContaining({ code: 'NOT_ENOUGH_DATA' }) as Error;
    expect(() => plantFaults(Int32Array.of(0, 1, 0), { errors: 2, copies: 2, seed: 1 })).toThrow(enough);
    expect(() => plantFaults(Int32Array.of(0, 0, 0), { errors: 1, copies: 0, seed: 1 })).toThrow(enough);
  });
});

describe('recall', () => {
  it('counts what was planted among the first of a list, each once', () => {
    const planted = new Set([1, 2, 3, 4]);
    expect(recallAt([1, 9, 1, 2, 8, 3], planted, [0, 1, 3, 100])).toEqual([
      { length: 0, found: 0, recall: 0, precision: 1 },
      { length: 1, found: 1, recall: 0.25, precision: 1 },
      { length: 3, found: 2, recall: 0.5, precision: 2 / 3 },
      { length: 100, found: 3, recall: 0.75, precision: 3 / 5 },
    ]);
    expect(recallAt([], new Set(), [5])).toEqual([{ length: 5, found: 0, recall: 1, precision: 1 }]);
    expect(pairKey(7, 3)).toBe(pairKey(3, 7));
  });
});
