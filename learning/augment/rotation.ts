/** Turns about the centre by a random angle, bilinear, and fills with the border's value. */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, type MovingAugmentation, perImage } from './augmentation.ts';
import { aboutCentre } from './warp.ts';

export const rotation: MovingAugmentation<'rotation'> = {
  kind: 'rotation',
  move(shape, { probability, degrees }, seed) {
    const [batch] = shape;
    const limit = (degrees * Math.PI) / 180;
    const on = tf.cast(chosen(batch, probability, foldSeed(seed, 0)), 'float32');
    const angle = tf.mul(on, perImage(batch, foldSeed(seed, 1), -limit, limit)) as tf.Tensor1D;
    const cosine = tf.cos(angle);
    const sine = tf.sin(angle);
    const map = aboutCentre(shape, [cosine, tf.neg(sine), sine, cosine]);
    return { map, interpolation: 'bilinear', border: 'nearest' };
  },
};
