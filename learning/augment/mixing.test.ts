/** Mixing: the Beta distribution by its moments, partners as a permutation, targets mixed exactly as pixels. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { trace } from '#learning/tensorflow/trace.ts';
import { symmetricBeta } from './beta.ts';
import { augment } from './index.ts';
import { partners } from './mixing.ts';
import { mixFeatures } from './mixup.ts';

describe.each(['tensorflow', 'wasm'] as const)('on %s', (prefer) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine({ prefer });
  });
  afterAll(() => engine.close());

  const seed = (at: number) => tf.tensor1d([at, 3], 'int32');
  const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

  test.each([0.05, 0.2, 0.5, 1, 2, 10])('Beta(%f, same) has its moments', (alpha) => {
    const draw = trace(
      (s) => [symmetricBeta(40_000, alpha, s as tf.Tensor1D)],
      () => [],
    );
    const values = tf.tidy(() => Array.from(draw(seed(5))[0]!.dataSync()));
    draw.dispose();
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
    const centred = (power: number) => mean(values.map((value) => (value - 0.5) ** power));
    const variance = 1 / (4 * (2 * alpha + 1));
    expect(centred(1)).toBeCloseTo(0, 2);
    expect(centred(2) / variance).toBeCloseTo(1, 1.5);
    expect(centred(3)).toBeCloseTo(0, 2);
    const kurtosis = 3 - 6 / (2 * alpha + 3);
    expect(centred(4) / variance ** 2 / kurtosis).toBeCloseTo(1, 1.3);
  });

  test('Beta(a, a) has its quantiles: arcsine at a half, even at 1, a cubic at 2', () => {
    const cumulative: [number, (x: number) => number][] = [
      [0.5, (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
      [1, (x) => x],
      [2, (x) => x * x * (3 - 2 * x)],
    ];
    for (const [alpha, share] of cumulative) {
      const values = Array.from(tf.tidy(() => symmetricBeta(20_000, alpha, seed(9)).dataSync())).sort(
        (a, b) => a - b,
      );
      const worst = values.reduce(
        (most, x, i) => Math.max(most, Math.abs(share(x) - (i + 0.5) / values.length)),
        0,
      );
      // Kolmogorov's statistic passes this once in a thousand times.
      expect(worst).toBeLessThan(1.95 / Math.sqrt(20_000));
    }
  });

  test('each image is the partner of one other, never of itself, and any other in time', () => {
    const met = new Set<number>();
    for (let at = 0; at < 60; at += 1) {
      const partner = tf.tidy(() => Array.from(partners(7, seed(at)).dataSync()));
      expect([...partner].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
      expect(partner.every((place, image) => place !== image)).toBe(true);
      met.add(partner[0]!);
    }
    expect(met.size).toBe(6);
    expect(tf.tidy(() => [...partners(1, seed(1)).dataSync()])).toEqual([0]);
  });

  const batch = 16;
  /** Image i is answered by class i. */
  const targets = () => tf.eye(batch);

  test('mixup blends pixels as it blends targets, each image by its own share', () => {
    // Pixel k of image i is 255 where k is its class, so that a mixed image is its own target.
    const images = tf.tidy(() => tf.reshape(tf.mul(tf.eye(batch), 255), [batch, 4, 4, 1]) as tf.Tensor4D);
    const shares: number[] = [];
    for (let at = 0; at < 20; at += 1) {
      tf.tidy(() => {
        const mixed = augment(images, targets(), [{ kind: 'mixup', probability: 1, alpha: 1 }], seed(at));
        const [pixels, rows] = [mixed.images.dataSync(), Array.from(mixed.targets.dataSync())];
        const worst = rows.reduce((most, value, i) => Math.max(most, Math.abs(value - pixels[i]! / 255)), 0);
        expect(worst).toBeLessThan(1e-5);
        shares.push(...Array.from({ length: batch }, (_, i) => rows[i * batch + i]!));
      });
    }
    images.dispose();
    expect(new Set(shares).size).toBeGreaterThan(300);
    expect(mean(shares)).toBeCloseTo(0.5, 1);
    expect(mean(shares.map((share) => (share - 0.5) ** 2))).toBeCloseTo(1 / 12, 1);
  });

  test('mixup of kept features blends them as it blends targets, whatever their shape', () => {
    const settings = { kind: 'mixup', probability: 1, alpha: 1 } as const;
    for (const shape of [[], [16], [2, 4, 16]]) {
      tf.tidy(() => {
        // Each row repeats its own target.
        const size = shape.reduce((product, side) => product * side, 1);
        const rows = shape.length === 0 ? tf.range(0, batch) : tf.tile(targets(), [1, size / batch]);
        const mixed = mixFeatures(tf.reshape(rows, [batch, ...shape]), targets(), settings, seed(3));
        expect(mixed.features.shape).toEqual([batch, ...shape]);
        if (shape.length === 0) return;
        const difference = tf.sub(
          tf.reshape(mixed.features, [batch, size]),
          tf.tile(mixed.targets, [1, size / batch]),
        );
        expect(Number(tf.max(tf.abs(difference)).dataSync()[0])).toBeLessThan(1e-6);
        const own = tf.sum(tf.mul(mixed.targets, targets()), 1).dataSync();
        expect(new Set(own).size).toBeGreaterThan(10);
      });
    }
  });

  test('cutmix takes one rectangle from one partner, and its share of the area is the target', () => {
    const [height, width] = [12, 20];
    const images = tf.tidy(() =>
      tf.tile(tf.reshape(tf.range(0, batch), [batch, 1, 1, 1]), [1, height, width, 1]),
    ) as tf.Tensor4D;
    const areas: number[] = [];
    for (let at = 0; at < 20; at += 1) {
      tf.tidy(() => {
        const mixed = augment(images, targets(), [{ kind: 'cutmix', probability: 1, alpha: 1 }], seed(at));
        const [pixels, rows] = [mixed.images.dataSync(), mixed.targets.dataSync()];
        for (let image = 0; image < batch; image += 1) {
          const picture = pixels.slice(image * height * width, (image + 1) * height * width);
          const row = rows.slice(image * batch, (image + 1) * batch);
          const counts = new Float64Array(batch);
          for (const value of picture) counts[value]! += 1;
          row.forEach((value, k) => expect(value).toBeCloseTo(counts[k]! / picture.length, 5));
          const taken = Array.from(picture.keys()).filter((i) => picture[i] !== image);
          expect(new Set(taken.map((i) => picture[i])).size).toBeLessThan(2);
          if (taken.length === 0) continue;
          const ys = taken.map((i) => Math.floor(i / width));
          const xs = taken.map((i) => i % width);
          const extent = (places: number[]) => Math.max(...places) - Math.min(...places) + 1;
          expect(taken.length).toBe(extent(ys) * extent(xs));
          areas.push(taken.length / picture.length);
        }
      });
    }
    images.dispose();
    expect(Math.max(...areas)).toBeGreaterThan(0.8);
    expect(Math.min(...areas)).toBeLessThan(0.05);
  });
});
