import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostInSheet, readIds, writeIds } from '#contract/sheet.ts';
import { nextSheet } from './plan.ts';

const upTo = (count: number, first = 1, step = 1) =>
  Array.from({ length: count }, (_, at) => first + at * step);

describe('the next sheet', () => {
  it('is a whole one where many of its images are wanted', () => {
    expect(nextSheet(upTo(121, 100), () => true)).toEqual(upTo(64, 65));
    expect(nextSheet(upTo(121, 100), (id) => id > 128)).toEqual(upTo(64, 129));
  });

  it('is a list where few of each sheet are: a narrowed list of a large set', () => {
    expect(nextSheet(upTo(121, 5, 10), () => true)).toEqual(upTo(121, 5, 10));
    expect(nextSheet(upTo(300, 5, 10), () => true)).toEqual(upTo(mostInSheet, 5, 10));
    expect(nextSheet([9000, 3, 17], () => true)).toEqual([3, 17, 9000]);
  });

  it('is none where nothing is missing', () => {
    expect(nextSheet([], () => true)).toBeNull();
    expect(nextSheet(upTo(10), () => false)).toBeNull();
  });

  it('has the first that is missing, can be asked for, and with those after it gets everything', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 400 }), (wanted) => {
        const got = new Set<number>();
        for (;;) {
          const first = wanted.find((id) => !got.has(id));
          const sheet = nextSheet(wanted, (id) => !got.has(id));
          if (sheet === null) {
            expect(first).toBeUndefined();
            return;
          }
          expect(sheet).toContain(first);
          expect(readIds(writeIds(sheet))).toEqual(sheet);
          for (const id of sheet) got.add(id);
        }
      }),
    );
  });
});
