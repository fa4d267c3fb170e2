/** One harness for the whole family: it takes a new augmentation with it. Real engine, real images. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Augmentation, type AugmentationKind } from '#recipe/augmentation.ts';
import { augmentationKinds } from '#recipe/fields.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { trace } from '#learning/tensorflow/trace.ts';
import { sampleData } from '#learning/training/testing.ts';
import { augment, augmentations } from './index.ts';

/** Stronger than a recipe begins with, where 28 × 28 pixels would hardly show it. */
const stronger: { [K in AugmentationKind]?: Partial<Extract<Augmentation, { kind: K }>> } = {
  crop: { padding: 4 },
  shift: { fraction: 0.25 },
  rotation: { degrees: 30 },
  scale: { minimum: 0.7, maximum: 1.4 },
  shear: { degrees: 20 },
  perspective: { fraction: 0.9 },
  brightness: { fraction: 0.3 },
  contrast: { fraction: 0.5 },
  'colour-jitter': { hue: 0.1, saturation: 0.5 },
  noise: { fraction: 0.2 },
  blur: { sigma: 2 },
  'random-erasing': { minimum: 0.1, maximum: 0.3 },
  cutout: { fraction: 0.5 },
  mixup: { alpha: 1 },
  'rand-augment': { magnitude: 0.5 },
};
const family = (Object.keys(augmentations) as AugmentationKind[]).map((kind) =>
  Augmentation.parse({ kind, ...stronger[kind], probability: 1 }),
);

/** Draws nothing beyond whether to change an image. */
const decided = new Set<AugmentationKind>(['horizontal-flip', 'vertical-flip', 'grayscale']);
/** Among the changes it draws are some that change nothing. */
const mayRest: Partial<Record<AugmentationKind, number>> = { 'rand-augment': 0.75, 'trivial-augment': 0.6 };
const mixes = (kind: AugmentationKind) => 'mix' in augmentations[kind];
const channelsOf = (kind: AugmentationKind): (1 | 3)[] =>
  augmentationKinds[kind]!.colourOnly ? [3] : [1, 3];

const batch = 64;
const { pixels, labels } = sampleData(batch, 0);
const seed = (value: number) => tf.tensor1d([value, 7], 'int32');

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

function images(channels: 1 | 3): tf.Tensor4D {
  const grey = tf.tensor4d(Float32Array.from(pixels), [batch, 28, 28, 1]);
  return channels === 1 ? grey : tf.concat([grey, tf.sub(255, grey), tf.mul(grey, 0.5)] as tf.Tensor4D[], 3);
}
function targets(): tf.Tensor2D {
  return tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), 10), 'float32') as tf.Tensor2D;
}
const run = (list: Augmentation[], at: number, channels: 1 | 3) =>
  tf.tidy(() => augment(images(channels), null, list, seed(at)).images.dataSync());
/** Bit for bit; `toEqual` would take seconds to walk over so many numbers. */
const same = (a: tf.TypedArray, b: tf.TypedArray) => {
  const bytes = ({ buffer, byteOffset, byteLength }: tf.TypedArray) =>
    Buffer.from(buffer, byteOffset, byteLength);
  return a.length > 0 && bytes(a).equals(bytes(b));
};
/** Which images differ from the originals. */
const changed = (values: ArrayLike<number>, channels: 1 | 3): boolean[] => {
  const originals = tf.tidy(() => images(channels).dataSync());
  const size = originals.length / batch;
  return Array.from({ length: batch }, (_, image) =>
    originals.subarray(image * size, (image + 1) * size).some((v, i) => v !== values[image * size + i]),
  );
};
const share = (flags: boolean[]) => flags.filter(Boolean).length / flags.length;

