/**
 * Moves pixels: each pixel of a result is taken from a place of its image that a map of the plane names. One native
 * operation a batch, each image with its own map; moves in a row are one map, so that pixels are interpolated once. Which
 * maps there are is left to the augmentations.
 */
import * as tf from '@tensorflow/tfjs';
import { transformImages } from '#learning/tensorflow/operations.ts';

/** A number for all images, or float32 [batch]. */
export type Coefficient = tf.Tensor1D | number;

export interface Move {
  /**
   * a, b, c, d, e, f, and for a perspective g, h: the pixel (x, y) of each result is taken from
   * (a·x + b·y + c, d·x + e·y + f) / (g·x + h·y + 1) of its image; pixels are counted from 0 at their centres. Finite:
   * TensorFlow does not check.
   */
  map: readonly Coefficient[];
  /** `nearest` where the map meets pixels' centres. */
  interpolation: 'nearest' | 'bilinear';
  /** What lies outside: the border's value, or black; null where nothing does. */
  border: 'nearest' | 'constant' | null;
}

/** Values stay within 0..255, and the identity gives every value back bit for bit. */
export function warp(images: tf.Tensor4D, { map, interpolation, border }: Move): tf.Tensor4D {
  const batch = images.shape[0];
  const columns = eight(map).map((value) => (typeof value === 'number' ? tf.fill([batch], value) : value));
  const maps = tf.stack(columns, 1) as tf.Tensor2D;
  const warped = transformImages(images, maps, interpolation, border ?? 'nearest');
  // Interpolation rounds a little past 255.
  return interpolation === 'bilinear' ? tf.clipByValue(warped, 0, 255) : warped;
}

/** `first` and then `second` as one move; null where what they put outside of the image differs. */
export function joined(first: Move, second: Move): Move | null {
  if (first.border && second.border && first.border !== second.border) return null;
  return {
    map: product(first.map, second.map),
    interpolation:
      first.interpolation === 'bilinear' || second.interpolation === 'bilinear' ? 'bilinear' : 'nearest',
    border: first.border ?? second.border,
  };
}

/** A pixel of the result asks `second`, which asks `first`: the product of their matrices, its last entry 1. */
function product(first: Move['map'], second: Move['map']): Coefficient[] {
  const [left, right] = [
    [...eight(first), 1],
    [...eight(second), 1],
  ];
  const entries = left.map((_, place) => {
    const [row, column] = [Math.floor(place / 3) * 3, place % 3];
    return [0, 1, 2].map((k) => times(left[row + k]!, right[3 * k + column]!)).reduce(plus);
  });
  const last = entries.pop()!;
  return entries.map((entry) => (last === 1 ? entry : (tf.div(entry, last) as tf.Tensor1D)));
}

const eight = (map: Move['map']): Coefficient[] => [...map, 0, 0].slice(0, 8);

function times(p: Coefficient, q: Coefficient): Coefficient {
  if (typeof p === 'number' && typeof q === 'number') return p * q;
  if (p === 0 || q === 0) return 0;
  if (p === 1 || q === 1) return p === 1 ? q : p;
  return tf.mul(p, q) as tf.Tensor1D;
}

function plus(p: Coefficient, q: Coefficient): Coefficient {
  if (typeof p === 'number' && typeof q === 'number') return p + q;
  if (p === 0 || q === 0) return p === 0 ? q : p;
  return tf.add(p, q) as tf.Tensor1D;
}

/**
 * The affine map whose linear part is [a, b; d, e] and which leaves the image's centre where it is.
 * @returns coefficients of a move
 */
export function aboutCentre(
  [, height, width]: readonly number[],
  [a, b, d, e]: readonly [Coefficient, Coefficient, Coefficient, Coefficient],
): Coefficient[] {
  const [x, y] = [(width! - 1) / 2, (height! - 1) / 2];
  const right = tf.sub(tf.sub(x, tf.mul(a, x)), tf.mul(b, y)) as tf.Tensor1D;
  const down = tf.sub(tf.sub(y, tf.mul(d, x)), tf.mul(e, y)) as tf.Tensor1D;
  return [a, b, right, d, e, down];
}
