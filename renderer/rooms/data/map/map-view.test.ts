/** Where points are on the screen: what is seen is whole, stays under the pointer, and is bounded. */
import { expect, test } from 'vitest';
import type { Corner } from '#contract/polygon.ts';
import { cornersOf, moved, toMap, toScreen, wholeMap, zoomed } from './map-view.ts';

const size = { width: 500, height: 300 };
const coordinates = Float32Array.of(-4, 2, 6, -3, 1, 0);
const whole = wholeMap(coordinates, size);

test('all points are seen at first, y upwards, and a place goes to the map and back', () => {
  for (let at = 0; at < coordinates.length; at += 2) {
    const [x, y] = toScreen(whole, size, [coordinates[at]!, coordinates[at + 1]!]);
    expect(x).toBeGreaterThanOrEqual(23.9);
    expect(x).toBeLessThanOrEqual(476.1);
    expect(y).toBeGreaterThanOrEqual(23.9);
    expect(y).toBeLessThanOrEqual(276.1);
  }
  expect(toScreen(whole, size, [0, 2])[1]).toBeLessThan(toScreen(whole, size, [0, -3])[1]);
  const place: Corner = [123, 45];
  const [x, y] = toScreen(whole, size, toMap(whole, size, place));
  expect(x).toBeCloseTo(123, 9);
  expect(y).toBeCloseTo(45, 9);
});

test('what is under the pointer stays there, and the zoom has ends', () => {
  const pointer: Corner = [400, 60];
  const before = toMap(whole, size, pointer);
  let view = zoomed(whole, whole, size, pointer, 3);
  expect(view.scale).toBeCloseTo(3 * whole.scale);
  const after = toMap(view, size, pointer);
  expect(after[0]).toBeCloseTo(before[0], 9);
  expect(after[1]).toBeCloseTo(before[1], 9);
  for (let step = 0; step < 100; step += 1) view = zoomed(view, whole, size, pointer, 3);
  expect(view.scale).toBeCloseTo(400 * whole.scale);
  for (let step = 0; step < 100; step += 1) view = zoomed(view, whole, size, pointer, 0.3);
  expect(view.scale).toBeCloseTo(0.5 * whole.scale);
});

test('moving to the right and down shows what lies there', () => {
  const [[left, top]] = cornersOf(moved(whole, 50, 30), size) as [Corner];
  const [x, y] = toMap(whole, size, [50, 30]);
  expect([left, top]).toEqual([expect.closeTo(x, 9), expect.closeTo(y, 9)]);
});

test('one point, points at one place and none at all can be seen', () => {
  for (const few of [[], [3, 3], [3, 3, 3, 3]]) {
    const view = wholeMap(Float32Array.from(few), size);
    expect(Object.values(view).every(Number.isFinite)).toBe(true);
    expect(view.scale).toBeGreaterThan(0);
  }
});
