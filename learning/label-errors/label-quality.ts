/**
 * How well each label fits what models say of its image: three scores, less being more suspect (Kuan and Mueller 2022;
 * cleanlab's get_label_quality_scores). Whether a label counts as an error is label-errors.ts.
 */
import { checkPredicted, type Predicted, sameProbability } from './confident-joint.ts';

/**
 * `self-confidence`: the probability of the given class; `normalised-margin`: its lead over the most probable other class, from 0
 * to 1; `confidence-weighted-entropy`: the entropy over the probability of the given class, from 0 to 1.
 */
export const qualityScores = ['self-confidence', 'normalised-margin', 'confidence-weighted-entropy'] as const;
export type QualityScore = (typeof qualityScores)[number];

/** @returns float64 [images]. @throws BAD_REQUEST as checkPredicted */
export function labelQuality(predicted: Predicted, score: QualityScore): Float64Array {
  checkPredicted(predicted);
  const { labels, classes, probabilities } = predicted;
  const of = {
    'self-confidence': selfConfidence,
    'normalised-margin': margin,
    'confidence-weighted-entropy': entropy,
  }[score];
  return Float64Array.from({ length: labels.length }, (_, at) =>
    of(probabilities.subarray(at * classes, (at + 1) * classes), labels[at]!),
  );
}

type Row = Float32Array | Float64Array;

const selfConfidence = (row: Row, label: number): number => row[label]!;

function margin(row: Row, label: number): number {
  let other = -Infinity;
  row.forEach((value: number, at: number) => {
    if (at !== label && value > other) other = value;
  });
  return (row[label]! - other + 1) / 2;
}

function entropy(row: Row, label: number): number {
  let sum = 0;
  for (const value of row) if (value > 0) sum -= value * Math.log(value);
  const weighted = sum / Math.log(row.length) / Math.max(sameProbability, row[label]!);
  return Math.log(weighted + 1) / Math.max(sameProbability, weighted);
}

/** Places of all images, the most suspect first; ties by place. */
export const rankByQuality = (quality: Float64Array): Int32Array =>
  Int32Array.from(quality.keys()).sort((a, b) => quality[a]! - quality[b]! || a - b);

/**
 * The mean of what several say of the same images, [images, classes]: a trained head and neighbours err on different images, so
 * that their mean ranks errors better than either.
 */
export function meanProbabilities(all: readonly (Float32Array | Float64Array)[]): Float64Array {
  const [first] = all;
  if (!first) return new Float64Array(0);
  return Float64Array.from(
    first,
    (_: number, at: number) => all.reduce((sum, each) => sum + each[at]!, 0) / all.length,
  );
}
