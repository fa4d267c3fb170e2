/**
 * The recipe by which a learning curve trains on a part of the images: as many steps as on all of them. With as many epochs a small part
 * would be trained too briefly, and the curve would show that instead of what images are worth. All that counts in epochs is stretched.
 */
import type { Recipe } from '#recipe/recipe.ts';

/** Most of each that a recipe may have. */
const most = { epochs: 10_000, patience: 1000 };

/** @param share of the training images, above 0 and at most 1 */
export function recipeOfShare(recipe: Recipe, share: number): Recipe {
  const { training } = recipe;
  const { schedule, earlyStopping } = training;
  const stretched = (value: number, limit = most.epochs) => Math.min(limit, Math.round(value / share));
  return {
    ...recipe,
    training: {
      ...training,
      epochs: stretched(training.epochs),
      earlyStopping: earlyStopping && { patience: stretched(earlyStopping.patience, most.patience) },
      schedule:
        schedule.kind === 'step'
          ? { ...schedule, epochs: stretched(schedule.epochs) }
          : schedule.kind === 'exponential'
            ? { ...schedule, factor: schedule.factor ** share }
            : schedule.kind === 'reduce-on-plateau'
              ? { ...schedule, patience: stretched(schedule.patience, most.patience) }
              : schedule,
    },
  };
}
