/** Turns upside down by mirroring top and bottom. */
import * as tf from '@tensorflow/tfjs';
import { chosen, type MovingAugmentation } from './augmentation.ts';

export const verticalFlip: MovingAugmentation<'vertical-flip'> = {
  kind: 'vertical-flip',
  move([batch, height], { probability }, seed) {
    const flip = tf.cast(chosen(batch, probability, seed), 'float32');
    const [direction, start] = [tf.sub(1, tf.mul(flip, 2)), tf.mul(flip, height - 1)] as tf.Tensor1D[];
    return { map: [1, 0, 0, 0, direction!, start!], interpolation: 'nearest', border: null };
  },
};
