/** What the augmentations of values do, against arithmetic of another kind: ratios, moments, a plain convolution. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Augmentation } from '#recipe/augmentation.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { augment } from './index.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

type Shape = [batch: number, height: number, width: number, channels: number];
/** The images one by one. */
function run(values: Float32Array, shape: Shape, settings: Augmentation, at = 1): Float32Array[] {
  const all = tf.tidy(() =>
    augment(tf.tensor4d(values, shape), null, [settings], tf.tensor1d([at, 7], 'int32')).images.dataSync(),
  ) as Float32Array;
  const size = all.length / shape[0];
  return Array.from({ length: shape[0] }, (_, image) => all.slice(image * size, (image + 1) * size));
}
const repeat = (count: number, picture: ArrayLike<number>) =>
  Float32Array.from({ length: count * picture.length }, (_, i) => picture[i % picture.length]!);
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;
const deviation = (values: ArrayLike<number>) => {
  const middle = mean(values);
  return Math.sqrt(mean(Array.from(values, (x) => (x - middle) ** 2)));
};
/** That numbers fill [low, high] evenly: its ends are reached, the mean and the spread are those of even numbers. */
function expectEven(values: number[], low: number, high: number): void {
  const length = high - low;
  expect(Math.min(...values)).toBeGreaterThanOrEqual(low - 1e-3 * length);
  expect(Math.max(...values)).toBeLessThanOrEqual(high + 1e-3 * length);
  expect(Math.abs(mean(values) - (low + high) / 2)).toBeLessThan(0.06 * length);
  expect(Math.abs(deviation(values) - length / Math.sqrt(12))).toBeLessThan(0.04 * length);
}
/** Values far from black and white, so that nothing is cut. */
const muted = (size: number) => Float32Array.from({ length: size }, (_, i) => 128 + 30 * Math.sin(i * i));
const count = 256;

test('brightness adds one number to each image, even in both directions, and cuts at black and white', () => {
  const picture = muted(36);
  const added = run(repeat(count, picture), [count, 6, 6, 1], {
    kind: 'brightness',
    probability: 1,
    fraction: 0.2,
  }).map((values) => {
    const differences = values.map((value, i) => value - picture[i]!);
    expect(Math.max(...differences) - Math.min(...differences)).toBeLessThan(1e-3);
    return differences[0]!;
  });
  expectEven(added, -51, 51);
  const strong = run(repeat(count, [0, 255, 0, 255]), [count, 2, 2, 1], {
    kind: 'brightness',
    probability: 1,
    fraction: 1,
  });
  for (const [black, white] of strong) expect(Math.max(255 - white!, black!)).toBeGreaterThanOrEqual(0);
  expect(strong.some(([black]) => black! > 100)).toBe(true);
});

test.each([1, 3])('contrast multiplies the distance from the mean of all %i channels', (channels) => {
  const picture = muted(36 * channels);
  const middle = mean(picture);
  const factors = run(repeat(count, picture), [count, 6, 6, channels], {
    kind: 'contrast',
    probability: 1,
    fraction: 0.4,
  }).map((values) => {
    const factor = deviation(values) / deviation(picture);
    values.forEach((value, i) => expect(value).toBeCloseTo(middle + factor * (picture[i]! - middle), 2));
    return factor;
  });
  expectEven(factors, 0.6, 1.4);
});

test('gamma raises values to a power that is even on the logarithm; black and white stay', () => {
  const picture = [0, 255, ...muted(34)];
  const powers = run(repeat(count, picture), [count, 6, 6, 1], {
    kind: 'gamma',
    probability: 1,
    maximum: 2,
  }).map((values) => {
    expect([values[0], values[1]]).toEqual([0, 255]);
    const power = Math.log(values[2]! / 255) / Math.log(picture[2]! / 255);
    values.forEach((value, i) => expect(value).toBeCloseTo(255 * (picture[i]! / 255) ** power, 2));
    return Math.log2(power);
  });
  expectEven(powers, -1, 1);
});

test('colour jitter turns and scales chroma about the luminance, which stays; grey stays grey', () => {
  // Rows of the map from RGB to YIQ, as FCC 1953 has it.
  const toYiq = ([r, g, b]: number[]) => [
    0.299 * r! + 0.587 * g! + 0.114 * b!,
    0.5959 * r! - 0.2746 * g! - 0.3213 * b!,
    0.2115 * r! - 0.5227 * g! + 0.3112 * b!,
  ];
  const picture = [150, 120, 110, 100, 130, 150, 90, 90, 90, 128, 140, 100];
  const pixelOf = (values: ArrayLike<number>, i: number) =>
    toYiq([values[3 * i]!, values[3 * i + 1]!, values[3 * i + 2]!]);
  const drawn = run(repeat(count, picture), [count, 2, 2, 3], {
    kind: 'colour-jitter',
    probability: 1,
    hue: 0.25,
    saturation: 0.5,
  }).map((values) => {
    const all = [0, 1, 3].map((i) => {
      const [before, after] = [pixelOf(picture, i), pixelOf(values, i)];
      expect(after[0]).toBeCloseTo(before[0]!, 2);
      const turned = Math.atan2(after[2]!, after[1]!) - Math.atan2(before[2]!, before[1]!);
      return {
        factor: Math.hypot(after[1]!, after[2]!) / Math.hypot(before[1]!, before[2]!),
        turn: turned / (2 * Math.PI) - Math.round(turned / (2 * Math.PI)),
      };
    });
    // One turn and one factor for all pixels.
    for (const { factor, turn } of all) {
      expect(factor).toBeCloseTo(all[0]!.factor, 2);
      expect(turn).toBeCloseTo(all[0]!.turn, 2);
    }
    for (const channel of [6, 7, 8]) expect(values[channel]).toBeCloseTo(90, 1);
    return all[0]!;
  });
  expectEven(
    drawn.map(({ factor }) => factor),
    0.5,
    1.5,
  );
  expectEven(
    drawn.map(({ turn }) => turn),
    -0.25,
    0.25,
  );
});

