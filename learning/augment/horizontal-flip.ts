/** Mirrors left and right. */
import * as tf from '@tensorflow/tfjs';
import { chosen, column, type ImageAugmentation } from './augmentation.ts';

export const horizontalFlip: ImageAugmentation<'horizontal-flip'> = {
  kind: 'horizontal-flip',
  name: 'Flip left and right',
  about: 'Right where a mirrored thing is the same thing. Wrong for letters, digits and traffic signs.',
  apply(images, { probability }, seed) {
    const batch = images.shape[0];
    const flip = column(chosen(batch, probability, seed));
    return tf.where(flip, tf.reverse(images, 2), images);
  },
};
