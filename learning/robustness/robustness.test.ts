/** Corruptions of pictures whose outcome is known, a sweep's figures worked out by hand, and what is suggested. */
import { describe, expect, test } from 'vitest';
import { augmentationSuggestions, corruptionKinds, corruptions, severities } from '#contract/robustness.ts';
import { Augmentation } from '#recipe/augmentation.ts';
import { clopperPearsonInterval } from '#recipe/statistics/binomial.ts';
import { generator } from '../random-numbers.ts';
import { corruptPixels, type Picture } from './corruptions.ts';
import { sampleOf, sweepResults } from './sweep.ts';

const grey = (height: number, width: number, of: (y: number, x: number) => number): Picture => ({
  pixels: Uint8Array.from({ length: height * width }, (_, at) => of(Math.floor(at / width), at % width)),
  ...{ height, width, channels: 1 },
});
const ramp = grey(32, 32, (y, x) => 4 * y + 3 * x);
const textured = grey(32, 32, (y, x) => 40 + 4 * y + ((x * 29 + y * 17) % 50));
const colour: Picture = { pixels: Uint8Array.of(200, 100, 50, 0, 0, 0), height: 1, width: 2, channels: 3 };
const pure = corruptions.filter((name) => name !== 'jpeg');
const away = (a: Uint8Array, b: Uint8Array) =>
  Math.sqrt(a.reduce((total, value, at) => total + (value - b[at]!) ** 2, 0) / a.length);

describe('a corruption', () => {
  test.each(pure)(
    '%s moves further from the image with each severity, the same with the same seed',
    (name) => {
      const made = severities.map((_, at) =>
        corruptPixels[name](textured, corruptionKinds[name].amounts[at]!, generator(7, at)),
      );
      const again = corruptPixels[name](textured, corruptionKinds[name].amounts[0], generator(7, 0));
      expect(made[0]).toEqual(again);
      const distances = made.map((pixels) => away(pixels, textured.pixels));
      expect(distances[0]).toBeGreaterThan(0);
      // A shift in any direction goes as far, and changes an image more or less.
      if (name !== 'shift' && name !== 'rotation')
        distances.slice(1).forEach((value, at) => expect(value).toBeGreaterThan(distances[at]!));
    },
  );

  test('of noise has the deviation that it says, where nothing is cut', () => {
    const even = grey(100, 100, () => 128);
    const noisy = corruptPixels['gaussian-noise'](even, 0.08, generator(1));
    expect(Math.abs(away(noisy, even.pixels) - 255 * 0.08)).toBeLessThan(0.5);
    const impulses = corruptPixels['impulse-noise'](even, 0.27, generator(1));
    const changed = impulses.filter((value) => value !== 128).length / 10_000;
    expect(Math.abs(changed - 0.27)).toBeLessThan(0.02);
  });

  test('of brightness and darkness changes the value and keeps the hue; black becomes grey, or stays', () => {
    expect([...corruptPixels.brightness(colour, 0.2, generator(1))]).toEqual([251, 126, 63, 51, 51, 51]);
    expect([...corruptPixels.darkness(colour, 0.2, generator(1))]).toEqual([149, 75, 37, 0, 0, 0]);
    expect([...corruptPixels.brightness(colour, 0.5, generator(1))]).toEqual([255, 128, 64, 128, 128, 128]);
  });

  test('of contrast keeps each channel’s mean, blur keeps an even image, and a blurred edge is symmetric', () => {
    const faint = corruptPixels.contrast(ramp, 0.1, generator(1));
    const mean = (pixels: Uint8Array) => pixels.reduce((a, b) => a + b, 0) / pixels.length;
    expect(Math.abs(mean(faint) - mean(ramp.pixels))).toBeLessThan(0.5);
    const even = grey(9, 9, () => 77);
    expect(corruptPixels.blur(even, 6, generator(1))).toEqual(even.pixels);
    const edge = grey(8, 224, (_, x) => (x < 112 ? 0 : 200));
    const soft = corruptPixels.blur(edge, 4, generator(1));
    for (let at = 0; at < 20; at += 1) expect(soft[112 + at]! + soft[111 - at]!).toBe(200);
    // A normal distribution's 84 % one deviation beyond the edge: pixels lie half a pixel beside it.
    expect(Math.abs(soft[112 + 3]! / 200 - 0.809)).toBeLessThan(0.01);
  });

  test('of pixels leaves means of boxes; a shift and a turn bring pixels to where they say', () => {
    const boxes = grey(8, 8, (y, x) => 10 * y + x);
    const found = corruptPixels.pixelate(boxes, 0.25, generator(1));
    expect(found[0]).toBe(Math.round((0 + 1 + 2 + 3) / 4 + 15));
    expect(new Set(found).size).toBe(4);
    const dot = grey(41, 41, (y, x) => (y === 20 && x === 30 ? 255 : 0));
    const turned = corruptPixels.rotation(dot, 30, generator(1));
    const [brightest] = [...turned.keys()].sort((a, b) => turned[b]! - turned[a]!);
    const [y, x] = [Math.floor(brightest! / 41) - 20, (brightest! % 41) - 20];
    expect(Math.abs(Math.hypot(x, y) - 10)).toBeLessThan(0.8);
    expect(Math.abs(Math.abs(Math.atan2(y, x)) - Math.PI / 6)).toBeLessThan(0.08);
    const along = corruptPixels.shift(dot, 0.12, generator(1));
    const [most] = [...along.keys()].sort((a, b) => along[b]! - along[a]!);
    const distance = Math.hypot(Math.floor(most! / 41) - 20, (most! % 41) - 30);
    expect(Math.abs(distance - 0.12 * 41)).toBeLessThan(0.8);
  });
});

