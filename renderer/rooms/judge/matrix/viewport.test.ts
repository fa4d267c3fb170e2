import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clamped, movedBy, placeAt, revealing, whole, zoomedAt } from './viewport.ts';

const size = { width: 600, height: 480 };
const side = 1000;

it('begins with the whole matrix, and a small one does not fill the window', () => {
  expect(whole(side, size)).toEqual({ cell: 0.48, x: 0, y: 0 });
  expect(whole(2, size).cell).toBe(48);
});

it('zooms about a point, which stays where it is, and never shows less than the window or beside the matrix', () => {
  const point = fc.record({
    x: fc.double({ min: 0, max: 480, noNaN: true }),
    y: fc.double({ min: 0, max: 480, noNaN: true }),
  });
  fc.assert(
    fc.property(point, fc.double({ min: 0.1, max: 30, noNaN: true }), point, (about, factor, by) => {
      const zoomed = zoomedAt(whole(side, size), factor, about, side, size);
      const moved = movedBy(zoomed, { x: by.x - 240, y: by.y - 240 }, side, size);
      for (const { cell, x, y } of [zoomed, moved]) {
        expect(cell).toBeGreaterThanOrEqual(0.48);
        expect(cell).toBeLessThanOrEqual(48);
        expect(Math.max(x, y)).toBeLessThanOrEqual(0);
        expect(x + cell * side).toBeGreaterThanOrEqual(Math.min(size.width, cell * side) - 1e-6);
        expect(y + cell * side).toBeGreaterThanOrEqual(size.height - 1e-6);
      }
      expect(clamped(moved, side, size)).toEqual(moved);
    }),
  );
  const near = { x: 240, y: 240 };
  expect(placeAt(whole(side, size), near, side)).toEqual({ actual: 500, predicted: 500 });
  expect(placeAt(zoomedAt(whole(side, size), 20, near, side, size), near, side)).toEqual({
    actual: 500,
    predicted: 500,
  });
  expect(placeAt(whole(side, size), { x: 590, y: 10 }, side)).toBeNull();
});

it('reveals a place, and moves no further', () => {
  const near = zoomedAt(whole(side, size), 50, { x: 0, y: 0 }, side, size);
  expect(revealing(near, { actual: 3, predicted: 3 }, side, size)).toEqual(near);
  const far = revealing(near, { actual: 999, predicted: -1 }, side, size);
  expect(placeAt(far, { x: 1, y: size.height - 1 }, side)).toEqual({ actual: 999, predicted: 0 });
});
