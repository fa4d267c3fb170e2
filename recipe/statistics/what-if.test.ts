/** What-ifs against counting by hand, and suggestions against merging every pair in turn. */
import { describe, expect, test } from 'vitest';
import { classesAfter, figuresAfter, type KeptPredictions, mergeSuggestions } from './what-if.ts';

function finish<T>(work: Generator<undefined, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Reproducible predictions: a linear congruential generator, softened towards the label. */
function some(n: number, classCount: number, seed: number): KeptPredictions {
  let state = seed;
  const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const labels = Array.from({ length: n }, () => Math.floor(uniform() * classCount));
  const probabilities = new Float32Array(n * classCount);
  for (let image = 0; image < n; image += 1) {
    const row = Array.from(
      { length: classCount },
      (_, index) => uniform() ** 2 + (index === labels[image] ? 0.3 : 0),
    );
    const sum = row.reduce((a, b) => a + b, 0);
    row.forEach((value, index) => (probabilities[image * classCount + index] = value / sum));
  }
  return { probabilities, labels, classCount };
}

const four: KeptPredictions = {
  classCount: 3,
  labels: [0, 1, 2, 2],
  probabilities: Float32Array.from([0.4, 0.35, 0.25, 0.5, 0.3, 0.2, 0.1, 0.45, 0.45, 0.2, 0.3, 0.5]),
};

describe('merging and dropping', () => {
  test('without a change are the figures that are there', () => {
    const { count, correct, macroF1, classes } = finish(figuresAfter(four, { merge: [], drop: [] }));
    expect({ count, correct }).toEqual({ count: 4, correct: 2 });
    expect(macroF1).toBeCloseTo((2 / 3 + 0 + 2 / 3) / 3, 12);
    expect(classes.map(({ members, support, recall }) => [members, support, recall])).toEqual([
      [[0], 1, 1],
      [[1], 1, 0],
      [[2], 2, 0.5],
    ]);
  });
  test('sums the probabilities of merged classes', () => {
    const after = finish(figuresAfter(four, { merge: [[1, 0]], drop: [] }));
    // 0.75 against 0.25; 0.8 against 0.2; 0.55 against 0.45, wrong; 0.5 against 0.5, the first of equals, wrong.
    expect(after).toMatchObject({ count: 4, correct: 2, accuracy: 0.5 });
    expect(after.classes.map(({ members, support }) => [members, support])).toEqual([
      [[0, 1], 2],
      [[2], 2],
    ]);
    expect(after.interval.low).toBeCloseTo(0.0676, 4);
  });
  test('leaves the images of dropped classes out', () => {
    const after = finish(figuresAfter(four, { merge: [], drop: [0] }));
    // The second image is right without the class it was taken for; of equals the first is taken.
    expect(after).toMatchObject({ count: 3, correct: 2 });
  });
  test('is refused where it means nothing', () => {
    expect(() => classesAfter(3, { merge: [[0, 3]], drop: [] })).toThrow(RangeError);
    expect(() => classesAfter(3, { merge: [[0, 1]], drop: [1] })).toThrow('each class once');
    expect(() => classesAfter(3, { merge: [[0]], drop: [] })).toThrow('two classes or more to merge');
    expect(() => classesAfter(3, { merge: [[0, 1, 2]], drop: [] })).toThrow('to be left');
    expect(() => finish(figuresAfter({ ...four, classCount: 4 }, { merge: [], drop: [] }))).toThrow('[4, 4]');
  });
});

describe('suggestions', () => {
  test.each([
    [300, 3, 1],
    [400, 5, 2],
    [500, 9, 3],
  ])('of %i images and %i classes are those of merging each pair in turn', (n, classCount, seed) => {
    const kept = some(n, classCount, seed);
    const before = finish(figuresAfter(kept, { merge: [], drop: [] })).correct;
    const all = [];
    for (let a = 0; a < classCount; a += 1)
      for (let b = a + 1; b < classCount; b += 1) {
        const { correct } = finish(figuresAfter(kept, { merge: [[a, b]], drop: [] }));
        if (correct > before) all.push({ classes: [a, b], more: correct - before });
      }
    all.sort((a, b) => b.more - a.more || a.classes[0]! - b.classes[0]! || a.classes[1]! - b.classes[1]!);
    const found = finish(mergeSuggestions(kept, 1000));
    expect(found.map(({ classes, fixed, broken }) => ({ classes, more: fixed - broken }))).toEqual(all);
    for (const { gain, interval } of found) {
      expect(interval.low).toBeLessThan(gain);
      expect(interval.high).toBeGreaterThan(gain);
    }
  });
  test('are none of two classes, and as many as are asked for', () => {
    expect(finish(mergeSuggestions(some(50, 2, 4), 10))).toEqual([]);
    expect(finish(mergeSuggestions(some(300, 9, 5), 2))).toHaveLength(2);
  });
});
