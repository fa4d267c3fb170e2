/** Embeddings in memory, the head and its suggestions, on the real TensorFlow. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { nearestOthers } from './nearest-others.ts';
import { Suggester, leftOut, unlabelled } from './suggester.ts';
import { largest, normaliseRows, VectorTable } from './vector-table.ts';

let engine: Engine;
beforeAll(async () => void (engine = await openEngine()));
afterAll(() => engine.close());

const size = 24;
/** Reproducible noise in [-1, 1). */
const noise = (seed: number) => ((((Math.sin(seed * 12.9898) * 43758.5453) % 1) + 1) % 1) * 2 - 1;

/** `count` embeddings around as many centres as there are classes, class after class in turn. */
function clusters(count: number, classes: number, spread = 0.3): Float32Array {
  const values = new Float32Array(count * size);
  for (let row = 0; row < count; row += 1)
    for (let at = 0; at < size; at += 1)
      values[row * size + at] = noise(1000 + (row % classes) * size + at) + spread * noise(row * size + at);
  return values;
}

const cosine = (values: Float32Array, a: number, b: number): number => {
  const own = values.slice();
  normaliseRows(own, size);
  let sum = 0;
  for (let at = 0; at < size; at += 1) sum += own[a * size + at]! * own[b * size + at]!;
  return sum;
};

function open(values: Float32Array): Suggester {
  const table = new VectorTable(size);
  table.append(values.slice());
  return new Suggester(table);
}

test('the largest are found, in order, as by sorting', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -20, max: 20 })),
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 1, max: 4 }),
      (values, count, divisor) => {
        const keep = (place: number) => place % divisor === 0;
        const sorted = [...values.keys()]
          .filter(keep)
          .sort((a, b) => values[b]! - values[a]! || a - b)
          .slice(0, count);
        expect(largest(values, count, keep)).toEqual(sorted);
      },
    ),
  );
});

test('neighbours are those of the highest cosine, across blocks', async () => {
  const values = clusters(40, 4);
  const table = new VectorTable(size);
  // In several pieces, as they are computed.
  table.append(values.slice(0, 7 * size));
  table.append(values.slice(7 * size, 8 * size));
  table.append(values.slice(8 * size));
  const suggester = new Suggester(table);
  for (const place of [0, 7, 39]) {
    const expected = [...Array(40).keys()]
      .filter((other) => other !== place)
      .sort((a, b) => cosine(values, place, b) - cosine(values, place, a))
      .slice(0, 5);
    const found = await suggester.neighbours(place, 5);
    expect(found.map((each) => each.place)).toEqual(expected);
    for (const each of found) expect(each.similarity).toBeCloseTo(cosine(values, place, each.place), 5);
  }
  expect(await suggester.neighbours(0, 100)).toHaveLength(39);
});

test('an embedding of zeros is like none, and spoils nothing', async () => {
  const values = clusters(6, 2);
  values.fill(0, 0, size);
  const found = await open(values).neighbours(1, 5);
  expect(found.find(({ place }) => place === 0)).toEqual({ place: 0, similarity: 0 });
  expect(found.every(({ similarity }) => Number.isFinite(similarity))).toBe(true);
});

