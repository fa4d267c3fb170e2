/**
 * Folds of a cross-validation: every image in exactly one, each class spread evenly, images that belong together in
 * the same one. Which images belong together is left to whoever asks.
 */
import { AtelierError } from '#contract/errors.ts';
import { generator, shuffle } from '#learning/random-numbers.ts';
import { UnionFind } from '#learning/splits/union-find.ts';

/**
 * Groups from several reasons to be together: images that share a key of any of the lists, directly or through
 * others, are of one group.
 * @param keys lists with one key an image; an empty text is no reason
 * @returns the group of each image, from 0
 */
export function mergeGroups(count: number, keys: readonly (readonly string[])[]): Int32Array {
  const sets = new UnionFind(count);
  for (const list of keys) {
    const first = new Map<string, number>();
    list.forEach((key, index) => {
      if (key === '') return;
      const other = first.get(key);
      if (other === undefined) first.set(key, index);
      else sets.join(index, other);
    });
  }
  return sets.numbered();
}

export const fewerGroups = (folds: number, groups: number) =>
  new AtelierError(
    'NOT_ENOUGH_DATA',
    `Expected at least ${folds} groups of images for ${folds} folds, received ${groups}. Ask for fewer folds, or group the images otherwise.`,
    { folds, groups },
  );

/**
 * Which fold each image is in, from 0. Without groups of several images the folds differ by at most one image in
 * each class and altogether (stratified k-fold); groups are dealt first, largest first, each to the fold where it
 * evens the classes out most (as scikit-learn's StratifiedGroupKFold), and single images then fill up.
 * @param labels class index of each image
 * @param groups group of each image, from 0
 * @throws NOT_ENOUGH_DATA where a fold would have no image
 */
export function drawFolds(labels: Int32Array, groups: Int32Array, folds: number, seed: number): Int32Array {
  const classes = labels.reduce((highest, label) => Math.max(highest, label), -1) + 1;
  const totals = new Float64Array(classes);
  for (const label of labels) totals[label]! += 1;
  const members = new Map<number, number[]>();
  groups.forEach((group, index) => {
    const list = members.get(group);
    if (list) list.push(index);
    else members.set(group, [index]);
  });
  if (members.size < folds) {
    throw fewerGroups(folds, members.size);
  }

  const random = generator(seed, folds);
  const mixed = shuffle([...members.values()], random);
  const counts = Array.from({ length: folds }, () => new Float64Array(classes));
  const sizes = new Float64Array(folds);
  const foldOf = new Int32Array(labels.length);
  const put = (images: readonly number[], fold: number) => {
    for (const index of images) {
      foldOf[index] = fold;
      counts[fold]![labels[index]!]! += 1;
    }
    sizes[fold]! += images.length;
  };
  /** Ties are broken by chance, so that the first fold is not always the fuller one. */
  const order = shuffle(
    Array.from({ length: folds }, (_, fold) => fold),
    random,
  );
  const least = (cost: (fold: number) => number) => {
    let best = order[0]!;
    let lowest = Infinity;
    for (const fold of order) {
      const here = cost(fold);
      if (here > lowest || (here === lowest && sizes[fold]! >= sizes[best]!)) continue;
      lowest = here;
      best = fold;
    }
    return best;
  };

  const several = mixed.filter(({ length }) => length > 1).sort((a, b) => b.length - a.length);
  for (const images of several) {
    const inGroup = new Map<number, number>();
    for (const index of images) inGroup.set(labels[index]!, (inGroup.get(labels[index]!) ?? 0) + 1);
    // By how much the squares of the classes' shares, summed over folds, grow: least where they stay most even.
    const fold = least((candidate) => {
      let growth = 0;
      for (const [label, count] of inGroup)
        growth += (count * (2 * counts[candidate]![label]! + count)) / totals[label]! ** 2;
      return growth;
    });
    put(images, fold);
  }
  const singles = mixed.filter(({ length }) => length === 1).map(([index]) => index!);
  singles.sort((a, b) => labels[a]! - labels[b]!);
  for (const index of singles)
    put(
      [index],
      least((fold) => counts[fold]![labels[index]!]!),
    );

  const empty = sizes.findIndex((size) => size === 0);
  if (empty >= 0) {
    throw new AtelierError(
      'NOT_ENOUGH_DATA',
      `Expected images for ${folds} folds, but with these groups one would be empty. Ask for fewer folds, or group the images otherwise.`,
      { folds, groups: members.size },
    );
  }
  return foldOf;
}
