/**
 * Growing parts of the training images for a learning curve: each holds the one before, has each class in its share, and keeps
 * images that belong together whole. Which images belong together is left to whoever asks.
 */
import { generator, shuffle } from '../random-numbers.ts';

/**
 * When each image joins: a part of a share is all images that join at that share or before. Within each class (that of most of its images)
 * groups are put into a random order, and one joins where the middle of its images would lie, so that no share has more or less of a class
 * than half a group. The first group of each class is in every part: a class without images could not be learned.
 * @param labels class index of each image
 * @param groups group of each image, from 0
 * @returns share of each image, from 0 to 1
 */
export function joiningShares(
  labels: ArrayLike<number>,
  groups: ArrayLike<number>,
  seed: number,
): Float64Array {
  const members = new Map<number, number[]>();
  for (let image = 0; image < labels.length; image += 1) {
    const list = members.get(groups[image]!);
    if (list) list.push(image);
    else members.set(groups[image]!, [image]);
  }
  const ofClass = new Map<number, number[][]>();
  for (const images of shuffle([...members.values()], generator(seed, members.size))) {
    const own = commonest(images.map((image) => labels[image]!));
    const list = ofClass.get(own);
    if (list) list.push(images);
    else ofClass.set(own, [images]);
  }
  const shares = new Float64Array(labels.length);
  for (const lists of ofClass.values()) {
    const total = lists.reduce((sum, { length }) => sum + length, 0);
    let before = 0;
    for (const images of lists) {
      const share = before === 0 ? 0 : (before + images.length / 2) / total;
      for (const image of images) shares[image] = share;
      before += images.length;
    }
  }
  return shares;
}

function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}
