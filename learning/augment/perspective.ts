/**
 * Sees the image as a plane turned away from the camera: its corners move inwards, each on its own, and the rest
 * follows by the one perspective map that does so. Bilinear; what lies outside is filled with the border's value.
 */
import * as tf from '@tensorflow/tfjs';
import { foldSeed, statelessUniform } from '#learning/tensorflow/random.ts';
import { chosen, type MovingAugmentation } from './augmentation.ts';
import type { Coefficient } from './warp.ts';

type Four = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
type Eight = [...Four, ...Four];

/** Moves up to this share of half the side never fold the image nor bring the plane's horizon into it. */
const safeShare = 0.6;

export const perspective: MovingAugmentation<'perspective'> = {
  kind: 'perspective',
  move([batch, height, width], { probability, fraction }, seed) {
    const on = chosen(batch, probability, foldSeed(seed, 0));
    const drawn = statelessUniform([8, batch], foldSeed(seed, 1), 0, fraction / 2);
    let map = fromCorners(drawn, height, width);
    if (fraction > safeShare) {
      // A draw that folds is made smaller until none can.
      const safe = fromCorners(tf.mul(drawn, safeShare / fraction), height, width);
      const sound = before(map, height, width);
      map = map.map((coefficient, index) => tf.where(sound, coefficient, safe[index]!));
    }
    const identity = [1, 0, 0, 0, 1, 0, 0, 0];
    const final = map.map((coefficient, index) => tf.where(on, coefficient, identity[index]!));
    return { map: final as Coefficient[], interpolation: 'bilinear', border: 'nearest' };
  },
};

/**
 * The map from the result to the image that brings the moved corners back to the image's: the inverse of
 * Heckbert's map of the unit square to a quadrilateral (1989, "Fundamentals of Texture Mapping and Image Warping").
 * @param moves [8, batch]: how far each corner moves right or left and down or up, inwards, as a share of the side;
 * clockwise from the top left, x before y
 */
function fromCorners(moves: tf.Tensor, height: number, width: number): tf.Tensor[] {
  const [x0, y0, left1, y1, left2, up2, x3, up3] = tf.unstack(moves) as Eight;
  const [x1, x2, y2, y3] = [left1, left2, up2, up3].map((inwards) => tf.sub(1, inwards)) as Four;
  const minus = (p: tf.Tensor, q: tf.Tensor) => tf.sub(p, q);
  /** p·q − r·s */
  const cross = (p: tf.Tensor, q: tf.Tensor, r: tf.Tensor, s: tf.Tensor) =>
    tf.sub(tf.mul(p, q), tf.mul(r, s));

  const [dx1, dy1, dx2, dy2] = [minus(x1, x2), minus(y1, y2), minus(x3, x2), minus(y3, y2)];
  const sx = tf.add(minus(x0, x1), minus(x2, x3));
  const sy = tf.add(minus(y0, y1), minus(y2, y3));
  const determinant = cross(dx1, dy2, dx2, dy1);
  const g = tf.div(cross(sx, dy2, dx2, sy), determinant);
  const h = tf.div(cross(dx1, sy, sx, dy1), determinant);
  const a = tf.add(minus(x1, x0), tf.mul(g, x1));
  const b = tf.add(minus(x3, x0), tf.mul(h, x3));
  const d = tf.add(minus(y1, y0), tf.mul(g, y1));
  const e = tf.add(minus(y3, y0), tf.mul(h, y3));
  const [c, f] = [x0, y0];

  // The inverse up to a factor; its last entry is made 1.
  const last = cross(a, e, b, d);
  const [right, down] = [width - 1, height - 1];
  const entry = (value: tf.Tensor, unit: number) => tf.mul(tf.div(value, last), unit);
  return [
    entry(minus(e, tf.mul(f, h)), 1),
    entry(minus(tf.mul(c, h), b), right / down),
    entry(cross(b, f, c, e), right),
    entry(minus(tf.mul(f, g), d), down / right),
    entry(minus(a, tf.mul(c, g)), 1),
    entry(cross(c, d, a, f), down),
    entry(cross(d, h, e, g), 1 / right),
    entry(cross(b, g, a, h), 1 / down),
  ];
}

/** Whether the whole result lies before the plane's horizon: bool [batch]. NaN and infinity do not. */
function before(map: tf.Tensor[], height: number, width: number): tf.Tensor {
  const right = tf.mul(map[6]!, width - 1);
  const down = tf.mul(map[7]!, height - 1);
  const least = tf.add(1, tf.add(tf.minimum(right, 0), tf.minimum(down, 0)));
  return tf.logicalAnd(tf.greater(least, 0.05), tf.less(tf.maximum(right, down), Infinity));
}
