/** Slants along one axis by a random angle, bilinear, and fills with the border's value. */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, type MovingAugmentation, perImage } from './augmentation.ts';
import { aboutCentre } from './warp.ts';

export const shear: MovingAugmentation<'shear'> = {
  kind: 'shear',
  move(shape, { probability, degrees }, seed) {
    const [batch] = shape;
    const limit = (degrees * Math.PI) / 180;
    const on = tf.cast(chosen(batch, probability, foldSeed(seed, 0)), 'float32');
    const slant = tf.tan(tf.mul(on, perImage(batch, foldSeed(seed, 1), -limit, limit)));
    const alongX = tf.cast(chosen(batch, 0.5, foldSeed(seed, 2)), 'float32');
    const x = tf.mul(slant, alongX) as tf.Tensor1D;
    const y = tf.mul(slant, tf.sub(1, alongX)) as tf.Tensor1D;
    return { map: aboutCentre(shape, [1, x, y, 1]), interpolation: 'bilinear', border: 'nearest' };
  },
};