describe('suggestions', () => {
  const count = 90;
  const classes = [11, 22, 33];
  const truth = (place: number) => classes[place % 3]!;

  test('stand once two classes have labels, follow new classes, and are right on clusters', async () => {
    const suggester = open(clusters(count, 3));
    suggester.label([0, 3], [11, 11]);
    await suggester.learn();
    expect(suggester.ready).toBe(false);
    expect((await suggester.list('certain', null, 0, 3)).suggestions[0]).toMatchObject({ classId: null });

    suggester.label([1], [22]);
    await suggester.learn();
    expect(suggester.ready).toBe(true);
    suggester.label([2], [33]);
    await suggester.learn();
    const { total, suggestions } = await suggester.list('certain', null, 0, 1000);
    expect(total).toBe(count - 4);
    for (const { place, classId } of suggestions) expect(classId).toBe(truth(place));
    const certainties = suggestions.map(({ certainty }) => certainty);
    expect(certainties).toEqual([...certainties].sort((a, b) => b - a));
    expect(Object.fromEntries(suggester.counts())).toEqual({ 11: 28, 22: 29, 33: 29 });
    const own = await suggester.list('certain', 22, 5, 10);
    expect(own.total).toBe(29);
    expect(own.suggestions).toHaveLength(10);
    expect(own.suggestions.every(({ classId }) => classId === 22)).toBe(true);
  });

  test('say of new labels whether they were right, once', async () => {
    const suggester = open(clusters(count, 3));
    suggester.label([0, 1], [11, 22]);
    await suggester.learn();
    expect(suggester.label([3, 4], [11, 11])).toEqual([
      { place: 3, right: true },
      { place: 4, right: false },
    ]);
    // Labelled before, taken back, or left out: nothing was suggested.
    expect(suggester.label([3, 4], [22, unlabelled])).toEqual([]);
    expect(suggester.label([5], [leftOut])).toEqual([]);
    await suggester.learn();
    expect((await suggester.list('certain', null, 0, 1000)).total).toBe(count - 4);
  });

  test('a label that is taken back leaves nothing behind', async () => {
    const values = clusters(count, 3, 0.9);
    const [once, twice] = [open(values), open(values)];
    for (const suggester of [once, twice]) {
      suggester.label([0, 1, 2], [11, 22, 33]);
      await suggester.learn();
    }
    await twice.list('useful', null, 0, 1);
    twice.label([6, 7], [33, 33]);
    await twice.learn();
    await twice.list('useful', null, 0, 1);
    twice.label([6, 7], [unlabelled, unlabelled]);
    await twice.learn();
    const places = async (suggester: Suggester) =>
      (await suggester.list('useful', null, 0, 1000)).suggestions.map(({ place }) => place);
    const [a, b] = [await places(once), await places(twice)];
    expect([...b].sort()).toEqual([...a].sort());
    // But for where the solver stopped.
    expect(b.slice(0, 3)).toEqual(a.slice(0, 3));
  });

  test('the most useful is of a class that has no label yet, and like no labelled one', async () => {
    const suggester = open(clusters(count, 3, 0.1));
    suggester.label([0, 1], [11, 22]);
    await suggester.learn();
    const { suggestions } = await suggester.list('useful', null, 0, 20);
    for (const { place } of suggestions) expect(truth(place)).toBe(33);
  });

  test('similar ones are ordered by cosine, and come without labelled images', async () => {
    const values = clusters(count, 3);
    const suggester = open(values);
    suggester.label([3], [11]);
    const { suggestions } = await suggester.list({ similarTo: 0 }, null, 0, 5);
    const expected = [...Array(count).keys()]
      .filter((place) => place !== 0 && place !== 3)
      .sort((a, b) => cosine(values, 0, b) - cosine(values, 0, a))
      .slice(0, 5);
    expect(suggestions.map(({ place }) => place)).toEqual(expected);
    expect(suggestions[0]!.similarity).toBeCloseTo(cosine(values, 0, expected[0]!), 5);
  });

  test('what is appended later is suggested for, too', async () => {
    const values = clusters(count, 3);
    const table = new VectorTable(size);
    table.append(values.slice(0, 30 * size));
    const suggester = new Suggester(table);
    suggester.label([0, 1, 2], classes);
    await suggester.learn();
    await suggester.list('useful', null, 0, 1);
    table.append(values.slice(30 * size));
    suggester.grow();
    await suggester.learn();
    const { total, suggestions } = await suggester.list('useful', null, 0, 1000);
    expect(total).toBe(count - 3);
    for (const { place, classId } of suggestions) expect(classId).toBe(truth(place));
  });

  test('of very many labels some are learned from', async () => {
    const many = 4000;
    const suggester = open(clusters(many, 3));
    const labelled = [...Array(many - 10).keys()];
    suggester.label(labelled, labelled.map(truth));
    await suggester.learn();
    const { suggestions } = await suggester.list('certain', null, 0, 100);
    expect(suggestions).toHaveLength(10);
    for (const { place, classId } of suggestions) expect(classId).toBe(truth(place));
  });
});

test('the nearest others of all are those of each', async () => {
  const values = clusters(150, 5);
  const table = new VectorTable(size);
  table.append(values.slice());
  const { places, cosines } = await nearestOthers(table, 3);
  for (const place of [0, 63, 64, 149]) {
    const own = [...values.keys()].slice(0, 150).filter((other) => other !== place);
    const sorted = own.sort((a, b) => cosine(values, place, b) - cosine(values, place, a)).slice(0, 3);
    expect([...places.subarray(place * 3, place * 3 + 3)]).toEqual(sorted);
    expect(cosines[place * 3]).toBeCloseTo(cosine(values, place, sorted[0]!), 5);
  }
  table.dispose();
  const few = new VectorTable(size);
  few.append(values.slice(0, 2 * size));
  expect([...(await nearestOthers(few, 2)).places]).toEqual([1, -1, 0, -1]);
  few.dispose();
});
