/**
 * What a cross-validation says: a mean and how sure it is. Over seeds Student's t; over folds with the correction of
 * Nadeau and Bengio (2003), because trainings that share most of their images vary less than new ones would. Where all agree exactly there is no spread to
 * go by, and the exact interval of the images together stands in its place.
 */
import type { StudySummary } from '#contract/study.ts';
import { objective } from '#recipe/metrics/index.ts';
import { clopperPearsonInterval } from '#recipe/statistics/binomial.ts';
import { studentQuantile } from './student.ts';

/** A finished trial. */
export interface Scored {
  /** From 1; null where the project's own split is kept. */
  fold: number | null;
  seed: number;
  score: number;
}

const confidence = 0.95;

/**
 * null where no trial has finished. Several seeds train on the same folds, so a fold's scores are averaged first
 * and mean and interval count folds, not trials: a fold that more seeds have finished weighs no more. The deviation is
 * that of the trials.
 * @param folds how many there are; null where only the seed varies
 * @param imagesOf how many different images these folds validate on; null where that is not known. Asked for where trainings agree exactly
 */
export function summariseScores(
  trials: readonly Scored[],
  folds: number | null,
  imagesOf: (folds: ReadonlySet<number>) => number | null = () => null,
): StudySummary | null {
  if (trials.length === 0) return null;
  const scores = trials.map(({ score }) => score);
  const { deviation } = describe(scores);
  const seedMeans = folds === null ? [] : wholeSeeds(trials, folds);
  const several = seedMeans.length > 1 ? describe(seedMeans) : null;
  const means = folds === null ? scores : foldMeans(trials);
  const images = () => imagesOf(new Set(trials.map(({ fold }) => fold ?? 0)));
  // Each fold is tested on one part and trained on the others.
  const shared = folds === null ? 0 : 1 / (folds - 1);
  return {
    count: scores.length,
    mean: describe(means).mean,
    deviation,
    interval: agreeing(means) ? pooledInterval(means[0]!, images()) : studentInterval(means, shared),
    overSeeds: several && {
      count: seedMeans.length,
      mean: several.mean,
      deviation: several.deviation!,
      interval: agreeing(seedMeans) ? pooledInterval(several.mean, images()) : studentInterval(seedMeans, 0),
    },
  };
}

/** Whether there is no spread at all, but for rounding: an interval by it would be a point, which no few images can promise. */
const agreeing = (values: readonly number[]): boolean =>
  values.length > 1 && Math.max(...values) - Math.min(...values) < 1e-12;

/** The exact interval (Clopper and Pearson) of what all images together say, each counted once; null where they are not known. */
const pooledInterval = (share: number, images: number | null): StudySummary['interval'] =>
  images === null ? null : clopperPearsonInterval(Math.round(share * images), images);

const foldMeans = (trials: readonly Scored[]) => [...groupMeans(trials, ({ fold }) => fold ?? 0).values()];

/** Means of the seeds whose folds have all finished; others would be of other images. */
function wholeSeeds(trials: readonly Scored[], folds: number): number[] {
  const whole = trials.filter(
    ({ seed }) =>
      new Set(trials.filter((other) => other.seed === seed).map(({ fold }) => fold)).size === folds,
  );
  return [...groupMeans(whole, ({ seed }) => seed).values()];
}

function groupMeans(trials: readonly Scored[], keyOf: (trial: Scored) => number): Map<number, number> {
  const groups = new Map<number, number[]>();
  for (const trial of trials) {
    const key = keyOf(trial);
    groups.set(key, [...(groups.get(key) ?? []), trial.score]);
  }
  return new Map([...groups].map(([key, scores]) => [key, describe(scores).mean]));
}

/** Mean and sample deviation; the latter null for one value. */
function describe(values: readonly number[]): { mean: number; deviation: number | null } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, deviation: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/**
 * mean ± t · √(variance · (1/n + shared)), cut to what the objective can be; null for one value.
 * @param shared test images over training images where trainings share images, else 0
 */
export function studentInterval(values: readonly number[], shared: number): StudySummary['interval'] {
  const { mean, deviation } = describe(values);
  if (deviation === null) return null;
  const t = studentQuantile((1 + confidence) / 2, values.length - 1);
  const half = t * deviation * Math.sqrt(1 / values.length + shared);
  const [least, greatest] = objective.range;
  return { low: Math.max(least, mean - half), high: Math.min(greatest, mean + half) };
}