describe('a sweep', () => {
  const clean = Uint8Array.from({ length: 200 }, (_, at) => Number(at < 180));
  /** The first so many of the right ones are lost, and the last so many of all gained. */
  const after = (lost: number, gained = 0) =>
    clean.map((right, at) => (at < lost ? 0 : at >= 200 - gained ? 1 : right));

  test('says each accuracy with its exact interval, the drop on the same images, and the mean of all', () => {
    const right = [0, 4, 20, 40, 90].map((lost) => after(lost, 4));
    const {
      clean: before,
      mean,
      corruptions: all,
    } = sweepResults(clean, [{ corruption: 'blur', right }], []);
    expect(before).toEqual({ right: 180, accuracy: 0.9, interval: clopperPearsonInterval(180, 200) });
    const [{ points }] = all as [(typeof all)[number]];
    expect(points.map(({ right: count }) => count)).toEqual([184, 180, 164, 144, 94]);
    expect(points.map(({ drop }) => drop)).toEqual([-0.02, 0, 0.08, 0.18, 0.43]);
    expect(points[2]!.dropInterval.low).toBeGreaterThan(0);
    expect(points[1]!.dropInterval.low).toBeLessThan(0);
    expect(mean.accuracy).toBeCloseTo((184 + 180 + 164 + 144 + 94) / 1000, 10);
    expect(mean.interval!.low).toBeLessThan(mean.accuracy);
    expect(mean.interval!.high).toBeGreaterThan(mean.accuracy);
  });

  test('suggests an augmentation only where the drop is beyond its interval and the recipe has none like it', () => {
    const lost = (count: number) => severities.map(() => after(count));
    const suggestionsOf = (augmentation: Augmentation[]) =>
      augmentationSuggestions(
        sweepResults(
          clean,
          [
            { corruption: 'blur', right: lost(60) },
            { corruption: 'rotation', right: lost(90) },
            { corruption: 'contrast', right: lost(1) },
            { corruption: 'jpeg', right: lost(90) },
          ],
          augmentation,
        ),
      );
    const all = suggestionsOf([]);
    expect(all).toHaveLength(2);
    expect(all[0]).toMatch(/^Rotation costs 45\.0 points of accuracy .* try rotation, rand-augment or /);
    expect(all[1]).toMatch(/^Gaussian blur costs 30\.0 points/);
    const rest = suggestionsOf([Augmentation.parse({ kind: 'rotation' })]);
    expect(rest).toEqual([all[1]]);
  });

  test('looks at all images where there are no more than asked for, else at a sample that the seed alone decides', () => {
    expect([...sampleOf(5, 10, 1)]).toEqual([0, 1, 2, 3, 4]);
    const some = sampleOf(1000, 50, 1);
    expect(some).toEqual(sampleOf(1000, 50, 1));
    expect(some).not.toEqual(sampleOf(1000, 50, 2));
    expect(new Set(some).size).toBe(50);
    expect([...some]).toEqual([...some].sort((a, b) => a - b));
  });
});
