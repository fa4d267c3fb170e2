/** What a recipe, and a person who chooses, must know of a backbone: published or a person's own. Its weights are backbones.ts. */
import { type BackboneName, isPublished } from '#contract/backbone-name.ts';
import type { Layer, Preprocessing } from '#contract/recipe.ts';
import { backboneLayers } from './efficientnet-lite.ts';
import { findOwn } from './own.ts';
import { backboneFit, publishedPreprocessing, publishedTitles } from './published.ts';

export interface BackboneDefinition {
  name: BackboneName;
  title: string;
  /** Up to the features. */
  layers: Layer[];
  preprocessing: Preprocessing;
  /** That a recipe with it needs at least; networks that set-up fetches have fewer than the usual budget for them. */
  parameters: number;
}

/** What a person reads of it. Of their own: the name that they gave it. */
export const backboneTitle = (name: BackboneName): string =>
  isPublished(name) ? publishedTitles[name] : name.slice(0, name.indexOf('@'));

/** Of one that is not published: null where it is not on this machine. */
export function defineBackbone(name: BackboneName): BackboneDefinition | null {
  const title = backboneTitle(name);
  if (isPublished(name))
    return {
      name,
      title,
      layers: backboneLayers(name),
      preprocessing: publishedPreprocessing(name),
      parameters: 0,
    };
  const found = findOwn(name);
  if (!found) return null;
  const { layers, preprocessing, parameters } = found;
  return { name, title, layers, preprocessing: { ...preprocessing, fit: backboneFit }, parameters };
}
