/** Evidence of made predictions: intervals hold the value, exact ones are the exact ones, a temperature mends what is too sure. */
import { describe, expect, it } from 'vitest';
import { accuracy } from '#recipe/metrics/accuracy.ts';
import { predictionsOf } from '#recipe/metrics/counts.ts';
import { metrics } from '#recipe/metrics/index.ts';
import {
  areaUnderRoc,
  averagePrecisionOf,
  meanOverRankings,
  SampleRankings,
} from '#recipe/metrics/ranking.ts';
import { clopperPearsonInterval } from '#recipe/statistics/binomial.ts';
import { generator } from '../random-numbers.ts';
import { finish } from '../work-in-turns.ts';
import { bootstrapTogether } from './bootstrap-together.ts';
import { bootstrap } from './bootstrap.ts';
import { evidenceOf, type JudgedPart } from './evidence.ts';
import { scale } from './temperature.ts';

const classes = 4;
/** Answers that are right as often as they say, and then made too sure. */
function part(count: number, seed: number, temperature = 0.4): JudgedPart {
  const uniform = generator(seed);
  const probabilities = new Float32Array(count * classes);
  const labels = Int32Array.from({ length: count }, (_, image) => {
    const powers = Array.from({ length: classes }, () => Math.exp(3 * uniform()));
    const sum = powers.reduce((all, power) => all + power, 0);
    powers.forEach((power, index) => (probabilities[image * classes + index] = power / sum));
    let left = uniform() * sum;
    return Math.max(
      0,
      powers.findIndex((power) => (left -= power) < 0),
    );
  });
  return { probabilities: scale(probabilities, temperature, classes), labels };
}

describe('evidence', () => {
  const judged = part(900, 1);
  const evidence = finish(evidenceOf(judged, part(2000, 2), classes, 2));
  const predictions = predictionsOf(judged.probabilities, judged.labels, classes, 2);

  it('has every metric, with an interval around its value, and says how that was made', () => {
    expect(evidence.metrics.map(({ key }) => key)).toEqual(metrics.map(({ key }) => key));
    for (const { key, value, interval, method } of evidence.metrics) {
      expect(value).toBeCloseTo(metrics.find((metric) => metric.key === key)!.compute(predictions)!, 12);
      expect(interval!.low, key).toBeLessThan(value);
      expect(interval!.high, key).toBeGreaterThan(value);
      expect(method).toBe(key === 'accuracy' || key === 'topK' ? 'exact' : 'bootstrap');
    }
    const right = Math.round(accuracy.compute(predictions) * 900);
    expect(evidence.metrics.find(({ key }) => key === 'accuracy')!.interval).toEqual(
      clopperPearsonInterval(right, 900),
    );
  });

  it('finds the temperature that was put in, and with it a smaller calibration error', () => {
    expect(evidence.temperature!.temperature).toBeGreaterThan(2);
    expect(evidence.temperature!.temperature).toBeLessThan(3);
    expect(evidence.calibration!.error).toBeGreaterThan(0.12);
    expect(evidence.temperature!.calibration.error).toBeLessThan(0.05);
    expect(evidence.temperature!.calibration.loss).toBeLessThan(evidence.calibration!.loss);
  });

  it('says what answering less gains', () => {
    const { most, all, points } = evidence.coverage;
    expect(all!.answered).toBe(900);
    expect(most!.coverage).toBeGreaterThanOrEqual(0.9);
    expect(most!.error).toBeLessThan(all!.error);
    expect(points.at(-1)!.coverage).toBe(1);
  });

  it('without validation images has no temperature', () => {
    const few = finish(evidenceOf(part(60, 3), null, classes, 2));
    expect([few.temperature, few.draws, few.count]).toEqual([null, 2000, 60]);
  });

  it('of no image, or of only right ones, tells no interval that it cannot know', () => {
    const sure = { probabilities: Float32Array.of(0.9, 0.1, 0.2, 0.8), labels: Int32Array.of(0, 1) };
    const told = finish(evidenceOf(sure, null, 2, 1));
    const of = (key: string) => told.metrics.find((metric) => metric.key === key)!;
    expect(of('accuracy').interval).toEqual(clopperPearsonInterval(2, 2));
    expect(of('macroF1').interval).toBeNull();
  });
});

it('a figure drawn with others has the interval of its own', () => {
  const uniform = generator(5);
  const values = Array.from({ length: 120 }, () => uniform() ** 2);
  const mean = (sample: Int32Array) => sample.reduce((sum, image) => sum + values[image]!, 0) / sample.length;
  const alone = bootstrap({ count: 120, compute: mean }, { seed: 4, draws: 500 })!;
  const [together, none] = finish(
    bootstrapTogether({ count: 120, compute: (sample) => [mean(sample), NaN] }, { seed: 4, draws: 500 }),
  );
  expect(together!.low).toBeCloseTo(alone.low, 12);
  expect(together!.high).toBeCloseTo(alone.high, 12);
  expect(none).toBeNull();
});

it('rankings of a sample are those of its own predictions', () => {
  const { probabilities, labels } = part(80, 7);
  probabilities.fill(NaN, 4, 6);
  const uniform = generator(6);
  const sample = Int32Array.from({ length: 80 }, () => (uniform() * 80) | 0);
  const taken = () =>
    predictionsOf(
      Float32Array.from(
        [...sample].flatMap((image) => [...probabilities.subarray(image * classes, (image + 1) * classes)]),
      ),
      Int32Array.from(sample, (image) => labels[image]!),
      classes,
      1,
    );
  const [own, shared] = [taken(), taken()];
  new SampleRankings(predictionsOf(probabilities, labels, classes, 1)).share(shared, sample);
  for (const of of [areaUnderRoc, averagePrecisionOf])
    expect(meanOverRankings(shared, of)).toBeCloseTo(meanOverRankings(own, of)!, 12);
});
