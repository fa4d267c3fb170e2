/** Blends each image and its target with those of another image of the batch (Zhang et al. 2017, "mixup"). */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { column, type MixingAugmentation } from './augmentation.ts';
import { symmetricBeta } from './beta.ts';
import { batchChosen, blend, partners } from './mixing.ts';

export const mixup: MixingAugmentation<'mixup'> = {
  kind: 'mixup',
  name: 'Mixup',
  about: 'Teaches to be less sure between classes; helps long trainings with few images. Slows short ones.',
  /** The blend is each image's own. */
  mix(images, targets, { probability, alpha }, seed) {
    const batch = images.shape[0];
    const partner = partners(batch, foldSeed(seed, 1));
    const share = tf.mul(batchChosen(probability, seed), symmetricBeta(batch, alpha, foldSeed(seed, 2)));
    return {
      images: tf.clipByValue(blend(images, partner, column(share)), 0, 255),
      targets: (targets &&
        blend(targets as tf.Tensor2D, partner, tf.reshape(share, [batch, 1]))) as typeof targets,
    };
  },
};
