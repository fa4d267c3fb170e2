/**
 * Which labels are probably errors: as many as the confident joint counts, of the images that fit their label least
 * (cleanlab's find_label_issues). Predictions are the caller's, out of fold, or of neighbours (neighbour-votes.ts).
 */
import { confidentJoint, countsOf, type Predicted, sameProbability } from './confident-joint.ts';
import { labelQuality, type QualityScore } from './label-quality.ts';

/**
 * `noise-rate`: of each given and each other class as many as the joint counts, those first that lean most to the other;
 * `class`: of each given class as many as it counts in all, those first that are least of the class; `both`: what both find;
 * `confident`: the images that the joint counts under another class.
 */
export const errorFilters = ['noise-rate', 'class', 'both', 'confident'] as const;
export type ErrorFilter = (typeof errorFilters)[number];

export interface LabelError {
  /** Place of the image. */
  place: number;
  /** Class index that it is given, and the most probable other one. */
  given: number;
  suggested: number;
  /** Less is more suspect. */
  quality: number;
}

/** Images of a class that stay unsuspected at least. */
const leastRight = 1;

/**
 * The labels that are probably errors, the most suspect first. One whose class is the most probable is never among them.
 * @throws BAD_REQUEST as checkPredicted
 */
export function findLabelErrors(
  predicted: Predicted,
  { filter = 'noise-rate', rankBy = 'self-confidence' }: { filter?: ErrorFilter; rankBy?: QualityScore } = {},
): LabelError[] {
  const { labels, probabilities, classes } = predicted;
  const joint = confidentJoint(predicted);
  const suspects = suspectsOf(predicted, joint, filter);
  const quality = labelQuality(predicted, rankBy);
  const errors: LabelError[] = [];
  for (const place of suspects) {
    const row = probabilities.subarray(place * classes, (place + 1) * classes);
    const given = labels[place]!;
    const suggested = likeliestOther(row, given);
    const own = row[given]! + sameProbability;
    // Of two alike the class of the lower index is the most probable.
    if (own > row[suggested]! || (own === row[suggested] && given < suggested)) continue;
    errors.push({ place, given, suggested, quality: quality[place]! });
  }
  return errors.sort((a, b) => a.quality - b.quality || a.place - b.place);
}

function suspectsOf(
  predicted: Predicted,
  { counts, offDiagonal }: ReturnType<typeof confidentJoint>,
  filter: ErrorFilter,
): Iterable<number> {
  switch (filter) {
    case 'confident':
      return offDiagonal;
    case 'noise-rate':
      return byNoiseRate(predicted, countsToPrune(counts, predicted.classes));
    case 'class':
      return byClass(predicted, countsToPrune(counts, predicted.classes));
    case 'both': {
      const toPrune = countsToPrune(counts, predicted.classes);
      const ofClass = byClass(predicted, toPrune);
      return [...byNoiseRate(predicted, toPrune)].filter((place) => ofClass.has(place));
    }
    default:
      return filter satisfies never;
  }
}

/** How many of each given class are of each other one, [given, other]: the joint, but for those that must stay right. */
function countsToPrune(joint: Int32Array, classes: number): Int32Array {
  const counts = Int32Array.from(joint);
  for (let given = 0; given < classes; given += 1) {
    const row = joint.subarray(given * classes, (given + 1) * classes);
    const right = Math.max(leastRight, row[given]!);
    const others = Math.max(1, row.filter((count) => count !== 0).length - 1);
    const less = (right - row[given]!) / others;
    for (let other = 0; other < classes; other += 1)
      counts[given * classes + other] = other === given ? right : Math.max(0, Math.trunc(row[other]! - less));
  }
  return counts;
}

function byNoiseRate({ labels, probabilities, classes }: Predicted, counts: Int32Array): Set<number> {
  const found = new Set<number>();
  for (const [given, places] of placesOf(labels, classes).entries()) {
    if (places.length <= leastRight) continue;
    for (let other = 0; other < classes; other += 1) {
      const count = counts[given * classes + other]!;
      if (other === given || count === 0) continue;
      const lean = (place: number) =>
        probabilities[place * classes + other]! - probabilities[place * classes + given]!;
      const order = [...places].sort((a, b) => lean(b) - lean(a) || a - b);
      for (const place of order.slice(0, count)) found.add(place);
    }
  }
  return found;
}

function byClass({ labels, probabilities, classes }: Predicted, counts: Int32Array): Set<number> {
  const found = new Set<number>();
  const given = countsOf(labels, classes);
  for (const [label, places] of placesOf(labels, classes).entries()) {
    if (places.length <= leastRight) continue;
    const own = (place: number) => probabilities[place * classes + label]!;
    const order = [...places].sort((a, b) => own(a) - own(b) || a - b);
    const count = given[label]! - counts[label * classes + label]!;
    for (const place of order.slice(0, Math.max(0, count))) found.add(place);
  }
  return found;
}

function placesOf(labels: ArrayLike<number>, classes: number): number[][] {
  const places: number[][] = Array.from({ length: classes }, () => []);
  for (let at = 0; at < labels.length; at += 1) places[labels[at]!]!.push(at);
  return places;
}

function likeliestOther(row: Float32Array | Float64Array, given: number): number {
  let best = given === 0 ? 1 : 0;
  row.forEach((value: number, at: number) => {
    if (at !== given && value > row[best]!) best = at;
  });
  return best;
}
