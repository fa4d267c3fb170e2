/** Schedules: where they start, peak and end, where they may jump, and that they never leave [0, peak]. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Schedule } from './schedule.ts';
import { learningRate } from './learning-rate.ts';

/** All rates of a run of `epochs` × `stepsPerEpoch`; `losses` are the validation losses of its epochs. */
function rates(
  settings: unknown,
  stepsPerEpoch: number,
  epochs = 1,
  losses: number[] = [],
  peak = 1,
): number[] {
  const schedule = Schedule.parse(settings);
  const steps = stepsPerEpoch * epochs;
  return Array.from({ length: steps }, (_, step) => {
    const done = losses.slice(0, Math.floor(step / stepsPerEpoch));
    const position = {
      step,
      steps,
      stepsPerEpoch,
      epochs: done.map((validationLoss) => ({ validationLoss })),
    };
    return learningRate(schedule, peak, position);
  });
}

test('constant stays', () => {
  expect(new Set(rates({ kind: 'constant' }, 10, 1, [], 0.1))).toEqual(new Set([0.1]));
});

test('cosine warms up in a line, then falls to almost nothing', () => {
  const all = rates({ kind: 'cosine', warmUp: 0.1 }, 100);
  expect(all[0]).toBeCloseTo(0.1);
  expect(all[4]).toBeCloseTo(0.5);
  expect(Math.max(...all)).toBe(1);
  expect(all[55]).toBeCloseTo(0.5, 1);
  expect(all[99]).toBeLessThan(0.001);
});

test('cosine falls to its minimum, which warm-up does not touch', () => {
  const all = rates({ kind: 'cosine', warmUp: 0.1, minimum: 0.25 }, 100);
  expect(all[0]).toBeCloseTo(0.1);
  expect(all[55]).toBeCloseTo(0.625, 1);
  expect(all[99]).toBeCloseTo(0.25, 3);
  expect(Math.min(...all.slice(10))).toBeGreaterThanOrEqual(0.25);
});

test('one-cycle rises to the peak at its share and falls to nearly zero', () => {
  const all = rates({ kind: 'one-cycle', peakAt: 0.3 }, 101);
  expect(all[0]).toBeCloseTo(0.04);
  expect(all.indexOf(Math.max(...all))).toBe(30);
  expect(all[30]).toBe(1);
  expect(all[100]).toBeCloseTo(4e-6, 7);
});

test('step falls after so many epochs, and only there', () => {
  const all = rates({ kind: 'step', epochs: 2, factor: 0.1 }, 5, 6);
  [1, 0.1, 0.01].forEach((rate, third) =>
    all.slice(10 * third, 10 * third + 10).forEach((value) => expect(value).toBeCloseTo(rate, 12)),
  );
});

test('exponential loses its factor in an epoch, evenly within it', () => {
  const all = rates({ kind: 'exponential', factor: 0.5 }, 4, 3);
  expect([all[0], all[4], all[8]]).toEqual([1, 0.5, 0.25]);
  all.slice(1).forEach((rate, index) => expect(rate / all[index]!).toBeCloseTo(0.5 ** 0.25, 12));
});

describe('reduce-on-plateau', () => {
  const settings = { kind: 'reduce-on-plateau', patience: 2, factor: 0.5, minimum: 0.2 };

  test('falls after epochs that brought no lower loss, waits anew, and not below its minimum', () => {
    //                improves   waits 2    improves, waits 2  again     nothing is left to take
    const losses = [1, 0.9, /**/ 0.9, 1, /**/ 0.8, 0.8, 0.9, /**/ 0.8, 0.8, /**/ 0.9, 0.9, 0.9];
    const all = rates(settings, 3, 13, losses);
    const ofEpochs = Array.from({ length: 13 }, (_, epoch) => new Set(all.slice(3 * epoch, 3 * epoch + 3)));
    expect(ofEpochs.map((set) => [...set])).toEqual(
      [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2].map((rate) => [rate]),
    );
  });

  test('depends on the epochs alone: where a run is taken up again it goes on as it would have', () => {
    const epochs = [1, 1, 1, 0.5].map((validationLoss) => ({ validationLoss }));
    const schedule = Schedule.parse(settings);
    const at = () => learningRate(schedule, 0.1, { step: 17, steps: 40, stepsPerEpoch: 4, epochs });
    expect(at()).toBe(0.05);
    expect(at()).toBe(0.05);
  });

  test('does not wait for epochs of the warm-up, whose rate still climbs', () => {
    const all = rates({ ...settings, warmUp: 0.5 }, 2, 8, [1, 1, 1, 1, 1, 1, 1, 1]);
    expect(all.slice(8, 12)).toEqual([1, 1, 1, 1]);
    expect(all.slice(12)).toEqual([0.5, 0.5, 0.5, 0.5]);
  });
});

