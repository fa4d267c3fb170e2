/** One harness for the whole family: a new augmentation is a row in the table. Real engine, real images. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Augmentation, AugmentationKind } from '#contract/recipe.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { trace } from '#learning/tensorflow/trace.ts';
import { sampleData } from '#learning/training/testing.ts';
import { augment, augmentations } from './index.ts';

const family = {
  'horizontal-flip': { kind: 'horizontal-flip', probability: 1 },
  'vertical-flip': { kind: 'vertical-flip', probability: 1 },
  crop: { kind: 'crop', probability: 1, padding: 4 },
  shift: { kind: 'shift', probability: 1, share: 0.25 },
  rotation: { kind: 'rotation', probability: 1, degrees: 30 },
  erasing: { kind: 'erasing', probability: 1, minimum: 0.1, maximum: 0.3 },
} satisfies { [K in AugmentationKind]: Extract<Augmentation, { kind: K }> };

/** Draws nothing beyond whether to change an image. */
const decided = new Set<AugmentationKind>(['horizontal-flip', 'vertical-flip']);
const batch = 64;
const seed = (value: number) => tf.tensor1d([value, 7], 'int32');

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

function images(channels: 1 | 3): tf.Tensor4D {
  const grey = tf.tensor4d(Float32Array.from(sampleData(batch, 0).pixels), [batch, 28, 28, 1]);
  return channels === 1 ? grey : tf.concat([grey, tf.sub(255, grey), tf.mul(grey, 0.5)] as tf.Tensor4D[], 3);
}
const run = (list: Augmentation[], at: number, channels: 1 | 3 = 1) =>
  tf.tidy(() => augment(images(channels), list, seed(at)).dataSync());
/** Which images differ from the originals. */
const changed = (values: ArrayLike<number>, channels: 1 | 3 = 1): boolean[] => {
  const originals = images(channels).dataSync();
  const size = originals.length / batch;
  return Array.from({ length: batch }, (_, image) =>
    originals.subarray(image * size, (image + 1) * size).some((v, i) => v !== values[image * size + i]),
  );
};
const share = (flags: boolean[]) => flags.filter(Boolean).length / flags.length;

describe.each(Object.values(family))('$kind', (settings) => {
  test('has a name and says when it helps', () => {
    const { kind, name, about } = augmentations[settings.kind];
    expect(kind).toBe(settings.kind);
    expect(name.length).toBeGreaterThan(3);
    expect(about).toMatch(/\.$/);
  });

  test.each([1, 3] as const)(
    'keeps shape, type and range with %i channels, and changes images',
    (channels) => {
      tf.tidy(() => {
        const result = augment(images(channels), [settings], seed(1));
        expect(result.shape).toEqual([batch, 28, 28, channels]);
        expect(result.dtype).toBe('float32');
        const values = result.dataSync();
        expect(values.every((value) => value >= 0 && value <= 255)).toBe(true);
        expect(share(changed(values, channels))).toBeGreaterThan(0.8);
      });
    },
  );

  test('probability 0 is the identity, 0.5 changes about half, each image on its own', () => {
    expect(share(changed(run([{ ...settings, probability: 0 }], 1)))).toBe(0);
    const half = changed(run([{ ...settings, probability: 0.5 }], 1));
    expect(share(half)).toBeGreaterThan(0.25);
    expect(share(half)).toBeLessThan(0.75);
  });

  test('the seed decides, and nothing else', () => {
    const settled = decided.has(settings.kind) ? { ...settings, probability: 0.5 } : settings;
    expect(run([settled], 1)).toEqual(run([settled], 1));
    expect(run([settled], 1)).not.toEqual(run([settled], 2));
    // Another place in the list is another stream.
    const idle: Augmentation = { kind: 'shift', probability: 0, share: 0 };
    expect(run([settled], 1)).not.toEqual(run([idle, settled], 1));
  });

  test('traced equals eager, and draws anew for each seed', () => {
    const step = trace(
      (x, s) => [augment(x as tf.Tensor4D, [{ ...settings, probability: 0.7 }], s as tf.Tensor1D)],
      () => [],
    );
    for (const at of [1, 2]) {
      const [traced] = tf.tidy(() => step(images(1), seed(at)));
      expect(traced!.dataSync()).toEqual(run([{ ...settings, probability: 0.7 }], at));
      traced!.dispose();
    }
    step.dispose();
  });
});

