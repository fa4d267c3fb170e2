/**
 * The recipe: one JSON document, the whole truth of a training. The form in the window edits it, the command line reads it,
 * the run keeps it, the bundle carries it. Its parts and what is said of each field stand in a file each; what a field does
 * to tensors is left to learning/.
 */
import * as z from 'zod';
import { Name } from '#contract/names.ts';
import { Augmentation } from './augmentation.ts';
import { field } from './field.ts';
import { migrateRecipe, recipeFormat } from './migrate.ts';
import { Model } from './model.ts';
import { Preprocessing } from './preprocessing.ts';
import { Training } from './training.ts';

/** The recipe as it is written today. */
export const CurrentRecipe = z.strictObject({
  format: z.literal(recipeFormat),
  name: field(Name, {
    label: 'Name of the recipe',
    help: 'New runs are named after it.',
    also: 'title',
    search: false,
  }),
  preprocessing: Preprocessing,
  augmentation: field(z.array(Augmentation).max(32), {
    section: 'augmentation',
    label: 'Augmentation',
    help: 'Random changes of the training images, from top to bottom.',
    also: 'data augmentation, transforms, regularisation',
    search: false,
  }),
  model: Model,
  training: Training,
});
export type Recipe = z.infer<typeof CurrentRecipe>;

/** A recipe of this or an earlier format, as a recipe of this one. */
export const Recipe: z.ZodType<Recipe, z.input<typeof CurrentRecipe>> = z.preprocess(
  migrateRecipe,
  CurrentRecipe,
) as never;

/**
 * `auto` is made for the project, `fine-tune` trains a backbone's last layers too, where there is one; the others are small
 * networks from scratch at the size of the project's images.
 */
export const presetNames = ['auto', 'fine-tune', 'seed', 'quick', 'best'] as const;
export type PresetName = (typeof presetNames)[number];
