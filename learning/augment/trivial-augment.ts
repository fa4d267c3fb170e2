/** One change of random magnitude, each image drawing its own (Müller and Hutter 2021, "TrivialAugment"). */
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, type ImageAugmentation } from './augmentation.ts';
import { applyDraws, drawChange, magnitudes, type Ranges } from './policy.ts';

/** The paper's wide ones, but for the shift, which there may leave nothing of a small image. */
const ranges: Ranges = { shear: 0.99, shift: 0.45, degrees: 135, enhance: 0.99, bits: 6 };

export const trivialAugment: ImageAugmentation<'trivial-augment'> = {
  kind: 'trivial-augment',
  apply(images, { probability, magnitude }, seed) {
    const [batch, , , channels] = images.shape;
    const on = chosen(batch, probability, foldSeed(seed, 0));
    const drawn = magnitudes(batch, magnitude, foldSeed(seed, 1));
    return applyDraws(images, [drawChange(channels, on, drawn, foldSeed(seed, 2))], ranges);
  },
};
