/** What is known of each backbone without its weights: its title, and how it was trained to see images. */
import type { BackboneName, Preprocessing } from '#contract/recipe.ts';

/** What a person reads of a backbone before choosing it. */
export const backboneTitles: Record<BackboneName, string> = {
  'efficientnet-lite0': 'EfficientNet-Lite0',
  'efficientnet-lite2': 'EfficientNet-Lite2',
};

const sides: Record<BackboneName, number> = { 'efficientnet-lite0': 224, 'efficientnet-lite2': 260 };

/**
 * How it was trained to see images: (pixel − 127) / 128. Stretched, so that nothing of a photograph is cut off: on 600 of 4:3 it was
 * 2.7 points better than the middle square and 1.2 better than borders (docs/results.md).
 */
export const backbonePreprocessing = (name: BackboneName): Preprocessing => ({
  height: sides[name],
  width: sides[name],
  channels: 3,
  fit: 'stretch',
  normalisation: { kind: 'given', mean: [127 / 255], deviation: [128 / 255] },
});
