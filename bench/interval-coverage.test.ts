/** The quick form of coverage.ts: intervals hold the true value about as often as they say. */
import { expect, test } from 'vitest';
import { measureCoverage, trueFigures } from './interval-coverage.ts';

test('95 % intervals of 200 images hold the true accuracy, macro F1 and loss about 95 times of 100', () => {
  const found = measureCoverage(trueFigures(200_000), 200, 200, 400);
  expect(found.map(({ figure }) => figure)).toEqual(
    expect.arrayContaining(['accuracy', 'macro F1', 'log loss', 'accuracy, exact', 'accuracy, Wilson']),
  );
  for (const { figure, method, held, width } of found) {
    // 95 % of 200 is known to within 1.5 %, twice of which is allowed; the exact one promises too much rather than too little.
    const name = `${figure} ${method}`;
    expect(held, name).toBeGreaterThanOrEqual(0.92);
    expect(held, name).toBeLessThanOrEqual(0.985);
    expect(width, name).toBeLessThan(figure === 'log loss' ? 0.25 : 0.15);
  }
});