const share = fc.double({ min: 0, max: 0.9, noNaN: true });
const factor = fc.double({ min: 0.001, max: 0.999, noNaN: true });
const warm = fc.oneof(
  fc.record({ kind: fc.constantFrom('constant', 'cosine'), warmUp: share }),
  fc.record({ kind: fc.constant('exponential'), warmUp: share, factor }),
  fc.record({ kind: fc.constant('step'), warmUp: share, factor, epochs: fc.integer({ min: 1, max: 5 }) }),
  fc.record({
    kind: fc.constant('reduce-on-plateau'),
    warmUp: share,
    factor,
    patience: fc.integer({ min: 1, max: 4 }),
    minimum: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
);
const any = fc.oneof(
  warm,
  fc.record({ kind: fc.constant('one-cycle'), peakAt: fc.double({ min: 0.01, max: 0.9, noNaN: true }) }),
);
const run = {
  stepsPerEpoch: fc.integer({ min: 1, max: 40 }),
  losses: fc.array(fc.double({ min: 0.1, max: 3, noNaN: true }), { minLength: 1, maxLength: 12 }),
};

test('every rate is above 0 and at most the peak, also in runs of a step or two', () => {
  fc.assert(
    fc.property(any, run.stepsPerEpoch, run.losses, (settings, stepsPerEpoch, losses) => {
      for (const rate of rates(settings, stepsPerEpoch, losses.length, losses, 0.5)) {
        expect(rate).toBeGreaterThan(settings.kind === 'reduce-on-plateau' ? -1e-300 : 0);
        expect(rate).toBeLessThanOrEqual(0.5 + 1e-12);
      }
    }),
  );
});

test('the warm-up climbs in equal strides, reaches the peak with its last step, and what follows only falls', () => {
  fc.assert(
    fc.property(warm, run.stepsPerEpoch, run.losses, (settings, stepsPerEpoch, losses) => {
      const all = rates(settings, stepsPerEpoch, losses.length, losses);
      const climbs = Math.round(settings.warmUp * all.length);
      all.slice(0, climbs).forEach((rate, step) => expect(rate).toBeCloseTo((step + 1) / climbs, 10));
      if (climbs < all.length && settings.kind !== 'reduce-on-plateau') expect(all[climbs]).toBe(1);
      for (let step = climbs + 1; step < all.length; step += 1) {
        expect(all[step]!).toBeLessThanOrEqual(all[step - 1]!);
      }
    }),
  );
});

test('those without stairs are continuous: the finer the steps, the smaller the strides', () => {
  const smooth = ['cosine', 'exponential', 'one-cycle'].map((kind) => ({ kind, warmUp: 0.2 }));
  for (const { kind, warmUp } of smooth) {
    const settings = kind === 'one-cycle' ? { kind } : { kind, warmUp };
    const stride = (stepsPerEpoch: number) => {
      const all = rates(settings, stepsPerEpoch, 10);
      return Math.max(...all.slice(1).map((rate, index) => Math.abs(rate - all[index]!)));
    };
    expect(stride(100)).toBeLessThan(0.01);
    expect(stride(1000)).toBeLessThan(stride(100) / 9);
  }
});
