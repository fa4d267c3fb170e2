/** Whether what frozen layers give is kept for a training, and how much that is. Pure arithmetic on recipe and plan. */
import type { AugmentationKind } from './augmentation.ts';
import type { Recipe } from './recipe.ts';
import { changesOfViews } from './views.ts';
import { keptOperations } from './frozen.ts';
import type { Plan } from './operation.ts';
import { product } from './shape.ts';

/** Bytes of features that are held in memory; more are computed anew in every step. */
const mostBytes = 3 * 2 ** 30;

/** Views of each training image that a linear probe learns from at most: each says much the same. */
export const probedViews = 2;

/** Those that make one image of several of a batch, so that frozen layers have to see each batch. */
export const joiningKinds: readonly AugmentationKind[] = ['cutmix'];

export interface PlannedFeatures {
  /** Operations whose last gives the features; 0 where no layers are frozen. */
  count: number;
  /** Of each training image. */
  views: number;
  bytes: number;
  /** Why the frozen layers are computed in every step; null where their output is kept. */
  reason: string | null;
}

/** What features are kept for a recipe, or why the frozen layers are computed in every step. */
export function planFeatures(
  { plan }: { plan: Plan },
  recipe: Recipe,
  { train, validation }: { train: ArrayLike<number>; validation: ArrayLike<number> },
): PlannedFeatures {
  const count = keptOperations(plan, recipe);
  const views = changesOfViews(recipe).length === 0 ? 1 : recipe.training.cachedViews;
  const size = count === 0 ? 0 : product(plan.operations[count - 1]!.outputShape);
  const bytes = (views * train.length + validation.length) * size * 4;
  const joining = recipe.augmentation.find(({ kind }) => joiningKinds.includes(kind));
  const reason =
    count === 0
      ? null
      : joining
        ? `${joining.kind} mixes images of a batch, which are others at each step`
        : bytes > mostBytes
          ? `${(bytes / 2 ** 30).toFixed(1)} GiB of features would not fit into memory: freeze more layers, or keep fewer views`
          : null;
  return { count, views, bytes, reason };
}
