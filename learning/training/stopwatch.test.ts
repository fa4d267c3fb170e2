/** Speeds and remaining time, on a clock that the test turns. */
import { expect, test } from 'vitest';
import { Stopwatch } from './stopwatch.ts';

test('remaining time: steps at the measured speed and the rest of each epoch, without the first slow steps', () => {
  let clock = 100;
  const watch = new Stopwatch(4, 3, () => clock);
  watch.startEpoch(1);
  clock += 10; // tracing
  watch.step();
  expect(watch.secondsLeft()).toBeNull();
  clock += 5;
  watch.step();
  for (let step = 0; step < 2; step += 1) {
    clock += 2;
    watch.step();
  }
  expect(watch.secondsLeft()).toBe(8 * 2);
  expect(watch.endTraining()).toBe(19);
  clock += 3; // validation
  expect(watch.endEpoch()).toBe(22);
  watch.startEpoch(2);
  clock += 2;
  watch.step();
  expect(watch.secondsLeft()).toBe(7 * 2 + 2 * 3);
});

test('a reading lasts from the one before', () => {
  let clock = 0;
  const watch = new Stopwatch(10, 1, () => clock);
  watch.startEpoch(1);
  clock = 0.5;
  expect(watch.sinceReading()).toBe(0.5);
  expect(watch.read()).toBe(0.5);
  clock = 0.75;
  expect(watch.read()).toBe(0.25);
});
