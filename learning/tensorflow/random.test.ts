/** Stateless random: same seed, same numbers, traced or not; streams independent; the right distributions. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEngine, type Engine } from './engine.ts';
import { foldSeed, philox, statelessMask, statelessNormal, statelessUniform } from './random.ts';
import { trace } from './trace.ts';

describe.each(['tensorflow', 'wasm'] as const)('on %s', (prefer) => {
  let engine: Engine;
  beforeAll(async () => void (engine = await openEngine({ prefer })));
  afterAll(() => engine.close());

  const seed = (a: number, b = 0) => tf.tensor1d([a, b], 'int32');
  const values = (tensor: tf.Tensor) => [...tensor.dataSync()];
  const mean = (numbers: number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  const correlation = (a: number[], b: number[]) => {
    const [ma, mb] = [mean(a), mean(b)];
    const covariance = mean(a.map((x, i) => (x - ma) * (b[i]! - mb)));
    return covariance / Math.sqrt(mean(a.map((x) => (x - ma) ** 2)) * mean(b.map((x) => (x - mb) ** 2)));
  };

  test('the seed decides, traced or eager', () => {
    const draw = (s: tf.Tensor) => [
      statelessUniform([100], s as tf.Tensor1D),
      statelessNormal([3, 5], foldSeed(s as tf.Tensor1D, 3)),
    ];
    const traced = trace(draw, () => []);
    for (const s of [seed(1), seed(2), seed(1)]) expect(traced(s).map(values)).toEqual(draw(s).map(values));
    expect(values(draw(seed(1))[0]!)).not.toEqual(values(draw(seed(2))[0]!));
    traced.dispose();
  });

  test('uniform numbers fill [low, high) evenly', () => {
    const numbers = values(statelessUniform([20_000], seed(11, -4), -2, 4));
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...numbers)).toBeLessThan(4);
    for (let bin = 0; bin < 6; bin++) {
      const share = numbers.filter((x) => x >= bin - 2 && x < bin - 1).length / numbers.length;
      expect(share).toBeCloseTo(1 / 6, 1.7);
    }
  });

  test('a mask is true with its share to the 256th, the same for the same seed, traced or eager', () => {
    const draw = (s: tf.Tensor) => [statelessMask([101, 99], s as tf.Tensor1D, 0.8).mask];
    const traced = trace(draw, () => []);
    for (const s of [seed(1), seed(2), seed(1)]) expect(traced(s).map(values)).toEqual(draw(s).map(values));
    traced.dispose();
    const [one, other] = [values(draw(seed(1))[0]!), values(draw(seed(2))[0]!)];
    expect(mean(one)).toBeCloseTo(205 / 256, 1.7);
    expect(Math.abs(correlation(one, other))).toBeLessThan(0.06);
    // Neighbours are bytes of one word, and rows are words apart.
    for (const apart of [1, 2, 3, 4, 99])
      expect(Math.abs(correlation(one.slice(apart), one.slice(0, -apart)))).toBeLessThan(0.06);
  });

  test.each([
    [0, 1 / 256],
    [0.1, 26 / 256],
    [0.5, 0.5],
    [0.9999, 255 / 256],
  ])('a mask of share %d is told to have %d, and has it', (asked, share) => {
    const drawn = statelessMask([40_000], seed(5), asked);
    expect(drawn.share).toBe(share);
    expect(Math.abs(mean(values(drawn.mask)) - share)).toBeLessThan(0.01);
  });

  test('normal numbers have mean 0, deviation 1 and no heavier tails', () => {
    const numbers = values(statelessNormal([20_000], seed(3)));
    expect(mean(numbers)).toBeCloseTo(0, 1);
    expect(mean(numbers.map((x) => x * x))).toBeCloseTo(1, 1);
    expect(mean(numbers.map((x) => x ** 4))).toBeCloseTo(3, 0);
  });

  test('streams of one seed, and one stream of neighbouring seeds, have nothing in common', () => {
    const draw = (a: number, stream: number) => values(statelessUniform([5000], foldSeed(seed(a), stream)));
    const base = draw(1, 1);
    for (const other of [draw(1, 2), draw(2, 1), draw(2, 0), draw(0, 2)])
      expect(Math.abs(correlation(base, other))).toBeLessThan(0.06);
    const seeds = new Set<string>();
    for (let a = 0; a < 20; a++)
      for (let s = 0; s < 20; s++) seeds.add(values(foldSeed(seed(a, a), s)).join());
    expect(seeds.size).toBe(400);
  });
});

test('Philox 4x32-10 gives the published answers (Random123, kat_vectors)', () => {
  expect(philox([0, 0], 0)).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
});
