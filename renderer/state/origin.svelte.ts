/** What the next run begins with: fresh weights, or those of a run that a person chose to go on from. */
import type { StudioEvent } from '#contract/events.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { Origin } from '#contract/run.ts';

export class NextOrigin {
  /** null: fresh weights. */
  origin: Origin | null = $state.raw(null);

  choose(runId: string, how: Origin['how']): void {
    this.origin = { runId, how };
  }

  /** Fresh weights again: taken back, started, or another project. */
  clear(): void {
    this.origin = null;
  }

  receive(event: StudioEvent): void {
    if (event.event === 'run.deleted' && event.runId === this.origin?.runId) this.clear();
  }
}

/** The recipe as fresh weights are trained with it: layers that have learned nothing are not frozen. */
export function unfrozen(recipe: Recipe): Recipe {
  if (recipe.training.frozenLayers === 0 || recipe.model.backbone !== null) return recipe;
  return { ...recipe, training: { ...recipe.training, frozenLayers: 0 } };
}
