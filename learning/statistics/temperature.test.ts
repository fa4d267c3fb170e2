/** Temperatures against SciPy's root of the slope (bench/peers/golden_learning_statistics.py), and what scaling must keep to. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { predictionsOf, greatest } from '#recipe/metrics/counts.ts';
import answered from '#recipe/metrics/golden.json';
import { loss } from '#recipe/metrics/cross-entropy.ts';
import { generator, normal } from '../random-numbers.ts';
import { brierScore } from './brier.ts';
import golden from './golden.json';
import { fitTemperature, scale } from './temperature.ts';

const near = (value: number, wanted: number) =>
  expect(Math.abs(value - wanted), `${value} where ${wanted} was expected`).toBeLessThanOrEqual(1e-9);

describe.each(answered.cases)('$name', ({ name, classes, labels, steps, brier }) => {
  const probabilities = Float32Array.from(steps, (step) => step / answered.steps);
  test('the temperature is SciPy’s', () => {
    const wanted = golden.temperatures.find((row) => row.name === name)!;
    const found = fitTemperature(probabilities, labels, classes)!;
    near(found.temperature / wanted.temperature, 1);
    near(found.before, wanted.before);
    near(found.after, wanted.after);
    expect(found.bounded).toBe(wanted.bounded);
  });
  test('the Brier score is scikit-learn’s', () => near(brierScore(probabilities, labels, classes)!, brier));
});

/** Predictions of a network that is right about as often as softmax(logits / 2.5) says: its temperature is 2.5. */
function tooSure(count: number, classes: number, temperature: number) {
  const uniform = generator(count, classes);
  const draw = normal(uniform);
  const logits = Float32Array.from({ length: count * classes }, () => draw() * 3);
  const labels = Array.from({ length: count }, (_, image) => {
    const weights = Array.from(logits.subarray(image * classes, (image + 1) * classes), (logit) =>
      Math.exp(logit / temperature),
    );
    let left = uniform() * weights.reduce((sum, weight) => sum + weight, 0);
    return weights.findIndex((weight) => (left -= weight) < 0);
  });
  return { logits, labels };
}

describe('temperature', () => {
  test('finds the one that predictions were made with', () => {
    const { logits, labels } = tooSure(20_000, 5, 2.5);
    const found = fitTemperature(logits, labels, 5, { of: 'logits' })!;
    expect(found.temperature).toBeGreaterThan(2.4);
    expect(found.temperature).toBeLessThan(2.6);
    expect(found.after).toBeLessThan(found.before);
    const same = fitTemperature(scale(logits.map(Math.exp), 1, 5), labels, 5)!;
    expect(same.temperature).toBeCloseTo(found.temperature, 4);
  });
  test('scaled, the loss is what was promised and the best temperature is 1', () => {
    const { logits, labels } = tooSure(500, 4, 3);
    const probabilities = scale(logits.map(Math.exp), 1, 4);
    const found = fitTemperature(probabilities, labels, 4)!;
    const scaled = scale(probabilities, found.temperature, 4);
    expect(loss.compute(predictionsOf(scaled, labels, 4, 1))).toBeCloseTo(found.after, 6);
    expect(fitTemperature(scaled, labels, 4)!.temperature).toBeCloseTo(1, 5);
  });
  test('always ends, never with a higher loss, whatever was answered', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 5 }),
        fc.array(
          fc.tuple(
            fc.array(fc.float({ min: -90, max: 90, noNaN: true }), { minLength: 5, maxLength: 5 }),
            fc.nat(),
          ),
          {
            minLength: 1,
            maxLength: 12,
          },
        ),
        (classes, rows) => {
          const logits = new Float32Array(rows.flatMap(([row]) => row.slice(0, classes)));
          const labels = rows.map(([, label]) => label % classes);
          const found = fitTemperature(logits, labels, classes, { of: 'logits' })!;
          expect(found.temperature).toBeGreaterThanOrEqual(0.01);
          expect(found.temperature).toBeLessThanOrEqual(100);
          expect(found.after).toBeLessThanOrEqual(found.before + 1e-12);
        },
      ),
    );
  });
  test('is an end where all predictions are right, or they are worse than chance, and 1 where it changes nothing', () => {
    const two = new Float32Array([0.9, 0.1, 0.2, 0.8]);
    expect(fitTemperature(two, [0, 1], 2)).toMatchObject({ temperature: 0.01, bounded: true });
    expect(fitTemperature(two, [1, 0], 2)).toMatchObject({ temperature: 100, bounded: true });
    expect(fitTemperature(new Float32Array([0.5, 0.5]), [1], 2)).toMatchObject({
      temperature: 1,
      bounded: false,
    });
    expect(fitTemperature(new Float32Array(0), [], 2)).toBeNull();
    expect(() => fitTemperature(two, [0], 2)).toThrow('Expected [1, 2] scores, received 4 values');
  });
});

test('scaling keeps sums of 1 and the most probable class, and 1 keeps the probabilities', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
      fc.double({ min: 0.05, max: 20, noNaN: true }),
      (row, temperature) => {
        const sum = row[0]! + row[1]! + row[2]!;
        const probabilities = Float32Array.from(row, (value) => value / sum);
        const scaled = scale(probabilities, temperature, 3);
        expect(scaled[0]! + scaled[1]! + scaled[2]!).toBeCloseTo(1, 6);
        expect(scaled[greatest(probabilities, 3)]).toBe(Math.max(...scaled));
        scale(probabilities, 1, 3).forEach((value, index) =>
          expect(value).toBeCloseTo(probabilities[index]!, 6),
        );
      },
    ),
  );
});
