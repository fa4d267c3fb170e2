/**
 * Sequences: images that were taken one after the other and show the same, such as frames of a video or views of an
 * object. Numbers in names say which are neighbours, and they belong together where they look more alike than images of
 * the same class that are no neighbours. How alike two images are is the caller's; joining them is groups.ts.
 */
import { generator } from '#learning/random-numbers.ts';
import type { SimilarPair } from './groups.ts';
import { fileOf, folderOf } from './name-keys.ts';

/**
 * Of the neighbours that are joined, so many may be alike by chance (false discovery rate): a sequence that is missed leaks, while
 * two images that are together by chance cost next to nothing.
 */
const chanceShare = 0.2;
/** Pairs of a large class that its neighbours are compared with; of one of fewer images than `mostCompared` all are. */
const mostOthers = 5000;
const mostCompared = 100;
/** Images of one series that are nearer than this share of it are left out of what neighbours are compared with. */
const nearShare = 0.1;
/** Longer runs of digits are no numbers that count anything. */
const mostDigits = 15;

interface Numbered {
  place: number;
  number: number;
}

/**
 * Images whose names are the same but for one number, by folder: a list for each series, in the order of the numbers
 * (`frame2` before `frame10`). A name with several numbers is in several.
 */
function seriesOf(names: readonly string[]): Numbered[][] {
  const series = new Map<string, Numbered[]>();
  names.forEach((name, place) => {
    const file = fileOf(name);
    const stem = file.replace(/\.[^.]*$/, '');
    for (const { 0: digits, index } of stem.matchAll(/\d+/g)) {
      if (digits.length > mostDigits) continue;
      // No name holds this character, so that no other name has the same key.
      const rest = `${stem.slice(0, index)}\0${file.slice(index + digits.length)}`;
      const key = `${folderOf(name)}/${rest}`;
      const own = series.get(key);
      const entry = { place, number: Number(digits) };
      if (own) own.push(entry);
      else series.set(key, [entry]);
    }
  });
  const several = [...series.values()].filter(({ length }) => length > 1);
  for (const own of several)
    own.sort((a, b) => a.number - b.number || (names[a.place]! < names[b.place]! ? -1 : 1));
  return several;
}

/**
 * Pairs of images whose numbers follow each other, by no more than the usual step of their series: so frames that were
 * kept one in five are neighbours too.
 * @param names with their folders, parted by `/`
 */
export function numberedNeighbours(names: readonly string[]): [a: number, b: number][] {
  return seriesOf(names).flatMap(neighboursIn);
}

function neighboursIn(series: readonly Numbered[]): [number, number][] {
  const steps = series.slice(1).map(({ number }, at) => number - series[at]!.number);
  const sorted = steps.filter((step) => step > 0).sort((a, b) => a - b);
  const usual = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return steps.flatMap((step, at): [number, number][] =>
    step > 0 && step <= usual ? [[series[at]!.place, series[at + 1]!.place]] : [],
  );
}

export interface SequenceImages {
  /** With their folders, parted by `/`. */
  names: readonly string[];
  /** Class of each: neighbours are compared with others of theirs. */
  labels: ArrayLike<number>;
  /** How alike two images are, by their places; more is more alike. Called some thousand times for each class. */
  similarity(a: number, b: number): number;
  seed: number;
}

export interface Sequences {
  /** Neighbours that look alike: of one sequence each. */
  pairs: SimilarPair[];
  /** Of the pairs whose numbers follow each other; those that do not look alike are among them. */
  neighbours: number;
  /** The least similarity of neighbours of a class that are joined; null where none are, or there is nothing to compare with. */
  thresholds: Map<number, number | null>;
}

/**
 * The numbered neighbours that look alike. How often images of a class that are no neighbours are as alike tells how
 * probable each pair is by chance; the threshold of each class is such that a fifth of the joined pairs at most is
 * (Benjamini and Hochberg 1995). Where names are numbered at random, next to none are joined.
 */
