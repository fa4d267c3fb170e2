/**
 * Turns the hue and scales the saturation, both about the luminance (ITU-R BT.601), which stays: a linear map of the
 * chroma plane of YIQ, and so the same for all pixels of an image. What leaves 0..255 is cut.
 */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, column, type ImageAugmentation, perImage } from './augmentation.ts';
import { luminance, quarterTurn } from './colour.ts';

export const colourJitter: ImageAugmentation<'colour-jitter'> = {
  kind: 'colour-jitter',
  name: 'Colour jitter',
  about:
    'Stands for other lamps and white balances. Harms where colour tells the classes apart. Needs 3 channels.',
  apply(images, { probability, hue, saturation }, seed) {
    const batch = images.shape[0];
    const on = column(chosen(batch, probability, foldSeed(seed, 0)));
    const angle = perImage(batch, foldSeed(seed, 1), -2 * Math.PI * hue, 2 * Math.PI * hue);
    const factor = perImage(batch, foldSeed(seed, 2), 1 - saturation, 1 + saturation);
    const grey = luminance(images);
    const chroma = tf.sub(images, grey) as tf.Tensor4D;
    const kept = tf.mul(chroma, column(tf.mul(factor, tf.cos(angle))));
    const turned = tf.mul(quarterTurn(chroma), column(tf.mul(factor, tf.sin(angle))));
    const changed = tf.clipByValue(tf.add(grey, tf.add(kept, turned)), 0, 255);
    return tf.where(on, changed, images) as tf.Tensor4D;
  },
};
