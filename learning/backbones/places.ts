/** Where backbones lie in the person's cache, and what their files are called. */
import { join } from 'node:path';
import { type BackboneName, isPublished } from '#recipe/backbone-name.ts';
import { cacheFolder } from '#learning/tensorflow/locate.ts';

/** Of a file of a backbone's weights. */
export const backboneFormat = 'atelier-backbone/1';

/** Weights under the plan's names. */
export const convertedFile = 'weights.safetensors';

/** Of those that a person added. */
export const ownFolder = (): string => join(cacheFolder(), 'backbones', 'own');

/** The folder of a backbone. */
export const backboneFolder = (name: BackboneName): string =>
  isPublished(name) ? join(cacheFolder(), 'backbones', name) : join(ownFolder(), name);
