/** What lies within a polygon, and fewer corners for the same shape. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Corner, simplified, withinPolygon } from './polygon.ts';

const square: Corner[] = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
];

test('tells what is within a square, a bay and a line that crosses itself', () => {
  const inSquare = withinPolygon(square);
  expect([inSquare(2, 2), inSquare(5, 2), inSquare(-1, 2), inSquare(2, 4.1)]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  const bay = withinPolygon([...square.slice(0, 3), [2, 1], [0, 4]]);
  expect([bay(2, 0.5), bay(2, 3), bay(0.5, 2)]).toEqual([true, false, true]);
  // A star drawn in one line: its middle is gone around twice.
  const star = withinPolygon(
    [0, 2, 4, 1, 3].map((at): Corner => [Math.sin((at * 2 * Math.PI) / 5), Math.cos((at * 2 * Math.PI) / 5)]),
  );
  expect([star(0, 0), star(0, 0.7)]).toEqual([false, true]);
});

test('of a convex polygon, within is on the same side of every edge', () => {
  const angles = fc.uniqueArray(fc.integer({ min: 0, max: 359 }), { minLength: 3, maxLength: 20 });
  const part = fc.double({ min: -1.2, max: 1.2, noNaN: true });
  fc.assert(
    fc.property(angles, part, part, (given, x, y) => {
      const corners = given
        .sort((a, b) => a - b)
        .map((angle): Corner => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]);
      const sides = corners.map(([ax, ay], at) => {
        const [bx, by] = corners[(at + 1) % corners.length]!;
        return (bx - ax) * (y - ay) - (by - ay) * (x - ax);
      });
      // On an edge both answers are right.
      fc.pre(sides.every((side) => Math.abs(side) > 1e-9));
      expect(withinPolygon(corners)(x, y)).toBe(sides.every((side) => side > 0));
    }),
  );
});

test('corners that change the shape least go first, and three stay', () => {
  const many = Array.from({ length: 400 }, (_, at): Corner => {
    const side = Math.floor(at / 100);
    const along = (at % 100) / 25;
    return (
      [
        [along, 0],
        [4, along],
        [4 - along, 4],
        [0, 4 - along],
      ] as Corner[]
    )[side]!;
  });
  expect(simplified(many, 4)).toEqual(square);
  expect(simplified(square, 4)).toEqual(square);
  expect(simplified(square, 1)).toHaveLength(3);
});
