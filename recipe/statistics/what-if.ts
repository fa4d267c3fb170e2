/**
 * What predictions would come to if classes were merged or dropped: probabilities of merged classes summed, those of dropped classes
 * taken away with their images and the rest made to sum to 1 again, and the greatest taken anew. A network trained anew on other classes may
 * do otherwise. Whose predictions they are, and what classes are called, is the caller's.
 */
import { f1, precision, recall } from '../metrics/class-metrics.ts';
import { countsOf, greatest } from '../metrics/counts.ts';
import type { Interval } from '../metrics/interval.ts';
import { macroF1 } from '../metrics/macro-f1.ts';
import { clopperPearsonInterval } from './binomial.ts';
import { tangoInterval } from './paired.ts';

/** Predictions that are kept. */
export interface KeptPredictions {
  /** [n, classCount], row-major. */
  probabilities: Float32Array;
  /** Class index of each image, [n]. */
  labels: ArrayLike<number>;
  classCount: number;
}

/** Class indices: each list of `merge` becomes one class. No class is named twice. */
export interface ClassChange {
  merge: readonly (readonly number[])[];
  drop: readonly number[];
}

export interface WhatIfClass {
  /** Class indices of before. */
  members: number[];
  support: number;
  precision: number | null;
  recall: number | null;
  f1: number | null;
}

/** Figures of some images and classes. */
export interface WhatIfFigures {
  count: number;
  correct: number;
  accuracy: number;
  /** Of the accuracy, exact, at 95 %. */
  interval: Interval;
  macroF1: number;
  classes: WhatIfClass[];
}

export interface MergeSuggestion {
  /** Class indices, the lower one first. */
  classes: [number, number];
  /** Images that merging puts right and wrong. */
  fixed: number;
  broken: number;
  /** Accuracy after less before, and its interval at 95 % (Tango 1998). */
  gain: number;
  interval: Interval;
}

/** Interrupted some milliseconds of work apart. */
type Work<T> = Generator<undefined, T>;
/** Probabilities that are read between two interruptions. */
const perTurn = 1_000_000;

/**
 * The classes that a change leaves, each with its members, in the order of their first members.
 * @throws RangeError where a class is unknown or named twice, a merger has fewer than two classes, or fewer than two classes are left
 */
export function classesAfter(classCount: number, { merge, drop }: ClassChange): number[][] {
  const named = [...merge.flat(), ...drop];
  if (named.some((index) => !Number.isInteger(index) || index < 0 || index >= classCount))
    throw new RangeError(`Expected classes from 0 to ${classCount - 1}, received ${named.join(', ')}`);
  if (new Set(named).size !== named.length) throw new RangeError('Expected each class once');
  if (merge.some(({ length }) => length < 2)) throw new RangeError('Expected two classes or more to merge');
  const taken = new Set(named);
  const alone = Array.from({ length: classCount }, (_, index) => [index]).filter(
    ([index]) => !taken.has(index!),
  );
  const after = [...merge.map((members) => [...members].sort((a, b) => a - b)), ...alone];
  if (after.length < 2) throw new RangeError('Expected two classes or more to be left');
  return after.sort((a, b) => a[0]! - b[0]!);
}

/**
 * @returns figures after the change; without any change those that are there
 * @throws RangeError as `classesAfter`, and where sizes disagree
 */
export function* figuresAfter(kept: KeptPredictions, change: ClassChange): Work<WhatIfFigures> {
  const { probabilities, labels, classCount } = kept;
  requireSizes(kept);
  const after = classesAfter(classCount, change);
  const placeOf = new Int32Array(classCount).fill(-1);
  after.forEach((members, place) => members.forEach((index) => (placeOf[index] = place)));
  const confusion = after.map(() => new Array<number>(after.length).fill(0));
  const sums = new Float64Array(after.length);
  const rest = Math.max(1, Math.floor(perTurn / classCount));
  for (let image = 0; image < labels.length; image += 1) {
    if (image % rest === rest - 1) yield;
    const actual = placeOf[labels[image]!]!;
    if (actual < 0) continue;
    sums.fill(0);
    for (let index = 0; index < classCount; index += 1)
      if (placeOf[index]! >= 0) sums[placeOf[index]!]! += probabilities[image * classCount + index]!;
    // What is left is divided by its sum, which changes no order.
    confusion[actual]![greatest(sums, after.length)]! += 1;
  }
  return figuresOf(confusion, after);
}

