/**
 * Parts and folds that keep groups whole: each class in the proportion that was asked for, as well as its groups allow, and a
 * word on those that do not. The same for a seed whatever order the images come in. Where no group has two images it is the
 * draw of draw-parts.ts and search/folds.ts, image for image; else that draw, or one of the largest groups first, evened out. Which images belong together is left to groups.ts.
 */
import { type Split, splitNames } from '#contract/project.ts';
import { generator, shuffle } from '#learning/random-numbers.ts';
import { drawFolds } from '#learning/search/folds.ts';
import { stratifiedGroupSplit, type Shares } from './draw-parts.ts';
import { type Aim, costOf, dealLargestFirst, evenOut, type Group } from './even-out.ts';

export interface GroupedImage {
  /** One for each image, whatever order they come in, such as that of the database. */
  id: number;
  /** The class: each is drawn from in the same proportion. */
  stratum: number;
  group: number;
}

/** A class that whole groups do not spread as asked. */
export interface Unbalanced {
  stratum: number;
  /**
   * `one-group`: all its images are one group, so that nothing of it can be both learned and judged; `few-groups`: it has fewer
   * groups than there are bins; `uneven`: a bin has a twentieth of the class more or less than it should.
   */
  reason: 'one-group' | 'few-groups' | 'uneven';
  images: number;
  groups: number;
  /** Images of the largest group, those of the class alone. */
  largest: number;
  /** In each part (as `splitNames`) or fold, and how many should be. */
  counts: number[];
  wanted: number[];
}

/** Of a class: what a bin is off by before it is worth a word, beside rounding. */
const worthAWord = 0.05;
/** Costs that differ by less are the same. */
const asGoodAsEven = 1e-9;
/** So few groups are cheap to even out: they are from other beginnings too. */
const fewGroups = 300;
const randomBeginnings = 6;
/** What it costs that a class is missing in training, validation and test: far apart, so that training is served first. */
const missingCosts: Record<Split, number> = { train: 1e9, validation: 1e5, test: 10 };

/**
 * Gives each image a part, by the rules of `stratifiedGroupSplit`: a class of one group trains, one of two trains and validates, from three
 * on it is in each part that is drawn.
 * @param images `part` is where the image is and stays, null where it is drawn; what is open of a group goes where its fixed
 * images are (where those are in several parts: training before validation before test)
 * @returns the part of each image, in their order, and the classes that are not spread as the shares say
 */
export function assignParts(
  images: readonly (GroupedImage & { part: Split | null })[],
  shares: Shares,
): { parts: Split[]; unbalanced: Unbalanced[] } {
  const order = orderOf(images);
  const settled = new Map<number, Split>();
  for (const { group, part } of images) {
    const before = settled.get(group);
    if (part !== null && (before === undefined || splitNames.indexOf(part) < splitNames.indexOf(before)))
      settled.set(group, part);
  }
  const ordered = order.map((at) => {
    const { stratum, group, part } = images[at]!;
    return { stratum, group, part: part ?? settled.get(group) ?? null };
  });
  const drawn = stratifiedGroupSplit(ordered, shares);
  const strata = strataOf(ordered);
  const bins = splitNames.map((split) => drawn.map((part) => part === split));
  const groups = groupsOf(
    ordered.map(({ group, stratum, part }) => ({
      // Fixed images of one group may be in several parts.
      group: part === null ? `open ${group}` : `${part} ${group}`,
      label: strata.indexOf.get(stratum)!,
    })),
    ordered.map(({ part }, at) => ({
      bin: bins.findIndex((bin) => bin[at]),
      fixed: part !== null,
    })),
  );
  const aim = aimOfParts(groups.list, strata.list.length, shares);
  const placed = evened(groups.list, aim, generator(shares.seed, 1), [0, 1, 2]);
  const parts = new Array<Split>(images.length);
  order.forEach((at, place) => (parts[at] = splitNames[placed[groups.of[place]!]!.bin]!));
  return {
    parts,
    unbalanced: unbalancedOf(
      images.map(({ stratum, group }, at) => ({ stratum, group, bin: splitNames.indexOf(parts[at]!) })),
      (stratum) => wantedOf(aim, strata.indexOf.get(stratum)!),
      aim.open.filter((open) => open).length,
    ),
  };
}

