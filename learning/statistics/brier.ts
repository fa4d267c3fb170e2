/**
 * Brier score (Brier 1950): mean squared distance of the probabilities from the answer, over all classes. 0 is best, 2 worst.
 * @param probabilities [n, classCount], row-major
 * @param labels class index of each of the n images
 * @returns null where there are no images
 */
export function brierScore(
  probabilities: Float32Array,
  labels: ArrayLike<number>,
  classCount: number,
): number | null {
  let sum = 0;
  for (let image = 0; image < labels.length; image += 1) {
    for (let index = 0; index < classCount; index += 1) {
      sum += (probabilities[image * classCount + index]! - Number(labels[image] === index)) ** 2;
    }
  }
  return labels.length === 0 ? null : sum / labels.length;
}
