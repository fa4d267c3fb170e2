/** What the Train room shows: a run, the recipe, runs side by side, a study or the plan of one. Kept while rooms are changed. */
export type Pane = 'run' | 'recipe' | 'compare' | 'plan' | 'study';

export class TrainDesk {
  pane: Pane = $state('run');
  list: 'runs' | 'studies' = $state('runs');
  /** What is shown of a run. */
  part: 'curves' | 'inside' = $state('curves');

  show(pane: Pane): void {
    this.pane = pane;
    if (pane === 'study' || pane === 'plan') this.list = 'studies';
    if (pane === 'compare') this.list = 'runs';
  }

  reset(): void {
    this.pane = 'run';
    this.list = 'runs';
    this.part = 'curves';
  }
}