describe.each(family)('$kind', (settings) => {
  const channels = channelsOf(settings.kind)[0]!;

  test.each(channelsOf(settings.kind))(
    'keeps shape, type and range with %i channels, and changes images',
    (channels) => {
      tf.tidy(() => {
        const result = augment(images(channels), null, [settings], seed(1)).images;
        expect(result.shape).toEqual([batch, 28, 28, channels]);
        expect(result.dtype).toBe('float32');
        const values = result.dataSync();
        expect(values.every((value) => value >= 0 && value <= 255)).toBe(true);
        expect(share(changed(values, channels))).toBeGreaterThan(mayRest[settings.kind] ?? 0.8);
      });
    },
  );

  test.each(channelsOf(settings.kind))(
    'takes a single image that is not square, with %i channels',
    (channels) => {
      tf.tidy(() => {
        const picture = tf.image.resizeBilinear(tf.slice(images(channels), 0, 1), [20, 31]);
        const result = augment(picture, tf.tensor2d([[0, 1]]), [settings], seed(1));
        expect(result.images.shape).toEqual([1, 20, 31, channels]);
        expect(result.images.dataSync().every((value) => value >= 0 && value <= 255)).toBe(true);
        // Alone in its batch, it has nobody to mix with.
        expect([...result.targets.dataSync()]).toEqual([0, 1]);
        if (mixes(settings.kind)) expect(same(result.images.dataSync(), picture.dataSync())).toBe(true);
      });
    },
  );

  test.each(channelsOf(settings.kind))(
    'probability 0 is the identity bit for bit, with %i channels',
    (channels) => {
      tf.tidy(() => {
        const result = augment(images(channels), targets(), [{ ...settings, probability: 0 }], seed(1));
        expect(same(result.images.dataSync(), images(channels).dataSync())).toBe(true);
        expect(same(result.targets.dataSync(), targets().dataSync())).toBe(true);
      });
    },
  );

  if (mixes(settings.kind)) {
    test('probability 0.5 changes about half of the batches', () => {
      const flags = Array.from({ length: 30 }, (_, at) =>
        changed(run([{ ...settings, probability: 0.5 }], at, 1), 1).some(Boolean),
      );
      expect(share(flags)).toBeGreaterThan(0.25);
      expect(share(flags)).toBeLessThan(0.75);
    });
  } else {
    test('probability 0.5 changes about half, each image on its own', () => {
      const half = share(changed(run([{ ...settings, probability: 0.5 }], 1, channels), channels));
      expect(half).toBeGreaterThan(0.25);
      expect(half).toBeLessThan(0.75);
    });
  }

  test('keeps targets as they are, or mixes them into rows that sum to 1; without targets, the same images', () => {
    tf.tidy(() => {
      const result = augment(images(channels), targets(), [settings], seed(1));
      expect(result.targets.shape).toEqual([batch, 10]);
      const rows = result.targets.arraySync();
      for (const row of rows) {
        expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
        expect(row.every((value) => value >= 0 && value <= 1)).toBe(true);
      }
      const soft = rows.filter((row) => row.every((value) => value < 1));
      expect(soft.length > 0).toBe(mixes(settings.kind));
      expect(same(result.images.dataSync(), run([settings], 1, channels))).toBe(true);
    });
  });

  test('the seed decides, and nothing else', () => {
    const settled = decided.has(settings.kind) ? { ...settings, probability: 0.5 } : settings;
    expect(same(run([settled], 1, channels), run([settled], 1, channels))).toBe(true);
    expect(same(run([settled], 1, channels), run([settled], 2, channels))).toBe(false);
    // Another place in the list is another stream.
    const idle: Augmentation = { kind: 'shift', probability: 0, fraction: 0 };
    expect(same(run([settled], 1, channels), run([idle, settled], 1, channels))).toBe(false);
  });

  test.each(channelsOf(settings.kind))(
    'traced equals eager with %i channels, and draws anew for each seed',
    (channels) => {
      const list = [{ ...settings, probability: 0.7 }];
      const both = (x: tf.Tensor, y: tf.Tensor, s: tf.Tensor) => {
        const result = augment(x as tf.Tensor4D, y as tf.Tensor2D, list, s as tf.Tensor1D);
        return [result.images, result.targets];
      };
      const step = trace(
        (x, y, s) => both(x!, y!, s!),
        () => [],
      );
      for (const at of [1, 2, 3]) {
        tf.tidy(() => {
          const inputs = [images(channels), targets(), seed(at)] as const;
          const eager = both(...inputs);
          step(...inputs).forEach((tensor, index) =>
            expect(same(tensor.dataSync(), eager[index]!.dataSync())).toBe(true),
          );
        });
      }
      step.dispose();
    },
  );
});

test.each([1, 3] as const)('a whole list with %i channels leaks nothing, traced and eager', (channels) => {
  const list = family.filter(({ kind }) => channelsOf(kind).includes(channels));
  const all = (x: tf.Tensor, s: tf.Tensor) => augment(x as tf.Tensor4D, targets(), list, s as tf.Tensor1D);
  const traced = trace(
    (x, s) => [all(x!, s!).images],
    () => [],
  );
  const once = () =>
    tf.tidy(() => {
      const eager = all(images(channels), seed(1)).images.dataSync();
      expect(same(traced(images(channels), seed(1))[0]!.dataSync(), eager)).toBe(true);
    });
  once();
  const before = engine.counts();
  for (let round = 0; round < 3; round += 1) once();
  expect(engine.counts()).toEqual(before);
  traced.dispose();
});

// SplitItem before the family grew: whoever trains an old recipe again sees the same images.
test.each([
  [{ kind: 'horizontal-flip', probability: 0.5 }, [73, 0, 240], [73, 0, 243]],
  [{ kind: 'vertical-flip', probability: 0.5 }, [73, 0, 244], [73, 0, 243]],
  [{ kind: 'crop', probability: 0.9, padding: 4 }, [0, 0, 255], [73, 0, 235]],
  [{ kind: 'shift', probability: 0.8, fraction: 0.25 }, [0, 236, 0], [73, 0, 243]],
  [{ kind: 'rotation', probability: 0.7, degrees: 30 }, [10.879, 0, 250.541], [73, 0, 243]],
  [
    { kind: 'random-erasing', probability: 0.6, minimum: 0.1, maximum: 0.3 },
    [73, 113.649, 243],
    [73, 0, 243],
  ],
] as [Augmentation, number[], number[]][])('%o draws what it always drew', (settings, ...golden) => {
  golden.forEach((values, index) => {
    const drawn = run([settings], index + 1, 1);
    [100, 9999, 30_000].forEach((place, i) => expect(drawn[place]).toBeCloseTo(values[i]!, 2));
  });
});
