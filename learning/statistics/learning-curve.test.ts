/** Power laws against SciPy's least squares (bench/peers/golden_learning_statistics.py), and what is told of more images. */
import { describe, expect, test } from 'vitest';
import { generator } from '../random-numbers.ts';
import golden from './golden.json';
import {
  accuracyWith,
  fitLearningCurve,
  gainWith,
  imagesForGain,
  learningPoints,
  type LearningPoint,
} from './learning-curve.ts';
import { accuracyOf, nearestPowerLaw, type PowerLaw } from './power-law.ts';

const law: PowerLaw = { asymptote: 0.95, scale: 2, exponent: 0.5 };

/** Trainings of a law: with chance, as many are right as a coin for each image says. */
function pointsOf(of: PowerLaw, sizes: readonly number[], tested: number, seed?: number): LearningPoint[] {
  const uniform = generator(seed ?? 0);
  return sizes.map((images) => {
    const accuracy = accuracyOf(of, images);
    if (seed === undefined) return { images, tested, correct: accuracy * tested };
    let correct = 0;
    for (let image = 0; image < tested; image += 1) correct += Number(uniform() < accuracy);
    return { images, tested, correct };
  });
}
const sizes = [100, 200, 400, 800, 1600, 3200];

describe('the nearest power law', () => {
  test.each(golden.powerLaws)(
    'of $images is SciPy’s',
    ({ images, accuracies, weights, error, ...wanted }) => {
      const found = nearestPowerLaw(images, accuracies, weights);
      const own = images.reduce(
        (sum, n, at) => sum + weights[at]! * (accuracyOf(found, n) - accuracies[at]!) ** 2,
        0,
      );
      expect(own).toBeLessThanOrEqual(error * (1 + 1e-9) + 1e-15);
      for (const n of [...images, 4 * images.at(-1)!])
        expect(accuracyOf(found, n)).toBeCloseTo(accuracyOf(wanted, n), 5);
    },
  );
  test('of points on a law is that law', () => {
    for (const own of [
      law,
      { asymptote: 1, scale: 5, exponent: 0.9 },
      { asymptote: 0.7, scale: 0.4, exponent: 0.2 },
    ]) {
      const found = nearestPowerLaw(
        sizes,
        sizes.map((n) => accuracyOf(own, n)),
        sizes.map(() => 1),
      );
      expect(found.asymptote).toBeCloseTo(own.asymptote, 6);
      expect(found.exponent).toBeCloseTo(own.exponent, 5);
      expect(found.scale).toBeCloseTo(own.scale, 4);
    }
  });
  test('never falls with more images, and never exceeds 1', () => {
    const falling = nearestPowerLaw([100, 200, 400, 800], [0.9, 0.8, 0.7, 0.6], [1, 1, 1, 1]);
    expect(falling.scale).toBe(0);
    expect(accuracyOf(falling, 10)).toBeCloseTo(0.75, 12);
    const steep = nearestPowerLaw([100, 200, 400, 800], [0.1, 0.3, 0.5, 0.7], [1, 1, 1, 1]);
    expect(steep.asymptote).toBe(1);
  });
});

describe('a learning curve', () => {
  test('says how many more images two points take, with an interval that holds the truth', () => {
    const curve = fitLearningCurve(pointsOf(law, sizes, 20_000, 1))!;
    const wanted = (2 / (0.95 - accuracyOf(law, 3200) - 0.02)) ** 2 - 3200;
    const found = imagesForGain(curve, 0.02)!;
    expect(found.low).toBeLessThan(wanted);
    expect(found.high).toBeGreaterThan(wanted);
    expect(found.low).toBeLessThanOrEqual(found.more);
    expect(found.high).toBeGreaterThanOrEqual(found.more);
    expect(imagesForGain(fitLearningCurve(pointsOf(law, sizes, 1e9))!, 0.02)!.more).toBeCloseTo(wanted, -1);
  });
  test('says what twice as many images gain, as sure as the accuracy is then', () => {
    const curve = fitLearningCurve(pointsOf(law, sizes, 2000, 3))!;
    const { value, low, high } = gainWith(curve, 6400);
    const wanted = accuracyOf(law, 6400) - accuracyOf(law, 3200);
    expect([low < wanted, high > wanted]).toEqual([true, true]);
    const [now, then] = [accuracyWith(curve, 3200), accuracyWith(curve, 6400)];
    expect(value).toBeCloseTo(then.value - now.value, 12);
    expect(high - low).toBeCloseTo(then.high - then.low, 12);
  });
  test('says nothing where it cannot be told', () => {
    // Beyond the asymptote; flat; farther than may be spoken of; a few images tested; too few sizes.
    expect(imagesForGain(fitLearningCurve(pointsOf(law, sizes, 1e7))!, 0.04)).toBeNull();
    expect(imagesForGain(fitLearningCurve(pointsOf({ ...law, scale: 0 }, sizes, 1000))!, 0.02)).toBeNull();
    expect(
      imagesForGain(fitLearningCurve(pointsOf({ ...law, exponent: 0.2, scale: 1 }, sizes, 1e9))!, 0.1),
    ).toBeNull();
    const few = imagesForGain(fitLearningCurve(pointsOf(law, sizes, 60))!, 0.02);
    expect(few === null || few.high === null).toBe(true);
    expect(fitLearningCurve(pointsOf(law, [100, 100, 200, 400], 1000))).toBeNull();
    expect(fitLearningCurve([])).toBeNull();
  });
  test('passes over points that nothing was tested of', () => {
    const points = pointsOf(law, sizes, 1000);
    const more = [...points, { images: 50, tested: 0, correct: 0 }, { images: 0, tested: 10, correct: 1 }];
    expect(fitLearningCurve(more)).toEqual(fitLearningCurve(points));
  });
  test('all right or all wrong everywhere is a flat curve', () => {
    for (const share of [0, 1]) {
      const points = sizes.map((images) => ({ images, tested: 100, correct: 100 * share }));
      const { value, low, high } = accuracyWith(fitLearningCurve(points)!, 6400);
      expect(value).toBeCloseTo(share, 9);
      expect(high - low).toBeLessThan(0.15);
      expect(imagesForGain(fitLearningCurve(points)!, 0.02)).toBeNull();
    }
  });
  test('intervals of twice as many images hold the truth about 95 times of 100', () => {
    let held = 0;
    const repeats = 100;
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      const points = pointsOf(law, [...sizes, ...sizes], 1000, 10 + repeat);
      const { low, high } = accuracyWith(fitLearningCurve(points, { draws: 100 })!, 6400);
      held += Number(low <= accuracyOf(law, 6400) && accuracyOf(law, 6400) <= high);
    }
    expect(held).toBeGreaterThanOrEqual(88);
  });
  test('overall and of each class come from the same trainings', () => {
    const { overall, classes } = learningPoints([
      {
        classImages: [30, 10],
        confusion: [
          [8, 2],
          [3, 7],
        ],
      },
      {
        classImages: [60, 20],
        confusion: [
          [9, 1],
          [2, 8],
        ],
      },
    ]);
    expect(overall).toEqual([
      { images: 40, tested: 20, correct: 15 },
      { images: 80, tested: 20, correct: 17 },
    ]);
    expect(classes[1]).toEqual([
      { images: 10, tested: 10, correct: 7 },
      { images: 20, tested: 10, correct: 8 },
    ]);
    expect(learningPoints([])).toEqual({ overall: [], classes: [] });
  });
});
