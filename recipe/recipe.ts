/**
 * The recipe: one JSON document, the whole truth of a training. The form in the window edits it,
 * the command line reads it, the run keeps it, the bundle carries it.
 * What a field does to tensors is left to learning/.
 */
import * as z from 'zod';
import { Augmentation } from './augmentation.ts';
import { Model } from './layer.ts';
import { Training } from './training.ts';
import { Name } from '#contract/names.ts';

/** Shape and range of what the network sees. Part of the exported graph. */
export const Preprocessing = z.strictObject({
  /** Side lengths of the network's input in pixels. */
  height: z.int().min(8).max(512),
  width: z.int().min(8).max(512),
  /** 1 is luminance (ITU-R BT.601), 3 is RGB. */
  channels: z.union([z.literal(1), z.literal(3)]),
  /** How an image of another shape is brought to size. */
  fit: z.enum(['letterbox', 'crop', 'stretch']),
  normalisation: z.discriminatedUnion('kind', [
    /** (pixel / 255 - mean) / deviation with these numbers, one per channel or one for all; another count is refused when a network is made of it. */
    z.strictObject({
      kind: z.literal('given'),
      mean: z.array(z.number()).min(1).max(3),
      deviation: z.array(z.number().positive()).min(1).max(3),
    }),
    /** The same with mean and deviation of the training split, measured when the run starts. */
    z.strictObject({ kind: z.literal('measured') }),
  ]),
});
export type Preprocessing = z.infer<typeof Preprocessing>;

export const Recipe = z.strictObject({
  format: z.literal('atelier-recipe/1'),
  name: Name,
  preprocessing: Preprocessing,
  augmentation: z.array(Augmentation).max(32),
  model: Model,
  training: Training,
});
export type Recipe = z.infer<typeof Recipe>;

/**
 * `auto` is made for the project, `fine-tune` trains a backbone's last layers too, where there is one; the others are small
 * networks from scratch at the size of the project's images.
 */
export const presetNames = ['auto', 'fine-tune', 'seed', 'quick', 'best'] as const;
export type PresetName = (typeof presetNames)[number];
