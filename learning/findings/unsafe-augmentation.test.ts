/** A flip that makes b of d is found; a network that is merely unsure is not. */
import { describe, expect, it } from 'vitest';
import { generator } from '#learning/random-numbers.ts';
import { golden } from './golden/golden.ts';
import { atLeast, classTurns } from './unsafe-augmentation.ts';

/** Predictions that are wrong one time in ten, whatever was done. */
function predict(
  labels: Int32Array,
  truth: (label: number) => number,
  seed: number,
  classes: number,
): Int32Array {
  const random = generator(seed);
  return labels.map((label) => (random() < 0.1 ? Math.floor(random() * classes) : truth(label)));
}
const classes = 4;
const labels = Int32Array.from({ length: 400 }, (_, at) => at % classes);

describe('classes that an augmentation turns', () => {
  it('are named both ways, with how many', () => {
    const flip = [1, 0, 2, 3];
    const turns = classTurns(
      labels,
      predict(labels, (label) => label, 1, classes),
      predict(labels, (label) => flip[label]!, 2, classes),
    );
    expect(turns.map(({ from, to }) => [from, to]).sort()).toEqual([
      [0, 1],
      [1, 0],
    ]);
    for (const { images, rate, turned, turnedBack, p } of turns) {
      expect(images).toBe(100);
      expect(rate).toBeGreaterThan(0.7);
      expect(rate).toBe((turned - turnedBack) / 100);
      expect(p).toBeLessThan(1e-10);
    }
  });

  it('are seldom found where errors are only as many as before', () => {
    let found = 0;
    for (let seed = 0; seed < 200; seed++) {
      const predictions = [2 * seed, 2 * seed + 1].map((own) =>
        predict(labels, (label) => label, own, classes),
      );
      if (classTurns(labels, predictions[0]!, predictions[1]!, { least: 0 }).length > 0) found++;
    }
    // At 5 % 10 are expected at most; more than 20 come once in a thousand.
    expect(found).toBeLessThanOrEqual(20);
  });

  it('need to be more than a few', () => {
    const plain = labels.slice();
    const changed = labels.slice();
    for (let at = 0; at < 40; at += 4) changed[at] = 1;
    expect(
      classTurns(labels, plain, changed).map(({ from, to, turned, rate }) => [from, to, turned, rate]),
    ).toEqual([[0, 1, 10, 0.1]]);
    expect(classTurns(labels, plain, changed, { least: 0.2 })).toEqual([]);
    expect(classTurns([], [], [])).toEqual([]);
    expect(() => classTurns([0, 1], [0], [0, 1])).toThrow(
      'Expected predictions of 2 images, received 1 and 2',
    );
  });

  it("have the p of SciPy's binomial test", () => {
    for (const { successes, trials, p } of golden.binomial)
      expect(atLeast(successes, trials) / p).toBeCloseTo(1, 9);
    expect(atLeast(0, 5)).toBe(1);
  });
});