/**
 * Which fold each image is in, from 0, by the rules of `drawFolds`.
 * @returns in the order of `images`, and the classes that are not the same in all folds
 * @throws NOT_ENOUGH_DATA where there are fewer groups than folds
 */
export function assignFolds(
  images: readonly GroupedImage[],
  folds: number,
  seed: number,
): { foldOf: Int32Array; unbalanced: Unbalanced[] } {
  const order = orderOf(images);
  const ordered = order.map((at) => images[at]!);
  const strata = strataOf(ordered);
  const labels = ordered.map(({ stratum }) => strata.indexOf.get(stratum)!);
  const drawn = drawFolds(Int32Array.from(labels), numbered(ordered), folds, seed);
  const groups = groupsOf(
    ordered.map(({ group }, place) => ({ group: `${group}`, label: labels[place]! })),
    Array.from(drawn, (bin) => ({ bin, fixed: false })),
  );
  const classes = strata.list.length;
  const wanted = new Float64Array(folds * classes);
  for (const label of labels) wanted[label]! += 1;
  for (let at = folds * classes - 1; at >= 0; at -= 1) wanted[at] = wanted[at % classes]! / folds;
  const aim: Aim = {
    ...{ bins: folds, classes, wanted },
    missing: new Float64Array(folds * classes),
    open: new Array<boolean>(folds).fill(true),
  };
  const random = generator(seed, folds, 1);
  const bins = shuffle(
    Array.from({ length: folds }, (_, fold) => fold),
    random,
  );
  const placed = evened(groups.list, aim, random, bins);
  const foldOf = new Int32Array(images.length);
  order.forEach((at, place) => (foldOf[at] = placed[groups.of[place]!]!.bin));
  return {
    foldOf,
    unbalanced: unbalancedOf(
      images.map(({ stratum, group }, at) => ({ stratum, group, bin: foldOf[at]! })),
      (stratum) => wantedOf(aim, strata.indexOf.get(stratum)!),
      folds,
    ),
  };
}

/**
 * The best of the draw of single images, of the largest groups first and, where groups are few, of some random beginnings,
 * all evened out; of two alike the earlier.
 */
function evened(
  drawn: readonly Group[],
  aim: Aim,
  random: () => number,
  bins: readonly number[],
): readonly Group[] {
  if (drawn.every(({ size }) => size === 1)) return drawn;
  let best = evenOut(drawn, aim);
  let least = costOf(best, aim);
  // Groups that are alike are mixed, so that which of them goes where is chance.
  const mixed = shuffle([...drawn.keys()], random);
  const openBins = bins.filter((bin) => aim.open[bin]);
  const anywhere = (group: Group): Group =>
    group.fixed ? group : { ...group, bin: openBins[Math.floor(random() * openBins.length)]! };
  const beginnings = drawn.length > fewGroups ? 1 : 1 + randomBeginnings;
  for (let beginning = 0; beginning < beginnings && least > asGoodAsEven; beginning += 1) {
    const groups = mixed.map((at) => drawn[at]!);
    const found = evenOut(beginning === 0 ? dealLargestFirst(groups, aim, bins) : groups.map(anywhere), aim);
    const cost = costOf(found, aim);
    if (cost >= least - asGoodAsEven) continue;
    least = cost;
    best = new Array<Group>(drawn.length);
    for (const [place, at] of mixed.entries()) best[at] = found[place]!;
  }
  return best;
}

