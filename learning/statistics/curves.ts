/**
 * ROC and precision–recall curves of a class against the rest (Fawcett 2006; Davis and Goadrich 2006). Areas are exact,
 * counted before the points are thinned. Ranking the images is recipe/metrics/ranking.ts, drawing is the window's.
 */
import type { Predictions } from '#recipe/metrics/metric.ts';
import { areaUnderRoc, averagePrecisionOf, type Ranking, rankingOf } from '#recipe/metrics/ranking.ts';
import { thin } from './thin.ts';

export interface CurvePoint {
  /** ROC: share of the other images that are said to be of the class. Precision–recall: recall. */
  x: number;
  /** ROC: recall. Precision–recall: precision. */
  y: number;
  /** Images are said to be of the class where its probability is this or more; null where none are. */
  threshold: number | null;
}

export interface Curve {
  /** From the highest threshold to the lowest. */
  points: readonly CurvePoint[];
  /** Of the whole curve: ROC AUC, or average precision. */
  area: number;
}

export interface ClassCurves {
  /** null where all images are of the class, or none. */
  roc: Curve | null;
  /** null where none are. SplitItem in steps: up to a point's recall, its precision. */
  precisionRecall: Curve | null;
}

/** As many points as can be told apart. */
const mostPoints = 200;

/** Curves of each class, in their order. */
export const curvesOf = (predictions: Predictions, most = mostPoints): ClassCurves[] =>
  predictions.classes.map((_, index) => {
    const ranking = rankingOf(predictions, index);
    return { roc: rocCurve(ranking, most), precisionRecall: precisionRecallCurve(ranking, most) };
  });

/** All corners of the curve: between two images of the class it runs straight. */
export function rocCurve(ranking: Ranking, most = mostPoints): Curve | null {
  const area = areaUnderRoc(ranking);
  if (area === null) return null;
  const { positives, negatives, thresholds, hits, above, tied } = ranking;
  const points: CurvePoint[] = [{ x: 0, y: 0, threshold: null }];
  let [found, wrong] = [0, 0];
  const add = (threshold: number) => points.push({ x: wrong / negatives, y: found / positives, threshold });
  thresholds.forEach((threshold, at) => {
    wrong += above[at]!;
    if (above[at]! > 0) add(nextAbove(threshold));
    found += hits[at]!;
    wrong += tied[at]!;
    add(threshold);
  });
  if (wrong < negatives) {
    wrong = negatives;
    add(0);
  }
  return { points: thin(points, most), area };
}

/** A point for each image of the class, where recall rises; in between precision only falls. */
export function precisionRecallCurve(ranking: Ranking, most = mostPoints): Curve | null {
  const area = averagePrecisionOf(ranking);
  if (area === null) return null;
  const { positives, thresholds, hits, above, tied } = ranking;
  let [found, wrong] = [0, 0];
  const points = Array.from(thresholds, (threshold, at): CurvePoint => {
    found += hits[at]!;
    wrong += above[at]! + tied[at]!;
    return { x: found / positives, y: found / (found + wrong), threshold };
  });
  return { points: thin(points, most), area };
}

/** The least float32 above a positive one or 0: "more than" as "this or more". */
function nextAbove(value: number): number {
  const [bits, float] = [new Uint32Array(1), new Float32Array(1)];
  float[0] = value;
  bits.set(new Uint32Array(float.buffer));
  bits[0]! += 1;
  return new Float32Array(bits.buffer)[0]!;
}
