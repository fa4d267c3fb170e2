/** Mirrors left and right. */
import * as tf from '@tensorflow/tfjs';
import { chosen, type MovingAugmentation } from './augmentation.ts';

export const horizontalFlip: MovingAugmentation<'horizontal-flip'> = {
  kind: 'horizontal-flip',
  move([batch, , width], { probability }, seed) {
    const flip = tf.cast(chosen(batch, probability, seed), 'float32');
    const [direction, start] = [tf.sub(1, tf.mul(flip, 2)), tf.mul(flip, width - 1)] as tf.Tensor1D[];
    return { map: [direction!, 0, start!, 0, 1, 0], interpolation: 'nearest', border: null };
  },
};