/** What each part should hold of each class, as `stratifiedGroupSplit` has it; what is fixed counts into the shares. */
function aimOfParts(groups: readonly Group[], classes: number, { testShare, validationShare }: Shares): Aim {
  const totals = new Float64Array(classes);
  const openGroups = new Int32Array(classes);
  const fixed = new Float64Array(splitNames.length * classes);
  for (const group of groups)
    for (const [label, count] of group.counts) {
      totals[label]! += count;
      if (group.fixed) fixed[group.bin * classes + label]! += count;
      else openGroups[label]! += 1;
    }
  const wanted = new Float64Array(splitNames.length * classes);
  const missing = new Float64Array(splitNames.length * classes);
  const [train, validation, test] = splitNames.keys() as unknown as [number, number, number];
  const drawnParts: [Split, number | null][] = [
    ['validation', validationShare],
    ['test', testShare],
  ];
  for (let label = 0; label < classes; label += 1) {
    // Training first, then validation, then test get a group that they lack.
    const needed = new Set<Split>();
    let left = openGroups[label]!;
    for (const [part, share] of [['train', 1] as const, ...drawnParts]) {
      if (share === null) continue;
      const has = fixed[splitNames.indexOf(part) * classes + label]! > 0;
      if (!has && left === 0) continue;
      if (!has) left -= 1;
      needed.add(part);
    }
    for (const part of needed) missing[splitNames.indexOf(part) * classes + label] = missingCosts[part];
    const share = (part: Split, of: number | null, base: number): number => {
      if (of === null) return fixed[splitNames.indexOf(part) * classes + label]!;
      return needed.has(part) ? Math.max(1, Math.round(base * of)) : 0;
    };
    const inTest = share('test', testShare, totals[label]!);
    const inValidation = share('validation', validationShare, totals[label]! - inTest);
    wanted[test * classes + label] = inTest;
    wanted[validation * classes + label] = inValidation;
    wanted[train * classes + label] = totals[label]! - inTest - inValidation;
  }
  return {
    ...{ bins: splitNames.length, classes, wanted, missing },
    open: [true, validationShare !== null, testShare !== null],
  };
}

/** Places of the images in the order of their ids. */
const orderOf = (images: readonly GroupedImage[]): number[] =>
  [...images.keys()].sort((a, b) => images[a]!.id - images[b]!.id);

function strataOf(images: readonly { stratum: number }[]): { list: number[]; indexOf: Map<number, number> } {
  const list = [...new Set(images.map(({ stratum }) => stratum))].sort((a, b) => a - b);
  return { list, indexOf: new Map(list.map((stratum, index) => [stratum, index])) };
}

/** Groups by the order in which they are met, so that their numbers do not matter. */
function numbered(images: readonly GroupedImage[]): Int32Array {
  const names = new Map<number, number>();
  return Int32Array.from(images, ({ group }) => {
    if (!names.has(group)) names.set(group, names.size);
    return names.get(group)!;
  });
}

/** @returns the groups in the order in which they are met, and the place in that list of each image's */
function groupsOf(
  images: readonly { group: string; label: number }[],
  where: readonly { bin: number; fixed: boolean }[],
): { list: Group[]; of: Int32Array } {
  const places = new Map<string, number>();
  const counts: Map<number, number>[] = [];
  const list: Group[] = [];
  const of = Int32Array.from(images, ({ group, label }, image) => {
    let place = places.get(group);
    if (place === undefined) {
      places.set(group, (place = list.length));
      counts.push(new Map());
      list.push({ counts: [], size: 0, ...where[image]! });
    }
    counts[place]!.set(label, (counts[place]!.get(label) ?? 0) + 1);
    list[place]!.size += 1;
    return place;
  });
  return {
    list: list.map((group, place) => ({ ...group, counts: [...counts[place]!].sort(([a], [b]) => a - b) })),
    of,
  };
}

const wantedOf = ({ bins, classes, wanted }: Aim, label: number): number[] =>
  Array.from({ length: bins }, (_, bin) => wanted[bin * classes + label]!);

function unbalancedOf(
  images: readonly { stratum: number; group: number; bin: number }[],
  wantedIn: (stratum: number) => number[],
  openBins: number,
): Unbalanced[] {
  const classes = new Map<number, { counts: number[]; groups: Map<number, number> }>();
  for (const { stratum, group, bin } of images) {
    if (!classes.has(stratum))
      classes.set(stratum, { counts: wantedIn(stratum).map(() => 0), groups: new Map() });
    const { counts, groups } = classes.get(stratum)!;
    counts[bin]! += 1;
    groups.set(group, (groups.get(group) ?? 0) + 1);
  }
  return [...classes]
    .sort(([a], [b]) => a - b)
    .flatMap(([stratum, { counts, groups }]): Unbalanced[] => {
      const wanted = wantedIn(stratum);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const off = Math.max(...counts.map((count, bin) => Math.abs(count - wanted[bin]!)));
      const reason =
        groups.size === 1
          ? ('one-group' as const)
          : groups.size < openBins
            ? ('few-groups' as const)
            : off >= 1 && off > worthAWord * total
              ? ('uneven' as const)
              : null;
      if (reason === null) return [];
      const largest = Math.max(...groups.values());
      return [{ stratum, reason, images: total, groups: groups.size, largest, counts, wanted }];
    });
}
