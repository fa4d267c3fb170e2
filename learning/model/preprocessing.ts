/**
 * Normalisation: the numbers, and their use on tensors. Bringing images to size and channels happens
 * where they are packed; this sees pixels of the recipe's size.
 */
import * as tf from '@tensorflow/tfjs';
import type { Preprocessing } from '#recipe/preprocessing.ts';
import { givenNormalisation, type Normalisation } from '#recipe/check-normalisation.ts';

export type { Normalisation } from '#recipe/check-normalisation.ts';

/** A channel of one colour would divide by zero; half a grey level is the least std. */
const leastDeviation = 0.5 / 255;

/**
 * (pixel / 255 - mean) / std, worked as pixel × scale + shift with both rounded to float32 once.
 * Exporters write the same two constants, so that they differ by no more than one rounding.
 */
export function normalisationFactors({ mean, std }: Normalisation): {
  scale: number[];
  shift: number[];
} {
  return {
    scale: std.map((channel) => Math.fround(1 / (255 * channel))),
    shift: mean.map((channel, index) => Math.fround(-channel / std[index]!)),
  };
}

/** @param images float32 [batch, height, width, channels], 0..255 @returns the same shape, as the network takes it */
export function normalise(images: tf.Tensor4D, normalisation: Normalisation): tf.Tensor4D {
  const { scale, shift } = normalisationFactors(normalisation);
  return tf.add(tf.mul(images, tf.tensor1d(scale)), tf.tensor1d(shift));
}

/**
 * The recipe's normalisation as one number per channel; where it is to be measured, from the images at `indices`.
 * @param pixels uint8 [count, height, width, channels]
 * @throws RECIPE_INVALID where given numbers are neither one nor one per channel
 */
export function resolveNormalisation(
  preprocessing: Preprocessing,
  pixels: Uint8Array,
  indices: ArrayLike<number>,
): Normalisation {
  const { channels, height, width } = preprocessing;
  return givenNormalisation(preprocessing) ?? measureNormalisation(pixels, indices, height * width, channels);
}

/**
 * Mean and std per channel of pixel / 255. Sums of whole numbers, so exact in any order.
 * @param pixels uint8 [count, area, channels]
 */
export function measureNormalisation(
  pixels: Uint8Array,
  indices: ArrayLike<number>,
  area: number,
  channels: number,
): Normalisation {
  const histograms = Array.from({ length: channels }, () => new Float64Array(256));
  const size = area * channels;
  for (let position = 0; position < indices.length; position += 1) {
    const start = indices[position]! * size;
    for (let offset = 0; offset < size; offset += 1) {
      histograms[offset % channels]![pixels[start + offset]!]! += 1;
    }
  }
  const count = indices.length * area;
  const mean = histograms.map(
    (histogram) => histogram.reduce((sum, n, value) => sum + n * value, 0) / count / 255,
  );
  const std = histograms.map((histogram, channel) => {
    const squares = histogram.reduce((sum, n, value) => sum + n * value * value, 0) / count / 255 ** 2;
    return Math.max(Math.sqrt(Math.max(0, squares - mean[channel]! ** 2)), leastDeviation);
  });
  return { mean, std };
}
