/** What a recipe, and a person who chooses, must know of a backbone: published or a person's own. Its weights are backbones.ts. */
import { type BackboneName, isPublished } from '#recipe/backbone-name.ts';
import {
  type BackboneDefinition,
  backboneFit,
  publishedBackbone,
  publishedTitles,
} from '#recipe/published-backbones.ts';
import { findOwn } from './own.ts';

/** What a person reads of it. Of their own: the name that they gave it. */
export const backboneTitle = (name: BackboneName): string =>
  isPublished(name) ? publishedTitles[name] : name.slice(0, name.indexOf('@'));

/** Of one that is not published: null where it is not on this machine. */
export function defineBackbone(name: BackboneName): BackboneDefinition | null {
  if (isPublished(name)) return publishedBackbone(name);
  const found = findOwn(name);
  if (!found) return null;
  const { layers, preprocessing, parameters } = found;
  return {
    name,
    title: backboneTitle(name),
    layers,
    preprocessing: { ...preprocessing, fit: backboneFit },
    parameters,
  };
}
