/** Mean cross-entropy of the predictions (log loss) in nats, whatever loss the recipe lowers. */
import type { Metric } from './metric.ts';

/** A probability that float32 rounded to zero counts as this one, so that one image cannot make the loss infinite. */
const leastProbability = 1e-30;

/** Of one image: that its own class had this probability, in nats. */
export const lossOf = (probability: number): number => -Math.log(Math.max(probability, leastProbability));

export const loss = {
  key: 'loss',
  label: 'loss',
  short: 'loss',
  help: 'mean cross-entropy (log loss)',
  format: 'number',
  better: 'lower',
  range: [0, Infinity],
  at: 'epoch',
  training: true,
  always: true,
  from: 'probabilities',
  compute({ probabilities, labels, classes, count }) {
    let sum = 0;
    for (let image = 0; image < count; image += 1) {
      sum += lossOf(probabilities[image * classes.length + labels[image]!]!);
    }
    return count === 0 ? 0 : sum / count;
  },
  example: -Math.log(0.7 * 0.3 * 0.8 * 0.2 * 0.5 * 0.25) / 6,
} as const satisfies Metric;
