/** Moves in a row of a recipe are one: where its pixels come from, against the moves one after the other. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Augmentation } from '#recipe/augmentation.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { type AugmentationDefinition } from './augmentation.ts';
import { augment, augmentations } from './index.ts';
import { joined, type Move, warp } from './warp.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const [batch, height, width] = [32, 19, 23];
const seed = () => tf.tensor1d([5, 9], 'int32');
const flip: Augmentation = { kind: 'horizontal-flip', probability: 0.5 };
const turnOver: Augmentation = { kind: 'vertical-flip', probability: 0.5 };
const crop: Augmentation = { kind: 'crop', probability: 0.7, padding: 4 };
const shift: Augmentation = { kind: 'shift', probability: 0.7, fraction: 0.2 };
const enlarge: Augmentation = { kind: 'scale', probability: 0.7, minimum: 1, maximum: 1.5 };
const rotation: Augmentation = { kind: 'rotation', probability: 0.7, degrees: 30 };
const shear: Augmentation = { kind: 'shear', probability: 0.7, degrees: 20 };
const perspective: Augmentation = { kind: 'perspective', probability: 0.7, fraction: 0.5 };

function moveOf(settings: Augmentation, position: number): Move {
  const definition = augmentations[settings.kind] as AugmentationDefinition<Augmentation['kind']>;
  if (!('move' in definition)) throw new RangeError(`${settings.kind} moves nothing.`);
  return definition.move([batch, height, width, 1], settings, foldSeed(seed(), position));
}

/** Noise: one place is not another. */
const images = () => tf.tensor4d(noise(), [batch, height, width, 1]);
const noise = () =>
  Float32Array.from({ length: batch * height * width }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24);

test.each([
  ['flips and a crop', [flip, turnOver, crop]],
  ['a shift and a flip', [shift, flip]],
  ['crops, which fill with black, and shifts, which continue the border', [crop, shift, crop]],
])('%s of whole pixels give the same values bit for bit', (_, list) => {
  tf.tidy(() => {
    const oneByOne = list.reduce((moved, settings, at) => warp(moved, moveOf(settings, at)), images());
    expect(augment(images(), null, list, seed()).images.dataSync()).toEqual(oneByOne.dataSync());
    expect(oneByOne.dataSync()).not.toEqual(noise());
  });
});

test('an enlargement after whole pixels is interpolated once, and shows the same', () => {
  tf.tidy(() => {
    const list = [flip, shift, enlarge];
    const oneByOne = list.reduce((moved, settings, at) => warp(moved, moveOf(settings, at)), images());
    const difference = augment(images(), null, list, seed()).images.sub(oneByOne).abs().max();
    // Places are 32-bit numbers of some 20 pixels, and neighbours differ by up to 255.
    expect(difference.dataSync()[0]).toBeLessThan(0.01);
  });
});

test('a shift shows what an enlargement before it had cut off, where one after the other smears the border', () => {
  const ramp = Float32Array.from({ length: batch * height * width }, (_, i) => 10 * (i % width));
  tf.tidy(() => {
    const list: Augmentation[] = [
      { kind: 'scale', probability: 1, minimum: 2, maximum: 2 },
      { kind: 'shift', probability: 1, fraction: 0.2 },
    ];
    const right = moveOf(list[1]!, 1).map[2] as tf.Tensor1D;
    const moved = augment(
      tf.tensor4d(ramp, [batch, height, width, 1]),
      null,
      list,
      seed(),
    ).images.arraySync();
    [...right.dataSync()].forEach((by, image) => {
      for (const x of [0, width - 1]) {
        const from = (width - 1) / 2 + (x + by - (width - 1) / 2) / 2;
        expect(moved[image]![5]![x]![0]).toBeCloseTo(10 * from, 2);
      }
    });
  });
});

test.each([
  ['affine', rotation, shear],
  ['perspective after affine', rotation, perspective],
  ['affine after perspective', perspective, shear],
  ['two perspectives', perspective, { ...perspective, fraction: 0.3 }],
])('%s: a pixel asks the second where it comes from, and that the first', (_, one, two) => {
  tf.tidy(() => {
    const [first, second] = [moveOf(one, 0), moveOf(two, 1)];
    const both = joined(first, second)!;
    expect(both).toMatchObject({ interpolation: 'bilinear', border: 'nearest' });
    const places = [first, second, both].map(placesOf) as [Places, Places, Places];
    for (let image = 0; image < batch; image += 1)
      for (const [x, y] of [
        [0, 0],
        [width - 1, 3],
        [7, height - 1],
      ] as const) {
        const [expectedX, expectedY] = places[0](image, ...places[1](image, x, y));
        const [foundX, foundY] = places[2](image, x, y);
        expect(Math.hypot(foundX - expectedX, foundY - expectedY)).toBeLessThan(1e-3);
      }
  });
});

test('moves that fill what lies outside in another way stay two; one that shows nothing from outside joins both', () => {
  tf.tidy(() => {
    const [black, border, none] = [moveOf(crop, 0), moveOf(shift, 0), moveOf(flip, 0)];
    expect(joined(black, border)).toBeNull();
    expect(joined(border, black)).toBeNull();
    expect(joined(none, black)).toMatchObject({ border: 'constant', interpolation: 'nearest' });
    expect(joined(border, none)).toMatchObject({ border: 'nearest', interpolation: 'nearest' });
    expect(joined(none, none)).toMatchObject({ border: null });
  });
});

type Places = (image: number, x: number, y: number) => [number, number];

/** The map of each image, in the numbers of JavaScript. */
function placesOf({ map }: Move): Places {
  const columns = map.map((value) =>
    typeof value === 'number' ? Array.from({ length: batch }, () => value) : [...value.dataSync()],
  );
  return (image, x, y) => {
    const [a, b, c, d, e, f, g = 0, h = 0] = columns.map((column) => column[image]!);
    const depth = g * x + h * y + 1;
    return [(a! * x + b! * y + c!) / depth, (d! * x + e! * y + f!) / depth];
  };
}
