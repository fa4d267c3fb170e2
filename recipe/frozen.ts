/**
 * What of a network does not learn: which operations are frozen, and how many from the first give the same for an image in
 * every epoch, so that their output can be computed once and kept. Pure arithmetic on the plan.
 */
import type { Recipe } from './recipe.ts';
import type { Operation, Plan } from './operation.ts';

/** The classifier's layer index is the layer count: it is never frozen, however many layers are asked for. */
export const isFrozen = (
  { layer }: Pick<Operation, 'layer'>,
  { model, training }: Pick<Recipe, 'model' | 'training'>,
): boolean => layer < Math.min(training.frozenLayers, model.layers.length);

/** The recipe as random weights are trained with it: layers that have learned nothing are not frozen. */
export function unfrozen(recipe: Recipe): Recipe {
  if (recipe.training.frozenLayers === 0 || recipe.model.backbone !== null) return recipe;
  return { ...recipe, training: { ...recipe.training, frozenLayers: 0 } };
}

const drops = (operation: Operation): boolean =>
  (operation.kind === 'dropout' || operation.kind === 'spatial-dropout') && operation.rate > 0;

/**
 * Operations from the first whose output is the same in every epoch: frozen layers, up to the first that drops. 0 where
 * there are none.
 */
export function keptOperations({ operations }: Plan, recipe: Pick<Recipe, 'model' | 'training'>): number {
  const open = operations.findIndex((operation) => !isFrozen(operation, recipe) || drops(operation));
  // Layers are frozen as a whole, so that nothing behind looks past the last of them; a dropout is a layer of its own.
  return open < 0 ? operations.length : open;
}

/** Keeps features of images between runs, such as on the disk of a project. */
export interface FeatureStore {
  /**
   * The features of these rows; those that are not there are computed, and kept.
   * @param key of all that they depend on beside the pixels
   * @param size numbers of an image
   * @param compute [n, size] of these rows; told how many of all are there already
   * @returns [rows, size]
   */
  read(
    key: string,
    rows: Int32Array,
    size: number,
    compute: (rows: Int32Array, done: number) => Promise<Float32Array>,
  ): Promise<Float32Array>;
}
