/** Turns about the centre by a random angle, bilinear, and fills with the border's value. */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { type AugmentationDefinition, chosen, perImage, warp } from './augmentation.ts';

export const rotation: AugmentationDefinition<'rotation'> = {
  kind: 'rotation',
  name: 'Rotate',
  about: 'A few degrees stand for a camera held by hand. Large angles only where nothing has an up.',
  apply(images, { probability, degrees }, seed) {
    const [batch, height, width] = images.shape;
    const limit = (degrees * Math.PI) / 180;
    const on = tf.cast(chosen(batch, probability, foldSeed(seed, 0)), 'float32');
    const angle = tf.mul(on, perImage(batch, foldSeed(seed, 1), -limit, limit)) as tf.Tensor1D;
    const cosine = tf.cos(angle);
    const sine = tf.sin(angle);
    // The centre stays where it is: centre - rotation(centre).
    const [x, y] = [(width - 1) / 2, (height - 1) / 2];
    const right = tf.add(tf.sub(x, tf.mul(cosine, x)), tf.mul(sine, y)) as tf.Tensor1D;
    const down = tf.sub(tf.sub(y, tf.mul(sine, x)), tf.mul(cosine, y)) as tf.Tensor1D;
    const turned = warp(images, [cosine, tf.neg(sine), right, sine, cosine, down], 'bilinear', 'nearest');
    // Interpolation rounds a little past 255.
    return tf.clipByValue(turned, 0, 255);
  },
};
