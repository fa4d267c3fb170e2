/** The solver on functions whose minimum is known. */
import { expect, test } from 'vitest';
import { minimise } from './lbfgs.ts';

/** Σ i·(x_i − i)², whose curvature differs a thousandfold. */
const bowl = (x: Float64Array, gradient: Float64Array): number => {
  let sum = 0;
  x.forEach((value, index) => {
    const weight = 1 + index * 10;
    gradient[index] = 2 * weight * (value - index);
    sum += weight * (value - index) ** 2;
  });
  return sum;
};

/** Rosenbrock's valley. */
const valley = (x: Float64Array, gradient: Float64Array): number => {
  const [a, b] = [x[0]!, x[1]!];
  gradient[0] = -2 * (1 - a) - 400 * a * (b - a * a);
  gradient[1] = 200 * (b - a * a);
  return (1 - a) ** 2 + 100 * (b - a * a) ** 2;
};

test('finds the minimum of a bowl, and of a bent valley', async () => {
  const x = new Float64Array(100);
  expect(await minimise(bowl, x, { evaluations: 500, tolerance: 1e-6 })).toMatchObject({ found: true });
  x.forEach((value, index) => expect(value).toBeCloseTo(index, 5));
  const y = Float64Array.of(-1.2, 1);
  expect(await minimise(valley, y, { evaluations: 500, tolerance: 1e-8 })).toMatchObject({ found: true });
  expect([...y]).toEqual([expect.closeTo(1, 6), expect.closeTo(1, 6)]);
});

test('asks no more often than it may, and is then no worse than before', async () => {
  for (const evaluations of [1, 2, 3, 7]) {
    const x = Float64Array.of(-1.2, 1);
    const before = valley(x, new Float64Array(2));
    let asked = 0;
    const counted = (at: Float64Array, gradient: Float64Array) => ((asked += 1), valley(at, gradient));
    const { value, found } = await minimise(counted, x, { evaluations, tolerance: 1e-8 });
    expect(asked).toBeLessThanOrEqual(evaluations);
    expect(found).toBe(false);
    expect(value).toBeLessThanOrEqual(before);
    expect(valley(x, new Float64Array(2))).toBe(value);
  }
});

test('from the minimum it asks once', async () => {
  const x = Float64Array.from({ length: 5 }, (_, index) => index);
  expect(await minimise(bowl, x, { evaluations: 50, tolerance: 1e-9 })).toMatchObject({
    evaluations: 1,
    found: true,
  });
});