test('noise is normal, independent, and its deviation is even from none to all', () => {
  const size = 40 * 40;
  const pictures = run(new Float32Array(count * size).fill(128), [count, 40, 40, 1], {
    kind: 'noise',
    probability: 1,
    fraction: 0.1,
  }).map((values) => values.map((value) => value - 128));
  expectEven(pictures.map(deviation), 0, 25.5);
  const strongest = pictures.reduce((a, b) => (deviation(a) > deviation(b) ? a : b));
  const scale = deviation(strongest);
  expect(mean(strongest) / scale).toBeCloseTo(0, 0.7);
  expect(mean(strongest.map((x) => (x / scale) ** 4))).toBeCloseTo(3, 0);
  const besides = Array.from(strongest.slice(1), (x, i) => (x * strongest[i]!) / scale ** 2);
  expect(Math.abs(mean(besides))).toBeLessThan(0.1);
});

test.each([1, 3])(
  'blur is a Gaussian of one deviation an image, whose weights sum to 1 at the border too; %i channels',
  (channels) => {
    const [height, width] = [12, 17];
    const size = height * width * channels;
    const settings: Augmentation = { kind: 'blur', probability: 1, sigma: 3 };
    // A column of light across the picture spreads sideways only; its neighbour over itself tells the deviation.
    const light = Float32Array.from({ length: size }, (_, i) =>
      Math.floor(i / channels) % width === 8 ? 255 : 0,
    );
    const texture = muted(size);
    const shape: Shape = [32, height, width, channels];
    const lit = run(repeat(32, light), shape, settings);
    const blurred = run(repeat(32, texture), shape, settings);
    const deviations = lit.map((values) => {
      const at = (x: number) => values[(6 * width + x) * channels]!;
      // The rows of weights are divided by their sums, nearly equal in the middle; two steps each way cancel that.
      const ratio = Math.sqrt((at(7) * at(9)) / at(8) ** 2);
      return ratio > 0 ? Math.sqrt(-1 / (2 * Math.log(ratio))) : 0;
    });
    expect(Math.max(...deviations)).toBeLessThan(3.1);
    expect(Math.max(...deviations)).toBeGreaterThan(2.4);
    expect(Math.min(...deviations)).toBeLessThan(0.6);
    let compared = 0;
    for (const [image, sigma] of deviations.entries()) {
      // Far enough from the border that the estimate above is exact.
      if (sigma === 0 || sigma > 1.6) continue;
      compared += 1;
      const bell = (distance: number) => Math.exp(-(distance ** 2) / (2 * sigma ** 2));
      let worst = 0;
      for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
          for (let channel = 0; channel < channels; channel += 1) {
            let [sum, weights] = [0, 0];
            for (let v = 0; v < height; v += 1) {
              for (let u = 0; u < width; u += 1) {
                const weight = bell(Math.hypot(x - u, y - v));
                sum += weight * texture[(v * width + u) * channels + channel]!;
                weights += weight;
              }
            }
            worst = Math.max(
              worst,
              Math.abs(sum / weights - blurred[image]![(y * width + x) * channels + channel]!),
            );
          }
        }
      }
      expect(worst).toBeLessThan(0.05);
    }
    expect(compared).toBeGreaterThan(5);
  },
);

test('grayscale gives all three channels the luminance, to as many images as are chosen', () => {
  const picture = [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30];
  const grey = picture.map((_, i) => {
    const [r, g, b] = picture.slice(i - (i % 3));
    return 0.299 * r! + 0.587 * g! + 0.114 * b!;
  });
  const drawn = run(repeat(count, picture), [count, 2, 2, 3], { kind: 'grayscale', probability: 0.5 });
  const changed = drawn.filter((values) => values[0] !== 255);
  for (const values of changed) values.forEach((value, i) => expect(value).toBeCloseTo(grey[i]!, 3));
  for (const values of drawn) if (!changed.includes(values)) expect([...values]).toEqual(picture);
  expect(changed.length / count).toBeGreaterThan(0.4);
  expect(changed.length / count).toBeLessThan(0.6);
});
