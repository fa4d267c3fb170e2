/**
 * What RandAugment and TrivialAugment share: a fixed set of changes, of which each image draws its own. All changes
 * of a batch are made at once instead of one by one: those that move pixels become one map of the plane an image and
 * one warp, those that change values become coefficients an image.
 *
 * The set is that of the papers (Cubuk et al. 2019, Müller and Hutter 2021) less histogram equalisation, which has no
 * such form; "colour" is left out for grey images. Of several changes in a row the moves come first, as one.
 */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, column, perImage, wholeNumbers } from './augmentation.ts';
import { luminance } from './colour.ts';
import { aboutCentre, type Coefficient, joined, type Move, warp } from './warp.ts';

/** `identity` first: an image that is not chosen draws it. `colour` last, where it can be left out. */
const changeNames = [
  'identity',
  'shear-x',
  'shear-y',
  'shift-x',
  'shift-y',
  'rotate',
  'brightness',
  'contrast',
  'auto-contrast',
  'sharpness',
  'posterise',
  'solarise',
  'colour',
] as const;
export type Change = (typeof changeNames)[number];

/** The changes for images of this many channels. */
export const changesFor = (channels: number): readonly Change[] =>
  channels === 3 ? changeNames : changeNames.slice(0, -1);

/** How far each change goes at magnitude 1. Solarising then inverts all; auto-contrast has no magnitude. */
export interface Ranges {
  /** Pixels sideways per pixel of height, or the other way round. */
  shear: number;
  /** Share of the side. */
  shift: number;
  degrees: number;
  /** Brightness, contrast, colour and sharpness are multiplied by 1 ± this. */
  enhance: number;
  /** Bits of eight that posterising drops. */
  bits: number;
}

/** One change for each image. */
export interface Draw {
  /** 1 for the images that drew this change, else 0: float32 [batch]. */
  drew(change: Change): tf.Tensor1D;
  /** 0..1, float32 [batch]. */
  magnitude: tf.Tensor1D;
  /** The magnitude with a random sign. */
  signed: tf.Tensor1D;
}

/**
 * @param on which images draw, bool [batch]; the others get the identity
 * @param magnitude float32 [batch], 0..1
 */
export function drawChange(
  channels: number,
  on: tf.Tensor1D,
  magnitude: tf.Tensor1D,
  seed: tf.Tensor1D,
): Draw {
  const [batch] = on.shape;
  const names = changesFor(channels);
  const place = tf.where(on, wholeNumbers(batch, names.length, foldSeed(seed, 0)), 0);
  return {
    drew: (change) => tf.cast(tf.equal(place, names.indexOf(change)), 'float32') as tf.Tensor1D,
    magnitude,
    signed: tf.where(chosen(batch, 0.5, foldSeed(seed, 1)), magnitude, tf.neg(magnitude)),
  };
}

/** Uniform magnitudes from 0 to `most`, or `most` itself for each image: float32 [batch]. */
export function magnitudes(batch: number, most: number, seed: tf.Tensor1D | null): tf.Tensor1D {
  return seed ? perImage(batch, seed, 0, most) : tf.fill([batch], most);
}

/** Makes the drawn changes, the first of `draws` first. An image that drew identities keeps its values bit for bit. */
export function applyDraws(images: tf.Tensor4D, draws: readonly Draw[], ranges: Ranges): tf.Tensor4D {
  return draws.reduce((changed, draw) => changeValues(changed, draw, ranges), move(images, draws, ranges));
}

function move(images: tf.Tensor4D, draws: readonly Draw[], ranges: Ranges): tf.Tensor4D {
  const moves = draws.map((draw): Move => ({
    map: affineOf(images.shape, draw, ranges),
    interpolation: 'bilinear',
    border: 'nearest',
  }));
  return warp(
    images,
    moves.reduce((first, second) => joined(first, second)!),
  );
}

function affineOf(shape: readonly number[], { drew, signed }: Draw, ranges: Ranges): Move['map'] {
  const [, height, width] = shape;
  const of = (change: Change, most: number) => tf.mul(drew(change), tf.mul(signed, most));
  const angle = of('rotate', (ranges.degrees * Math.PI) / 180);
  const [cosine, sine] = [tf.cos(angle) as tf.Tensor1D, tf.sin(angle)];
  const [a, b, right, d, e, down] = aboutCentre(shape, [
    cosine,
    tf.sub(of('shear-x', ranges.shear), sine) as tf.Tensor1D,
    tf.add(of('shear-y', ranges.shear), sine) as tf.Tensor1D,
    cosine,
  ]);
  const moved = (start: Coefficient, change: Change, most: number) =>
    tf.add(start, tf.round(of(change, most))) as tf.Tensor1D;
  return [
    a!,
    b!,
    moved(right!, 'shift-x', ranges.shift * width!),
    d!,
    e!,
    moved(down!, 'shift-y', ranges.shift * height!),
  ];
}

function changeValues(images: tf.Tensor4D, draw: Draw, ranges: Ranges): tf.Tensor4D {
  const enhanced = enhance(images, draw, ranges);
  const step = tf.pow(2, tf.round(tf.mul(draw.magnitude, ranges.bits)));
  const coarse = tf.mul(tf.floor(tf.div(enhanced, column(step))), column(step));
  const posterised = tf.where(column(tf.cast(draw.drew('posterise'), 'bool')), coarse, enhanced);
  // Nothing reaches the threshold of an image that drew something else.
  const threshold = tf.where(
    tf.cast(draw.drew('solarise'), 'bool'),
    tf.mul(255, tf.sub(1, draw.magnitude)),
    256,
  );
  return tf.where(
    tf.greaterEqual(posterised, column(threshold)),
    tf.sub(255, posterised),
    posterised,
  ) as tf.Tensor4D;
}

/**
 * Brightness, contrast, colour and sharpness draw an image away from black, its mean, its luminance or a smoother
 * self, or towards it (Haeberli and Voorhies 1994); auto-contrast spreads each channel over the whole range.
 */
function enhance(images: tf.Tensor4D, { drew, signed }: Draw, ranges: Ranges): tf.Tensor4D {
  const strength = tf.mul(signed, ranges.enhance);
  const by = (change: Change) => column(tf.mul(drew(change), strength));
  const away = (change: Change, from: tf.Tensor) => tf.mul(by(change), tf.sub(images, from));

  // Python's imaging library smooths by 3×3 ones with a 5 in the middle; here borders have fewer neighbours.
  const neighbours = tf.avgPool(images, 3, 1, 'same');
  const changes = [
    tf.mul(by('brightness'), images),
    away('contrast', tf.mean(images, [1, 2, 3], true)),
    tf.mul(away('sharpness', neighbours), 9 / 13),
    ...(images.shape[3] === 3 ? [away('colour', luminance(images))] : []),
  ];
  const [least, most] = [tf.min(images, [1, 2], true), tf.max(images, [1, 2], true)];
  const spread = tf.sub(most, least);
  const stretches = tf.logicalAnd(column(tf.cast(drew('auto-contrast'), 'bool')), tf.greater(spread, 0));
  const stretched = tf.div(tf.mul(tf.sub(images, least), 255), tf.maximum(spread, 1e-3));
  // Added to the image, so that no change at all keeps every bit.
  const changed = changes.reduce<tf.Tensor>((sum, change) => tf.add(sum, change), images);
  return tf.clipByValue(tf.where(stretches, stretched, changed), 0, 255) as tf.Tensor4D;
}
