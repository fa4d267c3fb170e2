/** Means of areas: exact where areas are whole, by their share where they are not, with the padding filled. */
import { expect, it } from 'vitest';
import { average } from './average.ts';

const plane = (data: number[], width: number, height: number, stride = width, rows = height) => {
  const bytes = new Uint8Array(stride * rows).fill(77);
  for (let y = 0; y < height; y++) bytes.set(data.slice(y * width, (y + 1) * width), y * stride);
  return { data: bytes, plane: { at: 0, stride, rows }, width, height };
};
const shrunk = (
  from: ReturnType<typeof plane>,
  width: number,
  height: number,
  stride = width,
  rows = height,
) => {
  const to = plane([], width, height, stride, rows);
  average(from, to);
  return [...to.data];
};

it('are exact, and nothing beside the picture counts', () => {
  expect(shrunk(plane([10, 20, 30, 40, 50, 60, 70, 80], 4, 2, 6, 3), 2, 1)).toEqual([35, 55]);
});

it('share values between neighbours where an area ends within one', () => {
  expect(shrunk(plane([0, 90, 180], 3, 1), 2, 1)).toEqual([30, 150]);
  expect(shrunk(plane([0, 90, 180], 1, 3), 1, 2)).toEqual([30, 150]);
});

it('keep one colour at any size, larger ones too, and fill the padding', () => {
  for (const value of [0, 1, 128, 255])
    for (const [width, height] of [
      [7, 5],
      [128, 3],
      [1, 1],
      [300, 200],
    ] as const) {
      const from = plane(new Array<number>(61 * 43).fill(value), 61, 43);
      const all = shrunk(from, width, height, width + 1, height + 1);
      expect(new Set(all)).toEqual(new Set([value]));
    }
});
