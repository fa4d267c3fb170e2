/** Turns upside down by mirroring top and bottom. */
import * as tf from '@tensorflow/tfjs';
import { type AugmentationDefinition, chosen } from './augmentation.ts';

export const verticalFlip: AugmentationDefinition<'vertical-flip'> = {
  kind: 'vertical-flip',
  name: 'Flip top and bottom',
  about:
    'Right where nothing has an up, as in microscopy or from the air. Seldom right for things that stand.',
  apply(images, { probability }, seed) {
    const batch = images.shape[0];
    const flip = tf.reshape(chosen(batch, probability, seed), [batch, 1, 1, 1]);
    return tf.where(flip, tf.reverse(images, 1), images);
  },
};
