/**
 * "Are there enough images?": accuracy against the number of training images, as a power law that was fitted to some
 * trainings, how sure it is, and how many more images a gain would take. Overall and of each class alike. Which trainings
 * there are is the caller's.
 */
import { countsOf } from '#recipe/metrics/counts.ts';
import { generator, normal } from '../random-numbers.ts';
import { finish, type Work } from '../work-in-turns.ts';
import { accuracyOf, nearestPowerLaw, type PowerLaw } from './power-law.ts';

/** One training. */
export interface LearningPoint {
  /** Images that it was trained on; of a class: its images among them. Above 0. */
  images: number;
  /** Images of the evaluation (of the class), and those answered right. */
  tested: number;
  correct: number;
}

export interface LearningCurve {
  law: PowerLaw;
  /** Laws of points drawn again around this one: what else the points could have said. */
  others: readonly PowerLaw[];
  /** Least and most images of a training. */
  from: number;
  to: number;
}

export interface Estimate {
  value: number;
  /** At 95 %. */
  low: number;
  high: number;
}

export interface MoreImages {
  /** Images beyond those of the largest training. */
  more: number;
  /** At 95 %; null: no end can be told, more than `farthest` times as many images. */
  low: number;
  high: number | null;
}

/** Three numbers are fitted: fewer sizes than this always lie on a curve, whatever they are. */
const fewestSizes = 4;
/** How many times as many images as were ever trained on are spoken of: what lies beyond is a guess. */
export const farthest = 20;

/** What trainings say of all images and of each class. @param confusion of its evaluation, [actual][predicted] */
export function learningPoints(
  trainings: readonly { classImages: readonly number[]; confusion: readonly (readonly number[])[] }[],
): { overall: LearningPoint[]; classes: LearningPoint[][] } {
  const counted = trainings.map(({ classImages, confusion }) => ({ classImages, ...countsOf(confusion) }));
  return {
    overall: counted.map(({ classImages, count, correct }) => ({
      images: classImages.reduce((sum, images) => sum + images, 0),
      tested: count,
      correct,
    })),
    classes: (counted[0]?.classImages ?? []).map((_, index) =>
      counted.map(({ classImages, classes }) => ({
        images: classImages[index]!,
        tested: classes[index]!.support,
        correct: classes[index]!.hits,
      })),
    ),
  };
}

/**
 * Points that nothing was tested of, or that had no images, are passed over. How far points drawn again lie from the law is
 * what is due to the number of images tested, or, where these points are farther apart (trainings differ by chance too), what
 * they show, which few points show only about: as Student's t has it.
 * @returns null where there are fewer than four sizes
 */
export const fitLearningCurve = (
  points: readonly LearningPoint[],
  options: { draws?: number; seed?: number } = {},
): LearningCurve | null => finish(fittingLearningCurve(points, options));

/** The same, to be done in turns with other work. */
export function* fittingLearningCurve(
  points: readonly LearningPoint[],
  { draws = 500, seed = 0 }: { draws?: number; seed?: number } = {},
): Work<LearningCurve | null> {
  const known = points.filter(({ images, tested }) => images > 0 && tested > 0);
  const images = known.map((point) => point.images);
  if (new Set(images).size < fewestSizes) return null;
  const accuracies = known.map(({ correct, tested }) => correct / tested);
  const first = nearestPowerLaw(
    images,
    accuracies,
    known.map(({ tested }) => tested),
  );
  // By what the first fit says of each: an accuracy that is high by chance must not weigh more for it.
  const variances = known.map((point) => variance(accuracyOf(first, point.images), point.tested));
  const weights = variances.map((value) => 1 / value);
  const law = nearestPowerLaw(images, accuracies, weights);
  const misfit = known.reduce(
    (sum, point, at) => sum + weights[at]! * (accuracies[at]! - accuracyOf(law, point.images)) ** 2,
    0,
  );
  const draw = normal(generator(seed, draws));
  const freedom = Math.max(1, known.length - 3);
  const spreadOf = () => (misfit <= freedom ? 1 : Math.max(1, misfit / chiSquare(draw, freedom)));
  const others: PowerLaw[] = [];
  while (others.length < draws) {
    const spread = spreadOf();
    const drawn = known.map((point, at) =>
      Math.min(1, Math.max(0, accuracyOf(law, point.images) + draw() * Math.sqrt(variances[at]! * spread))),
    );
    others.push(nearestPowerLaw(images, drawn, weights));
    yield;
  }
  return { law, others, from: Math.min(...images), to: Math.max(...images) };
}

const chiSquare = (draw: () => number, freedom: number): number => {
  let sum = 0;
  for (let one = 0; one < freedom; one += 1) sum += draw() ** 2;
  return sum;
};

/** Of a share that was counted over so many images; never none, though all or none were right. */
function variance(share: number, tested: number): number {
  const smoothed = (Math.min(1, Math.max(0, share)) * tested + 1) / (tested + 2);
  return (smoothed * (1 - smoothed)) / tested;
}

/** Accuracy after a training on so many images. */
export function accuracyWith({ law, others }: LearningCurve, images: number): Estimate {
  const sorted = Float64Array.from(others, (other) => accuracyOf(other, images)).sort();
  const value = accuracyOf(law, images);
  // At the end of what is possible, laws drawn again all lie to one side of it.
  return { value, low: Math.min(value, ranked(sorted, 0.025)), high: Math.max(value, ranked(sorted, 0.975)) };
}

/**
 * How much higher the accuracy is than the law has it with the images of the largest training. As uncertain as the accuracy itself: a law never
 * falls, but a class may lose what others gain, and the difference of two points of one law hides that (docs/results.md has what held).
 */
export function gainWith(curve: LearningCurve, images: number): Estimate {
  const now = accuracyOf(curve.law, curve.to);
  const { value, low, high } = accuracyWith(curve, images);
  return { value: value - now, low: low - now, high: high - now };
}

/**
 * How many more images than the largest training had it takes to gain so much.
 * @param gain of the accuracy, above 0: 0.02 for two points
 * @returns null where it cannot be told: the law, or half of what else the points could have said, does not reach it within
 *   `farthest` times as many images
 */
export function imagesForGain({ law, others, to }: LearningCurve, gain: number): MoreImages | null {
  const limit = farthest * to;
  const needed = (one: PowerLaw) => {
    const left = one.asymptote - accuracyOf(one, to) - gain;
    const images = left > 0 ? (one.scale / left) ** (1 / one.exponent) : Infinity;
    return images <= limit ? images : Infinity;
  };
  const value = needed(law);
  const sorted = Float64Array.from(others, needed).sort();
  if (value === Infinity || ranked(sorted, 0.5) === Infinity) return null;
  const high = ranked(sorted, 0.975);
  return {
    more: Math.ceil(value - to),
    low: Math.ceil(Math.min(value, ranked(sorted, 0.025)) - to),
    high: high === Infinity ? null : Math.ceil(Math.max(value, high) - to),
  };
}

/** The value that this share of the rising ones is at most; not between two, as one may be infinite. */
const ranked = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
