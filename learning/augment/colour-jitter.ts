/**
 * Turns the hue and scales the saturation, both about the luminance (ITU-R BT.601), which stays: a linear map of the
 * chroma plane of YIQ, and so one matrix for all pixels of an image. What leaves 0..255 is cut.
 */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, type ImageAugmentation, perImage } from './augmentation.ts';
import { chroma, grey, quarterTurn } from './colour.ts';

export const colourJitter: ImageAugmentation<'colour-jitter'> = {
  kind: 'colour-jitter',
  apply(images, { probability, hue, saturation }, seed) {
    const batch = images.shape[0];
    const on = matrices(chosen(batch, probability, foldSeed(seed, 0)));
    const angle = perImage(batch, foldSeed(seed, 1), -2 * Math.PI * hue, 2 * Math.PI * hue);
    const factor = perImage(batch, foldSeed(seed, 2), 1 - saturation, 1 + saturation);
    const kept = tf.mul(chroma, matrices(tf.mul(factor, tf.cos(angle))));
    const turned = tf.mul(quarterTurn, matrices(tf.mul(factor, tf.sin(angle))));
    const jitter = tf.where(on, tf.add(grey, tf.add(kept, turned)), tf.eye(3)) as tf.Tensor3D;
    const changed = tf.matMul(tf.reshape(images, [batch, -1, 3]), jitter);
    return tf.clipByValue(tf.reshape(changed, images.shape), 0, 255);
  },
};

/** One number an image, shaped to meet its matrix: [batch, 1, 1]. */
const matrices = (perImageValue: tf.Tensor): tf.Tensor3D => tf.reshape(perImageValue, [-1, 1, 1]);
