/** What a training in a worker begins with, and where the features of its frozen layers are kept. */
import type { Recipe } from '#recipe/recipe.ts';
import { openBackbone } from '#learning/backbones/backbones.ts';
import type { FeatureStore } from '#recipe/frozen.ts';
import { openFeatureStore } from '../images/features/feature-store.ts';

/**
 * The file of weights to begin with: that of the run's folder, else the backbone's of its recipe.
 * @throws BACKBONE_NOT_FOUND, CHECKPOINT_DAMAGED
 */
export async function beginningOf(
  initial: string | null,
  { model }: Pick<Recipe, 'model'>,
): Promise<{ initial: string } | Record<string, never>> {
  if (initial !== null) return { initial };
  return model.backbone === null ? {} : { initial: await openBackbone(model.backbone) };
}

/** @param input of a task that trains on the snapshot of its folder */
export const featureStoreOf = (
  { project, recipe, lastItemId }: { project: string; recipe: Recipe; lastItemId: number },
  signal: AbortSignal,
): FeatureStore => openFeatureStore(project, recipe.preprocessing, lastItemId, signal);
