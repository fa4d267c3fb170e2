/** Luminance and chroma of RGB images, as YIQ has them; for the augmentations that change colour. */
import * as tf from '@tensorflow/tfjs';

type Vector = readonly [number, number, number];

/** Rows of the map from RGB to YIQ (FCC, NTSC 1953): luminance, and two axes at right angles that span the chroma. */
const Y: Vector = [0.299, 0.587, 0.114];
const I: Vector = [0.5959, -0.2746, -0.3213];
const Q: Vector = [0.2115, -0.5227, 0.3112];

const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const volume = cross(I, Q).reduce((sum, value, index) => sum + value * Y[index]!, 0);
/** Columns of the inverse: what RGB one unit along each chroma axis is. */
const [alongI, alongQ] = [cross(Q, Y), cross(Y, I)].map((axis) => axis.map((value) => value / volume)) as [
  number[],
  number[],
];
/** A map of RGB as a matrix, [from][to]: a row of pixels times it is their row. */
type Matrix = readonly number[][];
const matrix = (entry: (from: number, to: number) => number): Matrix =>
  [0, 1, 2].map((from) => [0, 1, 2].map((to) => entry(from, to)));

/** Each pixel as grey of its luminance. */
export const grey = matrix((from) => Y[from]!);
/** What is left of each pixel without its luminance. */
export const chroma = matrix((from, to) => Number(from === to) - Y[from]!);
/** Each pixel's chroma turned by a quarter of the hue circle, its luminance gone: I becomes Q and Q becomes −I. */
export const quarterTurn = matrix((from, to) => I[from]! * alongQ[to]! - Q[from]! * alongI[to]!);

/** Luminance by ITU-R BT.601. [batch, height, width, 3] → [batch, height, width, 1] */
export function luminance(images: tf.Tensor4D): tf.Tensor4D {
  const [red, green, blue] = tf.split(images, 3, 3) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  return tf.add(tf.add(tf.mul(red, Y[0]), tf.mul(green, Y[1])), tf.mul(blue, Y[2]));
}
