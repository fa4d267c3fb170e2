/** Several changes in a row, each image drawing its own, all of one magnitude (Cubuk et al. 2019, "RandAugment"). */
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, type ImageAugmentation } from './augmentation.ts';
import { applyDraws, drawChange, magnitudes, type Ranges } from './policy.ts';

/** Those of the paper: magnitude 10 of its 10 levels is 1. */
const ranges: Ranges = { shear: 0.3, shift: 0.45, degrees: 30, enhance: 0.9, bits: 4 };

export const randAugment: ImageAugmentation<'rand-augment'> = {
  kind: 'rand-augment',
  apply(images, { probability, operations, magnitude }, seed) {
    const [batch, , , channels] = images.shape;
    const on = chosen(batch, probability, foldSeed(seed, 0));
    const same = magnitudes(batch, magnitude, null);
    const draws = Array.from({ length: operations }, (_, turn) =>
      drawChange(channels, on, same, foldSeed(seed, 1 + turn)),
    );
    return applyDraws(images, draws, ranges);
  },
};
