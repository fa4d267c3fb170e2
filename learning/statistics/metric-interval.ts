/** How sure a metric of recipe/metrics is, by bootstrap. Those with an interval of their own (accuracy, recall) need none. */
import { predictionsOf, countsOf } from '#recipe/metrics/counts.ts';
import type { Predictions, Metric } from '#recipe/metrics/metric.ts';
import { bootstrap, type BootstrapInterval, type BootstrapOptions, type Statistic } from './bootstrap.ts';

/** Null where it cannot be told: see `bootstrap`. */
export const metricInterval = (
  metric: Metric,
  predictions: Predictions,
  options: BootstrapOptions = {},
): BootstrapInterval | null => bootstrap(metricStatistic(metric, predictions), options);

/** A metric as a figure of samples: by cells of the confusion matrix where those are enough, else image by image. */
export function metricStatistic(metric: Metric, predictions: Predictions): Statistic {
  const { classes, confusion, count } = predictions;
  const width = classes.length;
  if (metric.from === 'counts') {
    const rows = confusion.map(() => new Array<number>(width).fill(0));
    const groups = new Int32Array(count);
    let image = 0;
    confusion.forEach((row, actual) =>
      row.forEach((images, predicted) => {
        groups.fill(actual * width + predicted, image, image + images);
        image += images;
      }),
    );
    return {
      groups,
      groupCount: width * width,
      compute(counts: Float64Array) {
        rows.forEach((row, actual) =>
          row.forEach((_, predicted) => (row[predicted] = counts[actual * width + predicted]!)),
        );
        return metric.compute(countsOf(rows)) ?? NaN;
      },
    };
  }
  return {
    count,
    compute: (sample: Int32Array) => metric.compute(sampleOf(predictions, sample)) ?? NaN,
  };
}

/**
 * The predictions of some images.
 * @param sample indices of images, some of them several times
 */
export function sampleOf(
  { probabilities, labels, classes, k }: Predictions,
  sample: Int32Array,
): Predictions {
  const width = classes.length;
  const drawn = new Float32Array(sample.length * width);
  const own = new Int32Array(sample.length);
  for (let at = 0; at < sample.length; at += 1) {
    const first = sample[at]! * width;
    for (let index = 0; index < width; index += 1) drawn[at * width + index] = probabilities[first + index]!;
    own[at] = labels[sample[at]!]!;
  }
  return predictionsOf(drawn, own, width, k);
}
