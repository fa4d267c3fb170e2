/** What the next run begins with: random weights, or those of a run that a person chose to go on from. */
import type { StudioEvent } from '#contract/events.ts';
import type { Origin } from '#contract/run.ts';

export class NextOrigin {
  /** null: random weights. */
  origin: Origin | null = $state.raw(null);

  choose(runId: string, how: Origin['how']): void {
    this.origin = { runId, how };
  }

  /** Random weights again: taken back, started, or another project. */
  reset(): void {
    this.origin = null;
  }

  receive(event: StudioEvent): void {
    if (event.event === 'run.deleted' && event.runId === this.origin?.runId) this.reset();
  }
}
