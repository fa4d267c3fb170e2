import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostInSheet, readIds, readSheet, type Tile, tileForms, writeIds, writeSheet } from './sheet.ts';

const someIds = fc
  .uniqueArray(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: mostInSheet })
  .map((ids) => ids.sort((a, b) => a - b));

describe('the ids of a sheet', () => {
  it('come back from its address', () => {
    expect(writeIds([1, 2, 3, 7, 9, 10])).toBe('1-3,7,9-10');
    fc.assert(
      fc.property(someIds, (ids) => {
        expect(readIds(writeIds(ids))).toEqual(ids);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['zero', '0'],
    ['a leading zero', '01'],
    ['a run backwards', '3-1'],
    ['a run of one', '3-3'],
    ['two runs that are one', '1-2,3'],
    ['an id twice', '4,4'],
    ['ids that go down', '5,3'],
    ['too many in a run', `1-${mostInSheet + 1}`],
    ['too many in all', Array.from({ length: mostInSheet + 1 }, (_, at) => at * 2 + 1).join(',')],
    ['a run without end', '1-999999999999999'],
    ['an id beyond all numbers', '9999999999999999'],
    ['a sign', '-1'],
    ['a space', '1, 3'],
  ])('are refused where they are %s', (_what, text) => expect(readIds(text)).toBeNull());

  it('never make it hang or throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789-,') }), (text) => {
        const ids = readIds(text);
        if (ids) expect(writeIds(ids)).toBe(text);
      }),
    );
  });
});

describe('the bytes of a sheet', () => {
  const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  const tile: fc.Arbitrary<Tile> = fc.oneof(
    fc
      .tuple(id, fc.uint8Array({ minLength: 1, maxLength: 40 }))
      .map(([id, bytes]): Tile => ({ id, form: 'grey', width: bytes.length, height: 1, bytes })),
    fc
      .tuple(id, fc.constantFrom(...tileForms.filter((form) => form !== 'grey')), fc.uint8Array())
      .map(([id, form, bytes]): Tile => ({ id, form, width: 0, height: 0, bytes })),
  );

  it('come back tile by tile, wherever they lie in memory', () => {
    fc.assert(
      fc.property(
        fc.array(tile, { maxLength: mostInSheet }),
        fc.integer({ min: 0, max: 7 }),
        (tiles, off) => {
          const sheet = writeSheet(tiles);
          const held = new Uint8Array(sheet.length + off);
          held.set(sheet, off);
          expect(readSheet(held.subarray(off))?.map((one) => ({ ...one, bytes: [...one.bytes] }))).toEqual(
            tiles.map((one) => ({ ...one, bytes: [...one.bytes] })),
          );
        },
      ),
    );
  });

  it('are not taken for a sheet where they are cut short, longer, or something else', () => {
    const sheet = writeSheet([
      { id: 1, form: 'grey', width: 2, height: 3, bytes: new Uint8Array(6) },
      { id: 2, form: 'encoded', width: 0, height: 0, bytes: new Uint8Array(9) },
    ]);
    for (let length = 0; length < sheet.length; length += 1)
      expect(readSheet(sheet.subarray(0, length))).toBeNull();
    expect(readSheet(new Uint8Array([...sheet, 0]))).toBeNull();
    const changed = (at: number, value: number) =>
      readSheet(sheet.map((byte, i) => (i === at ? value : byte)));
    expect(changed(0, 255)).toBeNull();
    expect(changed(11, 255)).toBeNull();
    expect(changed(12, tileForms.length)).toBeNull();
    expect(changed(16, 3)).toBeNull();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readSheet(bytes)));
  });
});
