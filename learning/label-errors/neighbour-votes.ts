/**
 * What the nearest images say of an image's class, where no model is there yet: as probabilities, so that all else of
 * label errors works with them as with a model's. Which images are nearest is embeddings/nearest-others.ts.
 */
import type { Neighbours } from '#learning/embeddings/nearest-others.ts';

/** A vote for each class that nobody gave: as much as a tenth of a neighbour, spread over all. */
const unsaid = 0.1;

/**
 * Votes of the neighbours, nearer ones weighing more: by the exponential of how far they are, against how far the neighbours of
 * this image are on average, so that dense and sparse regions are treated alike (Zelnik-Manor and Perona 2004).
 * @param labels class index of each image; a negative one has no vote
 * @returns [images, classes], rows that sum to 1
 */
export function neighbourVotes(
  { count, places, cosines }: Neighbours,
  labels: ArrayLike<number>,
  classes: number,
): Float64Array {
  const images = places.length / Math.max(1, count);
  const votes = new Float64Array(images * classes).fill(unsaid / classes);
  for (let image = 0; image < images; image += 1) {
    let far = 0;
    let known = 0;
    for (let at = image * count; at < (image + 1) * count; at += 1) {
      if (places[at]! < 0 || labels[places[at]!]! < 0) continue;
      far += Math.max(0, 1 - cosines[at]!);
      known += 1;
    }
    const scale = Math.max(1e-6, far / Math.max(1, known));
    let sum = unsaid;
    for (let at = image * count; at < (image + 1) * count; at += 1) {
      if (places[at]! < 0) continue;
      const label = labels[places[at]!]!;
      if (label < 0) continue;
      const weight = Math.exp(-Math.max(0, 1 - cosines[at]!) / scale);
      votes[image * classes + label]! += weight;
      sum += weight;
    }
    for (let label = 0; label < classes; label += 1) votes[image * classes + label]! /= sum;
  }
  return votes;
}
