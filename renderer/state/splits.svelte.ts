/** What is known of the parts: groups, leaks, and how often the test part was looked at. Read again whenever the project changed. */
import type { StudioEvent } from '#contract/events.ts';
import type { SplitState } from '#contract/splits.ts';
import type { Studio } from './studio.svelte.ts';

export class Splits {
  state: SplitState | null = $state.raw(null);
  #reading = false;
  /** It changed while it was being read. */
  #again = false;

  constructor(private readonly studio: Studio) {}

  async read(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      do {
        this.#again = false;
        const project = this.studio.project?.id;
        const state = project ? await this.studio.call((client) => client.splits.get()) : null;
        if (this.studio.project?.id === project) this.state = state;
      } while (this.#again);
    } finally {
      this.#reading = false;
    }
  }

  reset(): void {
    this.state = null;
  }

  receive(event: StudioEvent): void {
    if (event.event === 'splits.changed') this.state = event.splits;
    // Only where something is known that may be another now.
    if (event.event === 'project.changed' && event.project && this.state)
      void this.read().catch(() => undefined);
  }
}
