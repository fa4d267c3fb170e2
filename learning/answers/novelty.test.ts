/** Novelty against scikit-learn's and NumPy's figures (bench/peers/golden_novelty.py), and what it must keep to. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { generator, normal } from '#learning/random-numbers.ts';
import { finish } from '#learning/work-in-turns.ts';
import golden from './golden.json';
import { fitNovelty, noveltyOf } from './novelty.ts';
import { thresholdRefusing } from './promises.ts';
import { principalAxes } from './principal-axes.ts';

const fit = (...given: Parameters<typeof fitNovelty>) => finish(fitNovelty(...given));

test.each(golden.cases)('$name', ({ rows, labels, others, options, expected, size }) => {
  const model = fit(Float32Array.from(rows), labels, options)!;
  expect(model.dimensions).toBe(options.most ?? size);
  const found = noveltyOf(model, Float32Array.from(others));
  // The model is kept in float32.
  expected.forEach((value, at) => expect(Math.abs(found[at]! / value - 1)).toBeLessThan(1e-4));
});

/** Clouds of normal numbers, one a class, far from each other. */
function clouds({ classes = 3, images = 40, size = 8, seed = 1, spread = 6 } = {}) {
  const draw = normal(generator(seed, classes, size));
  const centres = Array.from({ length: classes * size }, () => spread * draw());
  const labels = Int32Array.from({ length: classes * images }, (_, at) => at % classes);
  const features = Float32Array.from(
    { length: labels.length * size },
    (_, at) => centres[labels[Math.floor(at / size)]! * size + (at % size)]! + draw(),
  );
  return { features, labels, size, draw };
}

describe('novelty', () => {
  it('is greater of what lies between the classes, or far from all, than of 95 % of new images of them', () => {
    const { features, labels, size, draw } = clouds({ images: 80 });
    const half = features.length / 2;
    const model = fit(features.slice(0, half), labels.slice(0, labels.length / 2))!;
    const threshold = thresholdRefusing(noveltyOf(model, features.slice(half)), 6);
    const far = Float32Array.from({ length: 50 * size }, () => 60 + draw());
    const between = Float32Array.from({ length: 50 * size }, () => draw() * 0.1);
    for (const strange of [far, between])
      expect(Math.min(...noveltyOf(model, strange))).toBeGreaterThan(threshold);
  });

  it('does not depend on the order of images, nor on the names of classes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 2, max: 5 }), (seed, classes) => {
        const { features, labels, size } = clouds({ seed, classes, images: 12, size: 4 });
        const order = Array.from(labels.keys()).reverse();
        const turned = Float32Array.from(
          order.flatMap((at) => [...features.subarray(at * size, (at + 1) * size)]),
        );
        const other = fit(
          turned,
          order.map((at) => 7 - labels[at]!),
        )!;
        const [a, b] = [noveltyOf(fit(features, labels)!, features), noveltyOf(other, features)];
        a.forEach((value, at) => expect(b[at]!).toBeCloseTo(value, 2));
      }),
      { numRuns: 20 },
    );
  });

  it('is finite whatever is constant, equal or of a class with one image', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.nat(3), fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 5, maxLength: 5 })),
          {
            minLength: 2,
            maxLength: 30,
          },
        ),
        (drawn) => {
          const features = Float32Array.from(drawn.flatMap(([, row]) => row));
          const model = fit(
            features,
            drawn.map(([label]) => label),
          );
          if (model) for (const value of noveltyOf(model, features)) expect(value).toSatisfy(Number.isFinite);
          else
            expect(new Set(drawn.map(([label, row]) => `${label} ${row.join()}`)).size).toBeLessThanOrEqual(
              4,
            );
        },
      ),
    );
  });

  it('keeps fewer numbers where there are many classes, and cannot be told without two images or without numbers', () => {
    const { features, labels } = clouds({ classes: 400, images: 2, size: 60 });
    expect(fit(features, labels)!.dimensions).toBe(Math.floor(Math.sqrt(2 ** 20 / 400)));
    expect(fit(features.slice(0, 60), [0])).toBeNull();
    expect(fit(new Float32Array(8).fill(2), [0, 1])).toBeNull();
    expect(fit(Float32Array.of(1, NaN, 2, 3), [0, 1])).toBeNull();
    expect(noveltyOf(fit(features, labels)!, new Float32Array(60).fill(NaN))[0]).toBeNaN();
    expect(() => fit(features.slice(1), labels)).toThrow(RangeError);
  });
});

describe('principal axes', () => {
  it('are orthonormal, and keep what lies in few directions whole', () => {
    const draw = normal(generator(5));
    const [size, rank, n] = [40, 6, 200];
    const directions = Float32Array.from({ length: rank * size }, draw);
    const rows = new Float32Array(n * size);
    for (let row = 0; row < n; row += 1)
      for (let r = 0; r < rank; r += 1) {
        const weight = draw() * (rank - r);
        for (let at = 0; at < size; at += 1) rows[row * size + at]! += weight * directions[r * size + at]!;
      }
    const { axes, variances, mean } = finish(principalAxes(rows, size, rank));
    const column = (a: number) => Array.from({ length: size }, (_, at) => axes[at * rank + a]!);
    for (let a = 0; a < rank; a += 1)
      for (let b = 0; b < rank; b += 1)
        expect(column(a).reduce((sum, value, at) => sum + value * column(b)[at]!, 0)).toBeCloseTo(
          a === b ? 1 : 0,
          9,
        );
    const total = rows.reduce((sum, value, at) => sum + (value - mean[at % size]!) ** 2, 0) / n;
    expect(variances.reduce((sum, value) => sum + value, 0) / total).toBeCloseTo(1, 9);
    expect([...variances]).toEqual([...variances].sort((a, b) => b - a));
  });
  it('are the same at every call', () => {
    const rows = Float32Array.from({ length: 300 }, normal(generator(9)));
    expect(finish(principalAxes(rows, 10, 3))).toEqual(finish(principalAxes(rows, 10, 3)));
  });
});
