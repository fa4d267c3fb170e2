/** Each change of the policies alone, as its paper's reference has it, in plain JavaScript; and how they are drawn. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { applyDraws, type Draw, drawChange, type Change, changesFor, type Ranges } from './policy.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const ranges: Ranges = { shear: 0.4, shift: 0.25, degrees: 40, enhance: 0.8, bits: 6 };
const [height, width, channels] = [9, 12, 3];
const size = height * width * channels;
const picture = Float32Array.from({ length: size }, (_, i) =>
  Math.round(128 + 100 * Math.sin(i * i + 0.3 * i)),
);
const at = (values: ArrayLike<number>, x: number, y: number, channel: number) =>
  values[(y * width + x) * channels + channel]!;
const make = (of: (x: number, y: number, channel: number) => number): number[] =>
  Array.from({ length: size }, (_, i) =>
    of(Math.floor(i / channels) % width, Math.floor(i / channels / width), i % channels),
  );
const cut = (value: number, most = 255) => Math.min(most, Math.max(0, value));

/** A draw as if every image had drawn this change. */
const fixed = (change: Change, magnitude: number, sign: 1 | -1): Draw => ({
  drew: (asked) => tf.tensor1d([asked === change ? 1 : 0]),
  magnitude: tf.tensor1d([magnitude]),
  signed: tf.tensor1d([sign * magnitude]),
});
const run = (...draws: Draw[]) =>
  tf.tidy(() => [
    ...applyDraws(tf.tensor4d(picture, [1, height, width, channels]), draws, ranges).dataSync(),
  ]);
function expectClose(actual: number[], expected: number[], tolerance = 0.02): void {
  const worst = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
  expect(worst).toBeLessThan(tolerance);
}

const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
/** A picture whose pixel (x, y), from the centre, is taken from elsewhere, bilinear, the border continued. */
const warped = (from: (x: number, y: number) => [number, number]) =>
  make((x, y, channel) => {
    const [fromX, fromY] = from(x - middleX, y - middleY);
    const [u, v] = [cut(fromX + middleX, width - 1), cut(fromY + middleY, height - 1)];
    const [left, top] = [Math.min(Math.floor(u), width - 2), Math.min(Math.floor(v), height - 2)];
    const row = (line: number) =>
      (1 - u + left) * at(picture, left, line, channel) + (u - left) * at(picture, left + 1, line, channel);
    return (1 - v + top) * row(top) + (v - top) * row(top + 1);
  });
const away = (from: (x: number, y: number, channel: number) => number) => (strength: number) =>
  make((x, y, channel) => {
    const rest = from(x, y, channel);
    return cut(rest + (1 + strength * ranges.enhance) * (at(picture, x, y, channel) - rest));
  });
const overall = picture.reduce((sum, value) => sum + value, 0) / size;
const smooth = (x: number, y: number, channel: number) => {
  const near = [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right) => [x + right, y + down] as const));
  const within = near.filter(([u, v]) => u >= 0 && v >= 0 && u < width && v < height);
  const average = within.reduce((sum, [u, v]) => sum + at(picture, u, v, channel), 0) / within.length;
  return (9 * average + 4 * at(picture, x, y, channel)) / 13;
};

