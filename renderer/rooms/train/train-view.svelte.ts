/** What the Train room shows: a run, the recipe, runs side by side, a study or the plan of one. Kept while rooms are changed. */
import type { Comparison } from './compare/comparison.svelte.ts';

type Pane = 'run' | 'recipe' | 'compare' | 'plan' | 'study';

export class TrainView {
  pane: Pane = $state('run');
  list: 'runs' | 'studies' = $state('runs');
  /** What is shown of a run. */
  part: 'curves' | 'inside' = $state('curves');
  /** What the recipe was opened over. */
  #below: Pane = 'run';

  constructor(private readonly comparison: Pick<Comparison, 'close'>) {}

  show(pane: Pane): void {
    if (pane === 'recipe' && this.pane !== 'recipe') this.#below = this.pane;
    this.pane = pane;
    if (pane === 'study' || pane === 'plan') this.list = 'studies';
    if (pane === 'compare') this.list = 'runs';
    // One run is looked at: the list opens runs again instead of ticking them.
    if (pane === 'run') this.comparison.close();
  }

  /** Back to what the recipe was opened over. */
  closeRecipe(): void {
    this.show(this.#below);
  }

  reset(): void {
    this.pane = 'run';
    this.list = 'runs';
    this.part = 'curves';
    this.#below = 'run';
  }
}
