/** What the next run begins with: fresh weights, or those of a run that a person chose to go on from. */
import type { Origin } from '#contract/entities.ts';
import type { StudioEvent } from '#contract/events.ts';

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
