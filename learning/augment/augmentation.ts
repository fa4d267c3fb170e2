/**
 * What every augmentation is, and what most of them share: choosing images, drawing a number for each, and marking
 * rows and columns. Images are float32 [batch, height, width, channels] of 0..255, before normalisation. All is made
 * of engine operations with stateless random numbers, so that a traced step draws anew each time it runs.
 * Moving pixels is left to warp.ts, pairing images to mixing.ts, the list of augmentations to index.ts.
 */
import * as tf from '@tensorflow/tfjs';
import type { Augmentation, AugmentationKind } from '#recipe/augmentation.ts';
import { statelessUniform } from '#learning/tensorflow/random.ts';
import type { Move } from './warp.ts';

export type Settings<K extends AugmentationKind> = Extract<Augmentation, { kind: K }>;

interface OfKind<K extends AugmentationKind> {
  readonly kind: K;
}

/** Changes each image by itself. */
export interface ImageAugmentation<K extends AugmentationKind> extends OfKind<K> {
  /**
   * Each image decides on its own, with `settings.probability`; one that is not chosen keeps its values bit for bit.
   * @param images float32 [batch, height, width, channels], 0..255
   * @param seed int32 [2], an input of the step
   * @returns the same shape and range
   */
  apply(images: tf.Tensor4D, settings: Settings<K>, seed: tf.Tensor1D): tf.Tensor4D;
}

/** Moves pixels and changes none. Those in a row of a recipe are one move, and so interpolate once. */
export interface MovingAugmentation<K extends AugmentationKind> extends OfKind<K> {
  /**
   * Each image decides on its own, with `settings.probability`; one that is not chosen stays where it is, exactly.
   * @param shape of the images
   * @param seed int32 [2], an input of the step
   */
  move(shape: tf.Tensor4D['shape'], settings: Settings<K>, seed: tf.Tensor1D): Move;
}

/** Class shares of each image, float32 [batch, classCount], rows that sum to 1; null where nobody asks (the preview). */
export type Targets = tf.Tensor2D | null;

export interface Batch<T extends Targets> {
  images: tf.Tensor4D;
  targets: T;
}

/** Mixes images of a batch with each other, and their targets in the same shares. */
export interface MixingAugmentation<K extends AugmentationKind> extends OfKind<K> {
  /**
   * The batch decides as a whole, with `settings.probability`; a batch that is not chosen keeps its values bit for bit.
   * @param images float32 [batch, height, width, channels], 0..255
   * @param seed int32 [2], an input of the step
   * @returns the same shapes and ranges; null targets stay null
   */
  mix<T extends Targets>(images: tf.Tensor4D, targets: T, settings: Settings<K>, seed: tf.Tensor1D): Batch<T>;
}

export type AugmentationDefinition<K extends AugmentationKind> =
  ImageAugmentation<K> | MovingAugmentation<K> | MixingAugmentation<K>;

/** Uniform numbers from low to high (which rounding may give), one an image: float32 [batch]. */
export function perImage(batch: number, seed: tf.Tensor1D, low = 0, high = 1): tf.Tensor1D {
  return statelessUniform([batch], seed, low, high) as tf.Tensor1D;
}

/** Which images are changed: bool [batch]. Probability 0 chooses none, 1 all. */
export function chosen(batch: number, probability: number, seed: tf.Tensor1D): tf.Tensor1D {
  return tf.less(perImage(batch, seed), probability);
}

/** Whole numbers from -limit to limit, one an image, all equally likely: float32 [batch]. */
export function wholeSteps(batch: number, limit: number, seed: tf.Tensor1D): tf.Tensor1D {
  // A draw can round up to `high`, so the greatest step is capped.
  return tf.minimum(tf.floor(perImage(batch, seed, -limit, limit + 1)), limit);
}

/** Whole numbers from 0 to count - 1, one an image, all equally likely: float32 [batch]. */
export function wholeNumbers(batch: number, count: number, seed: tf.Tensor1D): tf.Tensor1D {
  return tf.minimum(tf.floor(perImage(batch, seed, 0, count)), count - 1);
}

/** One number an image, shaped to meet all its pixels: [batch, 1, 1, 1]. */
export function column(perImageValue: tf.Tensor): tf.Tensor4D {
  return tf.reshape(perImageValue, [-1, 1, 1, 1]);
}

/** Which of `side` places lie in [from, to), image by image: bool [batch, side]. Ends beyond the side are cut. */
export function between(from: tf.Tensor, to: tf.Tensor, side: number): tf.Tensor2D {
  const place = tf.range(0, side, 1, 'float32');
  return tf.logicalAnd(
    tf.greaterEqual(place, tf.reshape(from, [-1, 1])),
    tf.less(place, tf.reshape(to, [-1, 1])),
  );
}

/** Where rows bool [batch, height] and columns bool [batch, width] meet: bool [batch, height, width, 1]. */
export function rectangle(rows: tf.Tensor2D, columns: tf.Tensor2D): tf.Tensor4D {
  const [batch, height] = rows.shape;
  return tf.logicalAnd(
    tf.reshape(rows, [batch, height, 1, 1]),
    tf.reshape(columns, [batch, 1, columns.shape[1], 1]),
  );
}
