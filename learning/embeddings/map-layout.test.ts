/** Maps of made embeddings, on the real TensorFlow: what is alike lies together, and the same table gives the same map. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { generator, normal } from '#learning/random-numbers.ts';
import { mapLayout, type MapStep } from './map-layout.ts';
import { principalComponents } from './principal-components.ts';
import { VectorTable } from './vector-table.ts';

let engine: Engine;
beforeAll(async () => void (engine = await openEngine()));
afterAll(() => engine.close());

const size = 16;
const clusters = 4;

/** Around as many centres as there are clusters, one after another in turn. */
function made(count: number, spread = 0.2): VectorTable {
  const centre = normal(generator(3));
  const centres = Array.from({ length: clusters * size }, centre);
  const noise = normal(generator(4));
  const values = Float32Array.from(
    { length: count * size },
    (_, at) => centres[(Math.floor(at / size) % clusters) * size + (at % size)]! + spread * noise(),
  );
  const table = new VectorTable(size);
  table.append(values);
  return table;
}

/** Share of images whose nearest one on the map is of their cluster. */
function together(coordinates: Float32Array): number {
  const count = coordinates.length / 2;
  let same = 0;
  for (let at = 0; at < count; at += 1) {
    let nearest = -1;
    let least = Infinity;
    for (let other = 0; other < count; other += 1) {
      const [x, y] = [0, 1].map((axis) => coordinates[2 * at + axis]! - coordinates[2 * other + axis]!);
      const square = x! * x! + y! * y!;
      if (other === at || square >= least) continue;
      least = square;
      nearest = other;
    }
    if (nearest % clusters === at % clusters) same += 1;
  }
  return same / count;
}

const never = new AbortController().signal;
const quiet = () => undefined;

test('what is alike lies together, and the same table and seed give the same map', async () => {
  const table = made(240);
  const steps = new Map<MapStep, number>();
  const { coordinates, laidOut } = await mapLayout(
    table,
    1,
    (step, done, total) => steps.set(step, done / total),
    never,
  );
  expect([coordinates.length, laidOut]).toEqual([480, 240]);
  expect(together(coordinates)).toBe(1);
  expect([...steps]).toEqual([
    ['comparing', 1],
    ['laying out', 1],
  ]);
  const again = await mapLayout(table, 1, quiet, never);
  expect(again.coordinates).toEqual(coordinates);
  const other = await mapLayout(table, 2, quiet, never);
  expect(other.coordinates).not.toEqual(coordinates);
  table.dispose();
});

test('of many, some are laid out and the others lie among those that they are like', async () => {
  const table = made(400);
  const { coordinates, laidOut } = await mapLayout(table, 1, quiet, never, 150);
  expect(laidOut).toBe(150);
  expect(coordinates.every(Number.isFinite)).toBe(true);
  expect(together(coordinates)).toBeGreaterThan(0.98);
  table.dispose();
});

test('images that are all the same have places too, and too few are refused', async () => {
  const same = new VectorTable(size);
  same.append(new Float32Array(20 * size).fill(1));
  const { coordinates } = await mapLayout(same, 1, quiet, never);
  expect(coordinates.every(Number.isFinite)).toBe(true);
  same.dispose();
  const eight = made(8);
  expect((await mapLayout(eight, 1, quiet, never)).coordinates).toHaveLength(16);
  eight.dispose();
  const few = made(7);
  await expect(mapLayout(few, 1, quiet, never)).rejects.toMatchObject({ code: 'NOT_ENOUGH_DATA' });
  few.dispose();
});

test('a cancel is heard at each step', async () => {
  const table = made(60);
  for (const at of ['comparing', 'laying out', 'placing'] as const) {
    const controller = new AbortController();
    const cancelled = mapLayout(
      table,
      1,
      (step) => step === at && controller.abort(),
      controller.signal,
      at === 'placing' ? 30 : 60,
    );
    await expect(cancelled, at).rejects.toMatchObject({ code: 'CANCELLED' });
  }
  table.dispose();
});

test('principal components are those of the covariance: uncorrelated, the widest first', async () => {
  const table = made(300, 0.5);
  const scores = await principalComponents(table);
  const mean = (value: (at: number) => number) => {
    let sum = 0;
    for (let at = 0; at < 300; at += 1) sum += value(at);
    return sum / 300;
  };
  const [x, y] = [(at: number) => scores[2 * at]!, (at: number) => scores[2 * at + 1]!];
  expect(mean(x)).toBeCloseTo(0, 4);
  expect(mean(y)).toBeCloseTo(0, 4);
  const [xx, yy, xy] = [mean((at) => x(at) ** 2), mean((at) => y(at) ** 2), mean((at) => x(at) * y(at))];
  expect(xx).toBeGreaterThan(yy);
  expect(Math.abs(xy)).toBeLessThan(1e-3 * yy);
  // No direction is wider than the first: tried on the plain axes of the embeddings.
  const values = await table.gather(Array.from({ length: 300 }, (_, at) => at)).data();
  for (let axis = 0; axis < size; axis += 1) {
    const own = (at: number) => values[at * size + axis]!;
    const centre = mean(own);
    expect(mean((at) => (own(at) - centre) ** 2)).toBeLessThanOrEqual(xx * 1.0001);
  }
  table.dispose();
});
