/** Speeds and remaining time, on a clock that the test turns. */
import { expect, test } from 'vitest';
import { nothingElapsed, Stopwatch } from './stopwatch.ts';

test('remaining time: steps at the measured speed and the rest of each epoch, without the first slow steps', () => {
  let clock = 100;
  const watch = new Stopwatch(4, 3, nothingElapsed, () => clock);
  watch.spendOn('training');
  clock += 10; // tracing
  watch.step();
  expect(watch.secondsLeft(1)).toBeNull();
  clock += 5;
  watch.step();
  for (let step = 0; step < 2; step += 1) {
    clock += 2;
    watch.step();
  }
  expect(watch.secondsLeft(4)).toBe(8 * 2);
  watch.spendOn('validation');
  clock += 3;
  expect(watch.endEpoch()).toEqual({ training: 19, all: 22 });
  watch.spendOn('training');
  clock += 2;
  watch.step();
  expect(watch.secondsLeft(5)).toBe(7 * 2 + 2 * 3);
});

test('a reading lasts from the one before', () => {
  let clock = 0;
  const watch = new Stopwatch(10, 1, nothingElapsed, () => clock);
  watch.spendOn('training');
  clock = 0.5;
  expect(watch.sinceReading()).toBe(0.5);
  expect(watch.read()).toBe(0.5);
  clock = 0.75;
  expect(watch.read()).toBe(0.25);
});

test('time spent on nothing, such as a full disk, counts nowhere', () => {
  let clock = 0;
  const watch = new Stopwatch(10, 1, nothingElapsed, () => clock);
  watch.spendOn('training');
  for (let step = 0; step < 3; step += 1) {
    clock += 1;
    watch.step();
  }
  expect(watch.spendOn('nothing')).toBe('training');
  clock += 1000;
  watch.spendOn('training');
  expect(watch.sinceReading()).toBe(3);
  clock += 1;
  watch.step();
  expect(watch.secondsLeft(4)).toBe(6);
  expect(watch.endEpoch()).toEqual({ training: 4, all: 4 });
});

test('a resumed run goes on with the time of the one before, but for its own warming up', () => {
  let clock = 0;
  const first = new Stopwatch(4, 1, nothingElapsed, () => clock);
  first.spendOn('training');
  for (let step = 0; step < 3; step += 1) {
    clock += 2;
    first.step();
  }
  const kept = first.elapsed();
  expect(kept).toEqual({ ...nothingElapsed, training: 6, measuredSteps: 1, measuredSeconds: 2 });
  clock = 5000;
  const second = new Stopwatch(4, 1, kept, () => clock);
  second.spendOn('training');
  clock += 7; // tracing anew
  second.step();
  expect(second.secondsLeft(3)).toBe(2);
  expect(second.elapsed()).toEqual({ ...kept, training: 13 });
  expect(second.endEpoch()).toEqual({ training: 13, all: 13 });
});
