/**
 * How often the 95 % intervals of learning/statistics hold the true value: test sets are drawn again and again from predictions whose
 * true figures are known, and an interval is made of each. coverage.ts does it at length.
 */
import { predictionsOf, countsOf } from '#recipe/metrics/counts.ts';
import { wilsonInterval } from '#recipe/metrics/interval.ts';
import { loss } from '#recipe/metrics/cross-entropy.ts';
import { macroF1 } from '#recipe/metrics/macro-f1.ts';
import type { Predictions } from '#recipe/metrics/metric.ts';
import { clopperPearsonInterval } from '#recipe/statistics/binomial.ts';
import { generator, normal, type RandomStream } from '#learning/random-numbers.ts';
import { bootstrap, type BootstrapOptions, type Statistic } from '#learning/statistics/bootstrap.ts';
import { bootstrapTogether } from '#learning/statistics/bootstrap-together.ts';
import { metricStatistic, sampleOf } from '#learning/statistics/metric-interval.ts';
import { finish } from '#learning/work-in-turns.ts';

/** Shares of the classes, and by how much the logit of the right one is higher on average. */
const shares = [0.3, 0.25, 0.2, 0.15, 0.1];
const skill = 2.5;
/** Images that the true figures are counted from: so many that they are known ten times as well as any interval is wide. */
const populationImages = 1_000_000;

/** Predictions of a classifier of five classes that is right about 85 times of 100. */
function drawAnswers(count: number, uniform: RandomStream): Predictions {
  const draw = normal(uniform);
  const labels = new Int32Array(count);
  const probabilities = new Float32Array(count * shares.length);
  for (let image = 0; image < count; image += 1) {
    let left = uniform();
    const label = Math.max(
      0,
      shares.findIndex((share) => (left -= share) < 0),
    );
    labels[image] = label;
    const weights = shares.map((_, index) => Math.exp(draw() + (index === label ? skill : 0)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    weights.forEach((weight, index) => (probabilities[image * shares.length + index] = weight / sum));
  }
  return predictionsOf(probabilities, labels, shares.length, 1);
}

/** The loss as a mean of what each image brings: what metricStatistic computes, without gathering probabilities. */
function lossStatistic({ probabilities, labels, count, classes }: Predictions): Statistic {
  const own = Float64Array.from(
    { length: count },
    (_, image) => -Math.log(probabilities[image * classes.length + labels[image]!]!),
  );
  return {
    count,
    compute(sample: Int32Array) {
      let sum = 0;
      for (let at = 0; at < sample.length; at += 1) sum += own[sample[at]!]!;
      return sum / sample.length;
    },
  };
}

const figures = {
  accuracy: {
    of: ({ count, correct }: Predictions) => correct / count,
    statistic: ({ count, correct }: Predictions): Statistic => ({
      groups: Int32Array.from({ length: count }, (_, image) => Number(image < correct)),
      groupCount: 2,
      compute: (counts: Float64Array) => counts[1]! / count,
    }),
  },
  'macro F1': {
    of: (predictions: Predictions) => macroF1.compute(predictions),
    statistic: (predictions: Predictions) => metricStatistic(macroF1, predictions),
  },
  'log loss': { of: (predictions: Predictions) => loss.compute(predictions), statistic: lossStatistic },
} as const;

type Figure = keyof typeof figures;

export interface Coverage {
  figure: Figure | 'accuracy, exact' | 'accuracy, Wilson';
  /** together: as evidence has it, all figures of the same samples. */
  method: 'bca' | 'percentile' | 'together' | null;
  /** Images of each test set. */
  images: number;
  /** Share of the intervals that hold the true value. */
  held: number;
  /** Mean width of the intervals. */
  width: number;
}

/** The true figures, counted from a sample so large that what is left of chance does not matter. */
export function trueFigures(images = populationImages): Record<Figure, number> {
  const uniform = generator(1);
  const part = 50_000;
  const confusion = shares.map(() => shares.map(() => 0));
  let sum = 0;
  for (let drawn = 0; drawn < images; drawn += part) {
    const predictions = drawAnswers(part, uniform);
    predictions.confusion.forEach((row, actual) =>
      row.forEach((n, said) => (confusion[actual]![said]! += n)),
    );
    sum += loss.compute(predictions) * part;
  }
  const counts = countsOf(confusion);
  return {
    accuracy: counts.correct / counts.count,
    'macro F1': macroF1.compute(counts),
    'log loss': sum / counts.count,
  };
}

/** @param repeats test sets drawn */
export function measureCoverage(
  truth: Record<Figure, number>,
  images: number,
  repeats: number,
  draws: number,
): Coverage[] {
  const uniform = generator(2, images);
  const tallies = new Map<string, Coverage>();
  const tally = (
    figure: Coverage['figure'],
    method: Coverage['method'],
    value: number,
    ends: { low: number; high: number } | null,
  ) => {
    const key = `${figure} ${method}`;
    const entry = tallies.get(key) ?? { figure, method, images, held: 0, width: 0 };
    tallies.set(key, entry);
    if (!ends) return;
    entry.held += Number(ends.low <= value && value <= ends.high) / repeats;
    entry.width += (ends.high - ends.low) / repeats;
  };
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const predictions = drawAnswers(images, uniform);
    for (const [name, { statistic }] of Object.entries(figures) as [Figure, (typeof figures)[Figure]][])
      for (const method of ['bca', 'percentile'] as const) {
        const options: BootstrapOptions = { draws, method, seed: repeat };
        tally(name, method, truth[name], bootstrap(statistic(predictions), options));
      }
    const names = ['macro F1', 'log loss'] as const;
    const compute = (sample: Int32Array) => {
      const some = sampleOf(predictions, sample);
      return names.map((name) => figures[name].of(some) ?? NaN);
    };
    const ends = finish(bootstrapTogether({ count: images, compute }, { draws, seed: repeat }));
    names.forEach((name, at) => tally(name, 'together', truth[name], ends[at]!));
    const { correct, count } = predictions;
    tally('accuracy, exact', null, truth.accuracy, clopperPearsonInterval(correct, count));
    tally('accuracy, Wilson', null, truth.accuracy, wilsonInterval(correct, count));
  }
  return [...tallies.values()];
}