export function findSequences(images: SequenceImages): Sequences {
  const { names, labels, similarity } = images;
  const series = seriesOf(names);
  const ranks = ranksOf(series);
  const neighbours = series.flatMap(neighboursIn);
  const others = new Map<number, Float64Array>();
  for (const label of new Set(neighbours.flat().map((place) => labels[place]!)))
    others.set(label, similaritiesOfOthers(images, ranks, label));
  const chance = (label: number, value: number): number => {
    const sorted = others.get(label)!;
    return (1 + sorted.length - firstAtLeast(sorted, value)) / (1 + sorted.length);
  };
  const tested = neighbours.map(([a, b]) => {
    const value = similarity(a, b);
    const p = Math.max(chance(labels[a]!, value), chance(labels[b]!, value));
    return { a, b, similarity: value, p };
  });
  const pairs = [...others.keys()].flatMap((label) =>
    unlikelyByChance(tested.filter(({ a }) => labels[a] === label)),
  );
  const thresholds = new Map<number, number | null>();
  for (const label of others.keys()) thresholds.set(label, null);
  for (const { a, b, similarity: value } of pairs)
    for (const label of [labels[a]!, labels[b]!])
      thresholds.set(label, Math.min(thresholds.get(label) ?? Infinity, value));
  return {
    pairs: pairs.map(({ a, b, similarity: value }) => ({ a, b, similarity: value })),
    neighbours: neighbours.length,
    thresholds,
  };
}

/** The largest number of the most improbable pairs of which so few are expected by chance. */
function unlikelyByChance<T extends { p: number }>(tested: readonly T[]): T[] {
  const sorted = tested.map(({ p }) => p).sort((p, q) => p - q);
  let most = 0;
  sorted.forEach((p, at) => {
    if (p <= (chanceShare * (at + 1)) / sorted.length) most = p;
  });
  return tested.filter(({ p }) => p <= most);
}

/** How alike images of a class are that are no neighbours, in ascending order. @param ranks where each is in its series */
function similaritiesOfOthers(
  { names, labels, similarity, seed }: SequenceImages,
  ranks: Ranks,
  label: number,
): Float64Array {
  // In the order of their names, so that the same images are drawn whatever order they come in.
  const own = [...ranks.keys()].filter((place) => labels[place] === label);
  own.sort((a, b) => (names[a]! < names[b]! ? -1 : names[a]! > names[b]! ? 1 : a - b));
  const values: number[] = [];
  const compare = (a: number, b: number) => {
    if (a !== b && !areNear(ranks, a, b)) values.push(similarity(a, b));
  };
  if (own.length <= mostCompared) {
    own.forEach((a, at) => own.slice(at + 1).forEach((b) => compare(a, b)));
  } else {
    const random = generator(seed, label);
    const draw = () => own[Math.floor(random() * own.length)]!;
    // A series is large here, and most pairs are of images far from each other.
    for (let draws = 0; draws < 2 * mostOthers && values.length < mostOthers; draws += 1)
      compare(draw(), draw());
  }
  return Float64Array.from(values).sort();
}

/** Where each image is in each series that it is in, and how long that is. */
type Ranks = Map<number, Map<number, { rank: number; length: number }>>;

function ranksOf(series: readonly Numbered[][]): Ranks {
  const ranks: Ranks = new Map();
  series.forEach((own, index) =>
    own.forEach(({ place }, rank) => {
      if (!ranks.has(place)) ranks.set(place, new Map());
      ranks.get(place)!.set(index, { rank, length: own.length });
    }),
  );
  return ranks;
}

/** Images close to each other in a series may show the same though they are no neighbours. */
function areNear(ranks: Ranks, a: number, b: number): boolean {
  for (const [index, { rank, length }] of ranks.get(a)!) {
    const other = ranks.get(b)!.get(index);
    if (other && Math.abs(rank - other.rank) <= Math.max(1, nearShare * length)) return true;
  }
  return false;
}

/** The first place of an ascending list whose value is not below. */
function firstAtLeast(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
