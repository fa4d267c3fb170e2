import { describe, expect, it } from 'vitest';
import { scheduleCurve } from './curve.ts';
import { kindsAt } from '#recipe/fields.ts';
import { Schedule } from '#recipe/schedule.ts';

const run = { epochs: 12, batchSize: 10, images: 95 };

describe('the curve of a schedule', () => {
  it.each(Object.values(kindsAt('training.schedule')))(
    '$label goes from the first epoch to the last',
    ({ initial }) => {
      const points = scheduleCurve(Schedule.parse(initial), 0.1, run);
      expect(points[0]?.x).toBe(0);
      expect(points.at(-1)?.x).toBe(12);
      expect(points.length).toBeLessThan(500);
      for (const { y } of points) {
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(0.1 + 1e-12);
      }
    },
  );

  it('has the heights that the words promise', () => {
    const constant = scheduleCurve({ kind: 'constant', warmUp: 0 }, 0.1, run);
    expect(constant.every(({ y }) => y === 0.1)).toBe(true);
    const steps = scheduleCurve({ kind: 'step', warmUp: 0, epochs: 6, factor: 0.1 }, 1, run);
    expect(steps.filter(({ x }) => x < 6).every(({ y }) => y === 1)).toBe(true);
    expect(steps.at(-1)?.y).toBeCloseTo(0.1);
    const plateau = scheduleCurve(
      { kind: 'reduce-on-plateau', warmUp: 0, patience: 3, factor: 0.5, minimum: 0.001 },
      1,
      run,
    );
    expect(plateau[0]?.y).toBe(1);
    expect(plateau.at(-1)?.y).toBeLessThan(1);
  });

  it('is thinned for long runs, and drawn without images', () => {
    const long = { epochs: 1000, batchSize: 1, images: 60_000 };
    expect(scheduleCurve({ kind: 'cosine', warmUp: 0, minimum: 0 }, 1, long).length).toBeLessThan(500);
    expect(
      scheduleCurve({ kind: 'cosine', warmUp: 0, minimum: 0 }, 1, { ...run, images: 0 }).length,
    ).toBeGreaterThan(2);
  });
});