/** What each change makes of the picture at a strength of -1 to 1 (a magnitude and its sign). */
const references: Record<Change, (strength: number) => number[]> = {
  identity: () => [...picture],
  'shear-x': (strength) => warped((x, y) => [x + strength * ranges.shear * y, y]),
  'shear-y': (strength) => warped((x, y) => [x, y + strength * ranges.shear * x]),
  'shift-x': (strength) => warped((x, y) => [x + Math.round(strength * ranges.shift * width), y]),
  'shift-y': (strength) => warped((x, y) => [x, y + Math.round(strength * ranges.shift * height)]),
  rotate: (strength) => {
    const angle = (strength * ranges.degrees * Math.PI) / 180;
    return warped((x, y) => [
      Math.cos(angle) * x - Math.sin(angle) * y,
      Math.sin(angle) * x + Math.cos(angle) * y,
    ]);
  },
  brightness: away(() => 0),
  contrast: away(() => overall),
  'auto-contrast': () => {
    const ends = [0, 1, 2].map((channel) => {
      const values = picture.filter((_, i) => i % channels === channel);
      return [Math.min(...values), Math.max(...values)] as const;
    });
    return make((x, y, channel) => {
      const [least, most] = ends[channel]!;
      return (255 * (at(picture, x, y, channel) - least)) / (most - least);
    });
  },
  sharpness: away(smooth),
  posterise: (strength) => {
    const dropped = Math.round(Math.abs(strength) * ranges.bits);
    return [...picture].map((value) => (value >> dropped) << dropped);
  },
  solarise: (strength) =>
    [...picture].map((value) => (value >= 255 * (1 - Math.abs(strength)) ? 255 - value : value)),
  colour: away(
    (x, y) => 0.299 * at(picture, x, y, 0) + 0.587 * at(picture, x, y, 1) + 0.114 * at(picture, x, y, 2),
  ),
};

describe.each(changesFor(3).map((change) => ({ change })))('$change', ({ change }) => {
  test.each([0.3, -0.3, 0.9, -0.9])('at %f', (strength) => {
    const draw = () => fixed(change, Math.abs(strength), strength < 0 ? -1 : 1);
    const expected = references[change](strength);
    expectClose(
      tf.tidy(() => run(draw())),
      expected,
    );
    if (change !== 'identity') expect(expected).not.toEqual([...picture]);
  });
  test('beside an identity it is the same, before and after', () => {
    const idle = () => fixed('identity', 0.7, 1);
    const alone = tf.tidy(() => run(fixed(change, 0.6, 1)));
    expect(tf.tidy(() => run(fixed(change, 0.6, 1), idle()))).toEqual(alone);
    expect(tf.tidy(() => run(idle(), fixed(change, 0.6, 1)))).toEqual(alone);
  });
});

test('of two moves the first is made first', () => {
  const shift = Math.round(0.9 * ranges.shift * width);
  const slope = 0.9 * ranges.shear;
  // A pixel of the result asks the second move where it is from, and there the first.
  const shiftThenShear = warped((x, y) => [x + shift, y + slope * x]);
  const shearThenShift = warped((x, y) => [x + shift, y + slope * (x + shift)]);
  const [first, second] = [() => fixed('shift-x', 0.9, 1), () => fixed('shear-y', 0.9, 1)];
  expectClose(
    tf.tidy(() => run(first(), second())),
    shiftThenShear,
  );
  expectClose(
    tf.tidy(() => run(second(), first())),
    shearThenShift,
  );
});

test('an image of one colour keeps it under auto-contrast', () => {
  const flat = tf.tidy(() => [
    ...applyDraws(
      tf.fill([1, 3, 3, 1], 77) as tf.Tensor4D,
      [fixed('auto-contrast', 1, 1)],
      ranges,
    ).dataSync(),
  ]);
  expect(flat).toEqual(new Array(9).fill(77));
});

test.each([1, 3])('with %i channels every change is drawn about equally often, either way', (channels) => {
  tf.tidy(() => {
    const names = changesFor(channels);
    expect(names.includes('colour')).toBe(channels === 3);
    const count = 13_000;
    const on = tf.cast(tf.ones([count]), 'bool') as tf.Tensor1D;
    const draw = drawChange(channels, on, tf.fill([count], 0.5), tf.tensor1d([4, 2], 'int32'));
    const shares = names.map((name) => tf.mean(draw.drew(name)).dataSync()[0]!);
    for (const share of shares) expect(Math.abs(share * names.length - 1)).toBeLessThan(0.15);
    expect(tf.mean(draw.signed).dataSync()[0]).toBeCloseTo(0, 1);
    expect(tf.mean(tf.abs(draw.signed)).dataSync()[0]).toBeCloseTo(0.5, 5);
  });
});
