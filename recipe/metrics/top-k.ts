/** Share of images whose class is among the k most probable. Of k classes or fewer it says nothing: it would be 1. */
import type { Predictions, Metric } from './metric.ts';

export const topK = {
  key: 'topK',
  label: 'top-k accuracy',
  short: 'top k',
  help: 'right among k',
  format: 'percent',
  better: 'higher',
  range: [0, 1],
  at: 'epoch',
  atK: true,
  from: 'probabilities',
  compute(predictions) {
    if (predictions.k >= predictions.classes.length) return null;
    return predictions.count === 0 ? 0 : hits(predictions) / predictions.count;
  },
  example: 4 / 6,
} as const satisfies Metric;

/**
 * Of classes that are equally probable the first ones count as more probable, as in `greatest`, so that top-1 is the
 * accuracy. An image whose probabilities are not numbers counts as wrong.
 */
function hits({ probabilities, labels, classes, count, k }: Predictions): number {
  let found = 0;
  for (let image = 0; image < count; image += 1) {
    const offset = image * classes.length;
    const actual = labels[image]!;
    const own = probabilities[offset + actual]!;
    let before = 0;
    for (let index = 0; index < classes.length; index += 1) {
      const other = probabilities[offset + index]!;
      if (!(other < own || (other === own && index >= actual))) before += 1;
    }
    if (before < k) found += 1;
  }
  return found;
}
