/** Who judges labels where: a run of what it was evaluated on, a head where there is enough, else the nearest; on the real TensorFlow. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findLabelErrors } from '#learning/label-errors/label-errors.ts';
import { generator, normal } from '#learning/random-numbers.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { judgeByRun, judgeByVectors, labelled } from './label-judge.ts';
import type { Vectors } from './vectors.ts';

let engine: Engine;
beforeAll(async () => void (engine = await openEngine()));
afterAll(() => engine.close());

const size = 8;
/** Class ids 4 and 9 in turn, around a corner each. */
function made(count: number): { vectors: Vectors; classOf: Int32Array; groups: Int32Array } {
  const draw = normal(generator(3));
  const values = Float32Array.from(
    { length: count * size },
    (_, at) => (at % size === Math.floor(at / size) % 2 ? 1 : 0) + 0.15 * draw(),
  );
  const places = Int32Array.from({ length: count }, (_, place) => place);
  return {
    vectors: { size, places, values } as Vectors,
    classOf: places.map((place) => (place % 2 === 0 ? 4 : 9)),
    groups: places,
  };
}

test('classes with too few images are left out, and what has none', () => {
  const found = labelled(Int32Array.of(3, 3, 7, 0, -1, 3), Int32Array.of(0, 1, 2, 3, 4, 5), 2);
  expect(found).toEqual({ places: Int32Array.of(0, 1, 5), labels: Int32Array.of(0, 0, 0), classIds: [3] });
});

test('a head out of fold, with the nearest, finds labels that were flipped', async () => {
  const { vectors, classOf, groups } = made(60);
  let folds = 0;
  const judge = (await judgeByVectors(vectors, 'Quick 1', classOf, groups, () => void (folds += 1)))!;
  expect(judge.evidence).toEqual({ by: 'head', folds: 5, neighbours: 15, embeddingRun: 'Quick 1' });
  expect(judge.classIds).toEqual([4, 9]);
  const flipped = judge.labels.slice();
  flipped[10] = 1;
  const predicted = await judge.judge(flipped);
  expect(folds).toBe(5);
  expect(findLabelErrors(predicted).map(({ place }) => place)).toEqual([10]);
  // Of images that are changed the same head says what it says of their own fold.
  const same = judge.head!.featuresOf(vectors.values.slice(0, 3 * size));
  const [all, some] = await judge.head!.judgeChanged([same], Int32Array.of(0, 1, 2));
  expect([...some!]).toEqual([...all!.subarray(0, 6)].map((value) => expect.closeTo(value, 5) as number));
  same.dispose();
  judge.dispose();
});

test('of few images the nearest vote, and of one class nobody says anything', async () => {
  const { vectors, classOf, groups } = made(12);
  const judge = (await judgeByVectors(vectors, null, classOf, groups, () => undefined))!;
  expect(judge.evidence).toEqual({ by: 'neighbours', count: 11, embeddingRun: null });
  expect(judge.head).toBeNull();
  const one = classOf.map(() => 4);
  expect(await judgeByVectors(vectors, null, one, groups, () => undefined)).toBeNull();
});

test('a run judges the images that it was evaluated on and whose class it answers with', async () => {
  const evidence = { by: 'run', runId: 'run-1', name: 'Quick 1' } as const;
  const said = {
    // One is gone; one has a class by now that the run does not know.
    places: Int32Array.of(3, -1, 0, 2),
    probabilities: Float32Array.of(0.9, 0.1, 0.5, 0.5, 0.2, 0.8, 0.3, 0.7),
    classIds: [4, 9],
  };
  const judge = judgeByRun(evidence, said, Int32Array.of(9, 4, 5, 4))!;
  expect([...judge.places]).toEqual([0, 3]);
  expect([...judge.labels]).toEqual([1, 0]);
  const { probabilities } = await judge.judge(judge.labels);
  expect([...probabilities]).toEqual([0.2, 0.8, 0.9, 0.1].map((value) => expect.closeTo(value, 6) as number));
  expect(judgeByRun(evidence, said, Int32Array.of(5, 5, 5, 5))).toBeNull();
});
