/** What a view shows of an image depends on its row and the seed alone, whichever others are asked for. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Augmentation } from '#recipe/augmentation.ts';
import { buildNetwork } from '#learning/model/network.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { sampleData, smallRecipe } from '#learning/training/testing.ts';
import { openFeatureReader } from './features.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const augmentation: Augmentation[] = [
  { kind: 'crop', probability: 1, padding: 4 },
  { kind: 'noise', probability: 1, fraction: 0.1 },
];
const count = 70;
const { pixels } = sampleData(count, 0);
const rowsOf = (keeps: (row: number) => boolean) =>
  Int32Array.from({ length: count }, (_, row) => row).filter(keeps);

test.each([
  ['in a view', { augmentation, seed: [3, 4] as [number, number] }],
  ['as they are', null],
])('rows asked for alone, in any order, give what they give among all: %s', async (_, view) => {
  const network = buildNetwork(smallRecipe(), 10);
  const reader = openFeatureReader(network, { mean: [0.3], std: [0.3] }, 3);
  const size = reader.shape.reduce((product, side) => product * side, 1);
  const all = await reader.read(
    pixels,
    rowsOf(() => true),
    view,
  );
  const some = rowsOf((row) => row % 5 < 2).reverse();
  const done: number[] = [];
  const found = await reader.read(pixels, some, view, { onProgress: (now) => void done.push(now) });
  expect(found.length).toBe(some.length * size);
  some.forEach((row, place) => {
    const [one, other] = [found.subarray(place * size, (place + 1) * size), all.subarray(row * size)];
    for (let at = 0; at < size; at += 1) expect(one[at]).toBeCloseTo(other[at]!, 4);
  });
  // In batches that hold only what was asked for.
  expect(done).toEqual([16, 28]);
  reader.dispose();
  const another = openFeatureReader(network, { mean: [0.3], std: [0.3] }, 3);
  const again = await another.read(pixels, some, view && { ...view, seed: [3, 5] });
  const differs = again.some((value, at) => Math.abs(value - found[at]!) > 1e-3);
  expect(differs).toBe(view !== null);
  another.dispose();
});
