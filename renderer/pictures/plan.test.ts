import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostInSheet, readIds, writeIds } from '#contract/sheet.ts';
import { sheetAhead, sheetInSight } from './plan.ts';

const upTo = (count: number, first = 1, step = 1) =>
  Array.from({ length: count }, (_, at) => first + at * step);
const inSight = (now: number[]) => ({ now, next: [] });
const ahead = (next: number[]) => ({ now: [], next });

describe('the sheet of what is in sight', () => {
  it('is all of it that is missing and nothing beside it', () => {
    expect(sheetInSight(inSight(upTo(121, 100)), () => true)).toEqual(upTo(121, 100));
    expect(sheetInSight(inSight(upTo(121, 100)), (id) => id > 200)).toEqual(upTo(20, 201));
    expect(sheetInSight(inSight(upTo(300, 5, 10)), () => true)).toEqual(upTo(mostInSheet, 5, 10));
    expect(sheetInSight(ahead(upTo(10)), () => true)).toBeNull();
  });
});

describe('the next sheet to read ahead', () => {
  it('is all that is missing of a run of ids where many of them are wanted', () => {
    expect(sheetAhead(ahead(upTo(121, 100)), () => true)).toEqual(upTo(64, 65));
    expect(sheetAhead(ahead(upTo(121, 100)), (id) => id > 128)).toEqual(upTo(64, 129));
    expect(sheetAhead(ahead(upTo(121, 100)), (id) => id > 90)).toEqual(upTo(38, 91));
  });

  it('is a list where few of each run are: a narrowed list of a large set', () => {
    expect(sheetAhead(ahead(upTo(121, 5, 10)), () => true)).toEqual(upTo(121, 5, 10));
    expect(sheetAhead(ahead(upTo(300, 5, 10)), () => true)).toEqual(upTo(mostInSheet, 5, 10));
    expect(sheetAhead(ahead([9000, 3, 17]), () => true)).toEqual([3, 17, 9000]);
  });
});

describe.each([
  ['in sight', sheetInSight, inSight],
  ['ahead', sheetAhead, ahead],
] as const)('the next sheet %s', (_what, next, request) => {
  it('is none where nothing is missing', () => {
    expect(next(request([]), () => true)).toBeNull();
    expect(next(request(upTo(10)), () => false)).toBeNull();
  });

  it('has the first that is missing, can be asked for, and with those after it gets everything, each once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 400 }), (wanted) => {
        const got = new Set<number>();
        for (;;) {
          const first = wanted.find((id) => !got.has(id));
          const sheet = next(request(wanted), (id) => !got.has(id));
          if (sheet === null) {
            expect(first).toBeUndefined();
            return;
          }
          expect(sheet).toContain(first);
          expect(readIds(writeIds(sheet))).toEqual(sheet);
          expect(sheet.some((id) => got.has(id))).toBe(false);
          for (const id of sheet) got.add(id);
        }
      }),
    );
  });
});
