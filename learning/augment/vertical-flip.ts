/** Turns upside down by mirroring top and bottom. */
import * as tf from '@tensorflow/tfjs';
import { chosen, column, type ImageAugmentation } from './augmentation.ts';

export const verticalFlip: ImageAugmentation<'vertical-flip'> = {
  kind: 'vertical-flip',
  name: 'Flip up and down',
  about:
    'Right where nothing has an up, as in microscopy or from the air. Seldom right for things that stand.',
  apply(images, { probability }, seed) {
    const batch = images.shape[0];
    const flip = column(chosen(batch, probability, seed));
    return tf.where(flip, tf.reverse(images, 1), images);
  },
};