describe('what the pixels do', () => {
  // A picture of 4×4 whose pixel (row, column) is 10·row + column + 1.
  const picture = Array.from({ length: 16 }, (_, i) => 10 * Math.floor(i / 4) + (i % 4) + 1);
  const apply = (settings: Augmentation, at = 1) =>
    tf.tidy(() => [...augment(tf.tensor4d(picture, [1, 4, 4, 1]), [settings], seed(at)).dataSync()]);

  test('flips mirror', () => {
    expect(apply(family['horizontal-flip']).slice(0, 4)).toEqual([4, 3, 2, 1]);
    expect(apply(family['vertical-flip']).slice(0, 4)).toEqual([31, 32, 33, 34]);
  });

  test('crop and shift move by whole pixels; crop fills with black, shift continues the border', () => {
    const moved = (settings: Augmentation, at: number, outside: (row: number, column: number) => number) => {
      const result = apply(settings, at);
      for (let down = -2; down <= 2; down += 1) {
        for (let right = -2; right <= 2; right += 1) {
          const expected = picture.map((_, i) => outside(Math.floor(i / 4) + down, (i % 4) + right));
          if (expected.every((value, i) => value === result[i])) return `${down},${right}`;
        }
      }
      return `nowhere: ${result.join(' ')}`;
    };
    const black = (row: number, column: number) =>
      row < 0 || row > 3 || column < 0 || column > 3 ? 0 : 10 * row + column + 1;
    const clamp = (side: number) => Math.min(3, Math.max(0, side));
    const border = (row: number, column: number) => black(clamp(row), clamp(column));
    const seeds = Array.from({ length: 200 }, (_, i) => i);
    const crops = new Set(seeds.map((at) => moved({ kind: 'crop', probability: 1, padding: 2 }, at, black)));
    expect(crops.size).toBe(25);
    const shifts = new Set(
      seeds.map((at) => moved({ kind: 'shift', probability: 1, share: 0.5 }, at, border)),
    );
    expect(shifts.size).toBe(25);
    expect([...crops, ...shifts].filter((place) => place.startsWith('nowhere'))).toEqual([]);
  });

  test('rotation stays within its angle and keeps the centre', () => {
    // A bright line through the centre of 33×33 shows the angle by its moments.
    const line = Float32Array.from({ length: 33 * 33 }, (_, i) => (Math.floor(i / 33) === 16 ? 255 : 0));
    const angles = Array.from({ length: 64 }, (_, at) =>
      tf.tidy(() => {
        const result = augment(tf.tensor4d(line, [1, 33, 33, 1]), [family.rotation], seed(at)).dataSync();
        let [xy, xx] = [0, 0];
        result.forEach((value, i) => {
          const [x, y] = [(i % 33) - 16, Math.floor(i / 33) - 16];
          if (Math.hypot(x, y) > 14) return;
          xy += value * x * y;
          xx += value * x * x;
        });
        return (Math.atan2(xy, xx) * 180) / Math.PI;
      }),
    );
    expect(Math.max(...angles)).toBeLessThan(32);
    expect(Math.min(...angles)).toBeGreaterThan(-32);
    expect(Math.max(...angles)).toBeGreaterThan(20);
    expect(Math.min(...angles)).toBeLessThan(-20);
  });

  test('erasing covers about the share it says', () => {
    const values = run([{ kind: 'erasing', probability: 1, minimum: 0.25, maximum: 0.25 }], 3);
    const originals = images(1).dataSync();
    const covered = values.filter((value, i) => value !== originals[i]).length / values.length;
    expect(covered).toBeGreaterThan(0.2);
    expect(covered).toBeLessThan(0.27);
  });
});

test('a whole list leaks nothing', () => {
  const once = () => tf.tidy(() => void augment(images(1), Object.values(family), seed(1)).dataSync());
  once();
  const before = engine.counts();
  for (let round = 0; round < 5; round += 1) once();
  expect(engine.counts()).toEqual(before);
});
