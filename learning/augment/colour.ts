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
/** By a quarter turn I becomes Q and Q becomes −I: turn[from][to], RGB to RGB. */
const turn = [0, 1, 2].map((from) => [0, 1, 2].map((to) => I[from]! * alongQ[to]! - Q[from]! * alongI[to]!));

/** Luminance by ITU-R BT.601. [batch, height, width, 3] → [batch, height, width, 1] */
export function luminance(images: tf.Tensor4D): tf.Tensor4D {
  const [red, green, blue] = tf.split(images, 3, 3) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  return tf.add(tf.add(tf.mul(red, Y[0]), tf.mul(green, Y[1])), tf.mul(blue, Y[2]));
}

/** Each pixel's chroma turned by a quarter of the hue circle, its luminance gone. [batch, height, width, 3] */
export function quarterTurn(images: tf.Tensor4D): tf.Tensor4D {
  const channels = tf.split(images, 3, 3) as tf.Tensor4D[];
  const turned = [0, 1, 2].map((to) =>
    channels
      .map((channel, from) => tf.mul(channel, turn[from]![to]!))
      .reduce((sum, part) => tf.add(sum, part)),
  );
  return tf.concat(turned as tf.Tensor4D[], 3);
}
