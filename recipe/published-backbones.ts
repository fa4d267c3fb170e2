/**
 * What is known of each published backbone without its weights: its title, its layers, and how it was trained to see images.
 * A person's own are learning/backbones/definition.ts.
 */
import type { BackboneName, PublishedBackbone } from './backbone-name.ts';
import { backboneLayers } from './efficientnet-lite.ts';
import type { Layer } from './layer.ts';
import type { Preprocessing } from './preprocessing.ts';

export interface BackboneDefinition {
  name: BackboneName;
  title: string;
  /** Up to the features. */
  layers: Layer[];
  preprocessing: Preprocessing;
  /** That a recipe with it needs at least; networks that set-up fetches have fewer than the usual budget for them. */
  parameters: number;
}

/** What a person reads of a backbone before choosing it. */
export const publishedTitles: Record<PublishedBackbone, string> = {
  'efficientnet-lite0': 'EfficientNet-Lite0',
  'efficientnet-lite2': 'EfficientNet-Lite2',
};

const sides: Record<PublishedBackbone, number> = { 'efficientnet-lite0': 224, 'efficientnet-lite2': 260 };

/**
 * How images come to a backbone's square: stretched, so that nothing of a photograph is cut off. On 600 of 4:3 it was 2.7 points
 * better than the middle square and 1.2 better than borders (docs/results.md).
 */
export const backboneFit = 'stretch';

/** How it was trained to see images: (pixel − 127) / 128. */
export const publishedPreprocessing = (name: PublishedBackbone): Preprocessing => ({
  height: sides[name],
  width: sides[name],
  channels: 3,
  fit: backboneFit,
  normalisation: { kind: 'custom', mean: [127 / 255], std: [128 / 255] },
});

/** Ready to be put in front of a head. */
export const publishedBackbone = (name: PublishedBackbone): BackboneDefinition => ({
  name,
  title: publishedTitles[name],
  layers: backboneLayers(name),
  preprocessing: publishedPreprocessing(name),
  parameters: 0,
});