function figuresOf(confusion: number[][], members: number[][]): WhatIfFigures {
  const counts = countsOf(confusion);
  const { count, correct } = counts;
  return {
    count,
    correct,
    accuracy: count === 0 ? 0 : correct / count,
    interval: clopperPearsonInterval(correct, count),
    macroF1: macroF1.compute(counts),
    classes: counts.classes.map((one, place) => ({
      members: members[place]!,
      support: one.support,
      precision: precision.compute(one),
      recall: recall.compute(one),
      f1: f1.compute(one),
    })),
  };
}

/**
 * Pairs of classes whose merging puts most images right, best first; equal ones in the order of the classes. Only pairs that gain.
 * Each image is looked at once: a pair can put it right only with its own class, and wrong only where two others beat that together.
 * @param most pairs told
 * @throws RangeError where sizes disagree
 */
export function* mergeSuggestions(kept: KeptPredictions, most: number): Work<MergeSuggestion[]> {
  const { probabilities, labels, classCount } = kept;
  requireSizes(kept);
  // Merged, two classes of two are no question any more.
  if (classCount < 3) return [];
  const found = new Map<number, { fixed: number; broken: number }>();
  const tell = (a: number, b: number, what: 'fixed' | 'broken') => {
    const key = Math.min(a, b) * classCount + Math.max(a, b);
    const pair = found.get(key) ?? { fixed: 0, broken: 0 };
    pair[what] += 1;
    found.set(key, pair);
  };
  const rest = Math.max(1, Math.floor(perTurn / classCount));
  for (let image = 0; image < labels.length; image += 1) {
    if (image % rest === rest - 1) yield;
    const row = probabilities.subarray(image * classCount, (image + 1) * classCount);
    const label = labels[image]!;
    const top = greatest(row, classCount);
    if (top === label) breaking(row, label, (a, b) => tell(a, b, 'broken'));
    else {
      const second = secondOf(row, top);
      for (let other = 0; other < classCount; other += 1) {
        if (other === label) continue;
        // The greatest of the others: of what is neither.
        const rival =
          other === top ? (second === label ? thirdOf(row, top, second) : row[second]!) : row[top]!;
        if (row[label]! + row[other]! >= rival) tell(label, other, 'fixed');
      }
    }
  }
  const count = labels.length;
  return [...found]
    .map(([key, pair]): MergeSuggestion => {
      const gain = (pair.fixed - pair.broken) / count;
      const classes: [number, number] = [Math.floor(key / classCount), key % classCount];
      return { classes, ...pair, gain, interval: tangoInterval({ count, ...pair }) };
    })
    .filter(({ gain }) => gain > 0)
    .sort((a, b) => b.gain - a.gain || a.classes[0] - b.classes[0] || a.classes[1] - b.classes[1])
    .slice(0, most);
}

/** Pairs of others that together beat the class an image was taken for, rightly. */
function breaking(row: Float32Array, label: number, tell: (a: number, b: number) => void): void {
  const own = row[label]!;
  if (own >= 0.5) return;
  // One of the two has more than half of what must be beaten.
  const order = [...row.keys()].filter((index) => index !== label).sort((a, b) => row[b]! - row[a]!);
  for (let first = 0; first < order.length && 2 * row[order[first]!]! > own; first += 1)
    for (let next = first + 1; next < order.length; next += 1) {
      if (row[order[first]!]! + row[order[next]!]! <= own) break;
      tell(order[first]!, order[next]!);
    }
}

function secondOf(row: Float32Array, top: number): number {
  let best = top === 0 ? 1 : 0;
  for (let index = 0; index < row.length; index += 1)
    if (index !== top && row[index]! > row[best]!) best = index;
  return best;
}

function thirdOf(row: Float32Array, top: number, second: number): number {
  let best = 0;
  for (let index = 0; index < row.length; index += 1)
    if (index !== top && index !== second && row[index]! > best) best = row[index]!;
  return best;
}

function requireSizes({ probabilities, labels, classCount }: KeptPredictions): void {
  if (probabilities.length !== labels.length * classCount)
    throw new RangeError(
      `Expected [${labels.length}, ${classCount}] probabilities, received ${probabilities.length} values`,
    );
}
