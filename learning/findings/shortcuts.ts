/**
 * Shortcuts: plain facts of an image file, without what it shows, that tell its class: a network may learn them instead. Pure. Gathering
 * facts is left to the caller (brightness and border: image-facts.ts; size, type, date and order: the file).
 */
import { type Interval, wilsonInterval } from '#recipe/metrics/interval.ts';
import { generator, shuffle } from '#learning/random-numbers.ts';
import { drawFolds } from '#learning/search/folds.ts';
import type { Work } from '#learning/work-in-turns.ts';
import { classify, growTree, leafOf, sortColumns } from './small-tree.ts';

export interface Fact<Name extends string = string> {
  name: Name;
  /** Numbers of each image, a list for each of what belongs together, as red, green and blue do; NaN where it is unknown. */
  columns: readonly Float64Array[];
}

export interface Shortcut<Name extends string = string> {
  fact: Name;
  /** Of images whose class the fact tells, cross-validated; and its interval at 95 % (Wilson). */
  accuracy: number;
  interval: Interval;
  /** Of images in the commonest class: what is right without looking. */
  majority: number;
  /**
   * How often any of the facts does as well on shuffled labels: so that of many facts none is found by chance (Westfall and Young 1993).
   */
  p: number;
  /** Whether that is at most 5 %, and the fact does better than the majority. */
  found: boolean;
  /**
   * Images whose class the fact tells, by a tree that did not learn from them, the surest first: `share` of the images for which the fact is
   * alike are of it. Empty where nothing was found.
   */
  told: readonly { place: number; share: number }[];
}

export interface ShortcutOptions {
  folds?: number;
  /** Times labels are shuffled; p is no less than one through one more. */
  shuffles?: number;
  /** More images are drawn from. */
  most?: number;
  seed?: number;
}

/** Of the tree: leaves hold a twentieth of the images, so that it follows no chance. */
const depth = 3;
const leastOfLeaf = (images: number) => Math.max(5, Math.ceil(images / 20));
const significant = 0.05;

/** Whether a value is each of the commonest ones, as numbers: for file types and other words. */
export function wordColumns(words: readonly string[], most = 8): Float64Array[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const common = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most);
  return common.map(([kind]) => Float64Array.from(words, (word) => (word === kind ? 1 : 0)));
}

/**
 * How well each fact alone predicts the class, by a shallow tree on stratified folds, the best first.
 * @param labels class of each image, from 0
 * @param groups images with one number stay in one fold, as copies should; each on its own where absent
 * @throws NOT_ENOUGH_DATA where there are fewer images or groups than folds
 */
export function* findShortcuts<Name extends string>(
  facts: readonly Fact<Name>[],
  labels: Int32Array,
  groups: Int32Array = Int32Array.from(labels.keys()),
  { folds = 5, shuffles = 199, most = 2000, seed = 1 }: ShortcutOptions = {},
): Work<Shortcut<Name>[]> {
  const random = generator(seed, labels.length);
  const drawn = shuffle(Int32Array.from(labels.keys()), random).slice(0, most).sort();
  const own = Int32Array.from(drawn, (place) => labels[place]!);
  const classes = own.reduce((highest, label) => Math.max(highest, label), -1) + 1;
  const foldOf = drawFolds(
    own,
    Int32Array.from(drawn, (place) => groups[place]!),
    folds,
    seed,
  );
  const tables = facts.map(({ columns }) => {
    const some = columns.map((column) => Float64Array.from(drawn, (place) => column[place]!));
    const orders = sortColumns(some);
    const training = Array.from({ length: folds }, (_, fold) =>
      orders.map((order) => order.filter((row) => foldOf[row] !== fold)),
    );
    return { columns: some, training };
  });
  const least = leastOfLeaf(own.length);
  const treesOf = (fact: number, given: Int32Array) => {
    const { columns, training } = tables[fact]!;
    return training.map((orders) => growTree(columns, orders, given, classes, { depth, least }));
  };
  const correct = (fact: number, given: Int32Array) => {
    const { columns } = tables[fact]!;
    const trees = treesOf(fact, given);
    return given.reduce(
      (sum, label, row) => sum + Number(classify(trees[foldOf[row]!]!, columns, row) === label),
      0,
    );
  };

  const toldBy = (fact: number) => {
    const { columns } = tables[fact]!;
    const trees = treesOf(fact, own);
    const told = Array.from(own, (label, row) => {
      const leaf = leafOf(trees[foldOf[row]!]!, columns, row);
      return leaf.label === label ? [{ place: drawn[row]!, share: leaf.share }] : [];
    });
    return told.flat().sort((a, b) => b.share - a.share || a.place - b.place);
  };

  const hits = facts.map((_, fact) => correct(fact, own));
  const asGood = new Int32Array(facts.length).fill(1);
  const mixed = own.slice();
  for (let round = 0; round < shuffles; round++) {
    shuffle(mixed, random);
    let best = 0;
    for (let fact = 0; fact < facts.length; fact++) {
      yield;
      best = Math.max(best, correct(fact, mixed));
    }
    hits.forEach((count, fact) => (asGood[fact]! += Number(best >= count)));
  }
  const counts = new Int32Array(classes);
  for (const label of own) counts[label]!++;
  const majority = counts.reduce((highest, count) => Math.max(highest, count), 0) / own.length;
  return facts
    .map(({ name }, fact) => {
      const accuracy = hits[fact]! / own.length;
      const p = asGood[fact]! / (shuffles + 1);
      const found = p <= significant && accuracy > majority;
      return {
        ...{ fact: name, accuracy, interval: wilsonInterval(hits[fact]!, own.length), majority, p },
        ...{ found, told: found ? toldBy(fact) : [] },
      };
    })
    .sort((a, b) => b.accuracy - a.accuracy || a.p - b.p);
}
