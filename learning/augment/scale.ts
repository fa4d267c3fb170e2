/** Enlarges or shrinks about the centre, bilinear, and fills with the border's value. */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, type MovingAugmentation, perImage } from './augmentation.ts';
import { aboutCentre } from './warp.ts';

export const scale: MovingAugmentation<'scale'> = {
  kind: 'scale',
  move(shape, { probability, minimum, maximum }, seed) {
    const [batch] = shape;
    const on = chosen(batch, probability, foldSeed(seed, 0));
    const drawn = perImage(batch, foldSeed(seed, 1), -Math.log(maximum), -Math.log(minimum));
    // One pixel of the result is this many of the image.
    const step = tf.where(on, tf.exp(drawn), 1) as tf.Tensor1D;
    return { map: aboutCentre(shape, [step, 0, 0, step]), interpolation: 'bilinear', border: 'nearest' };
  },
};
