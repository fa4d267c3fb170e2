/**
 * Groups of images into bins (parts or folds), so that each bin holds what it should of each class: as well as whole groups
 * allow. Groups that hold the same numbers of the same classes can stand for each other, so that what is searched is how many
 * of each such kind a bin gets. Which of them that is, what bins are and what each should hold is assign-groups.ts.
 */

export interface Group {
  /** Images of each class in it, classes ascending. */
  counts: readonly (readonly [label: number, count: number])[];
  size: number;
  /** Where it is; -1 for nowhere yet. */
  bin: number;
  /** Stays where it is. */
  fixed: boolean;
}

export interface Aim {
  bins: number;
  classes: number;
  /** Images of each class that each bin should hold, [bins, classes]. */
  wanted: Float64Array;
  /** What a class costs that a bin has no image of, [bins, classes]; 0 where it need not. Far more than any unevenness. */
  missing: Float64Array;
  /** Whether groups may be put into a bin. */
  open: readonly boolean[];
}

/** What is compared by: below this two costs are the same but for rounding. */
const same = 1e-12;
/** Of moves and swaps that are looked at: a second or so. No clock, so that the result is the same everywhere. */
const mostLooks = 2_000_000;
/** Of the sizes of bins against the shares of classes: they decide where classes are as even either way. */
const sizeWeight = 0.01;
/** A bin without any image is worse than all else. */
const emptyCost = 1e12;

/** How much of each class is in each bin, and what that costs. */
class Balance {
  readonly #counts: Float64Array;
  readonly #sizes: Float64Array;
  readonly #sizesWanted: Float64Array;
  /** Images of each class, and of all. */
  readonly #totals: Float64Array;
  readonly #total: number;

  constructor(private readonly aim: Aim) {
    const { bins, classes, wanted } = aim;
    this.#counts = new Float64Array(bins * classes);
    this.#sizes = new Float64Array(bins);
    this.#sizesWanted = new Float64Array(bins);
    this.#totals = new Float64Array(classes);
    for (let bin = 0; bin < bins; bin += 1)
      for (let label = 0; label < classes; label += 1) {
        this.#sizesWanted[bin]! += wanted[bin * classes + label]!;
        this.#totals[label]! += wanted[bin * classes + label]!;
      }
    this.#total = Math.max(
      1,
      this.#sizesWanted.reduce((sum, size) => sum + size, 0),
    );
  }

  /** Squares, so that one bin far off is worse than two that are a little; in shares, so that small classes count alike. */
  #cell(bin: number, label: number, count: number): number {
    const at = bin * this.aim.classes + label;
    const off = (count - this.aim.wanted[at]!) / Math.max(1, this.#totals[label]!);
    return off * off + (count === 0 ? this.aim.missing[at]! : 0);
  }

  #whole(bin: number, size: number): number {
    const off = (size - this.#sizesWanted[bin]!) / this.#total;
    return sizeWeight * off * off + (size === 0 && this.#sizesWanted[bin]! > 0 ? emptyCost : 0);
  }

  /** By how much the cost grows where a bin gets a group (`sign` 1) or loses it (-1). */
  growth({ counts, size }: Group, bin: number, sign: 1 | -1): number {
    let sum = this.#whole(bin, this.#sizes[bin]! + sign * size) - this.#whole(bin, this.#sizes[bin]!);
    for (const [label, count] of counts) {
      const has = this.#counts[bin * this.aim.classes + label]!;
      sum += this.#cell(bin, label, has + sign * count) - this.#cell(bin, label, has);
    }
    return sum;
  }

  change({ counts, size }: Group, bin: number, sign: 1 | -1): void {
    this.#sizes[bin]! += sign * size;
    for (const [label, count] of counts) this.#counts[bin * this.aim.classes + label]! += sign * count;
  }

  cost(): number {
    let sum = 0;
    for (let bin = 0; bin < this.aim.bins; bin += 1) {
      sum += this.#whole(bin, this.#sizes[bin]!);
      for (let label = 0; label < this.aim.classes; label += 1)
        sum += this.#cell(bin, label, this.#counts[bin * this.aim.classes + label]!);
    }
    return sum;
  }
}

/** What these bins cost: the squares of how far each is off, in shares of each class and of all, and what is missing. */
export function costOf(groups: readonly Group[], aim: Aim): number {
  const balance = new Balance(aim);
  for (const group of groups) balance.change(group, group.bin, 1);
  return balance.cost();
}

/**
 * Puts each group that is not fixed into the open bin that it suits best, the largest first, the classes that are missing
 * left out of account: small groups are put where one is missing afterwards.
 * @param groups ties of size are broken by their order, and those of bins by the order of `bins`
 */
export function dealLargestFirst(groups: readonly Group[], aim: Aim, bins: readonly number[]): Group[] {
  const balance = new Balance({ ...aim, missing: new Float64Array(aim.missing.length) });
  const dealt = groups.map((group) => ({ ...group, bin: group.fixed ? group.bin : -1 }));
  for (const group of dealt) if (group.fixed) balance.change(group, group.bin, 1);
  const largestFirst = dealt.filter(({ fixed }) => !fixed).sort((a, b) => b.size - a.size);
  for (const group of largestFirst) {
    let best = -1;
    let least = Infinity;
    for (const bin of bins) {
      if (!aim.open[bin]) continue;
      const growth = balance.growth(group, bin, 1);
      if (growth >= least - same) continue;
      least = growth;
      best = bin;
    }
    group.bin = best;
    balance.change(group, best, 1);
  }
  return dealt;
}

/** Groups that can stand for each other, by the bin that they are in. */
interface Kind {
  like: Group;
  inBin: Group[][];
}

/**
 * Moves groups, and swaps two at a time, for as long as that lowers the cost: the best of all first. What is even already
 * stays as it is.
 * @returns the groups in the same order, in their bins
 */
export function evenOut(groups: readonly Group[], aim: Aim): Group[] {
  const balance = new Balance(aim);
  const placed = groups.map((group) => ({ ...group }));
  const kinds = new Map<string, Kind>();
  for (const group of placed) {
    balance.change(group, group.bin, 1);
    if (group.fixed) continue;
    const key = group.counts.map((pair) => pair.join(':')).join();
    if (!kinds.has(key)) kinds.set(key, { like: group, inBin: Array.from({ length: aim.bins }, () => []) });
    kinds.get(key)!.inBin[group.bin]!.push(group);
  }
  const all = [...kinds.values()];
  const bins = Array.from({ length: aim.bins }, (_, bin) => bin).filter((bin) => aim.open[bin]);
  const move = ({ like, inBin }: Kind, from: number, to: number) => {
    const group = inBin[from]!.pop()!;
    group.bin = to;
    inBin[to]!.push(group);
    balance.change(like, from, -1);
    balance.change(like, to, 1);
  };

  let looks = 0;
  while (looks < mostLooks) {
    let best: (() => void) | null = null;
    let least = -same;
    for (const kind of all)
      for (const from of bins) {
        if (kind.inBin[from]!.length === 0) continue;
        const gone = balance.growth(kind.like, from, -1);
        for (const to of bins) {
          if (to === from) continue;
          looks += 1;
          const growth = gone + balance.growth(kind.like, to, 1);
          if (growth >= least) continue;
          least = growth;
          best = () => move(kind, from, to);
        }
      }
    for (const [index, one] of best ? [] : all.entries()) {
      for (const from of bins) {
        if (one.inBin[from]!.length === 0 || looks >= mostLooks) continue;
        for (const to of bins) {
          if (to === from) continue;
          const moved = balance.growth(one.like, from, -1) + balance.growth(one.like, to, 1);
          balance.change(one.like, from, -1);
          balance.change(one.like, to, 1);
          for (let at = index + 1; at < all.length; at += 1) {
            const other = all[at]!;
            if (other.inBin[to]!.length === 0) continue;
            looks += 1;
            const growth = moved + balance.growth(other.like, to, -1) + balance.growth(other.like, from, 1);
            if (growth >= least) continue;
            least = growth;
            best = () => (move(one, from, to), move(other, to, from));
          }
          balance.change(one.like, from, 1);
          balance.change(one.like, to, -1);
        }
      }
    }
    if (!best) break;
    best();
  }
  return placed;
}
