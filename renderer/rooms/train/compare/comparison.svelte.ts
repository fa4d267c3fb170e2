/** The runs that stand side by side, in the order in which they were chosen; the first is what others are measured by. */
import type { StudioEvent } from '#contract/events.ts';

export class Comparison {
  /** True while runs are being chosen. */
  open = $state(false);
  ids: readonly string[] = $state.raw([]);
  readonly #limit: number;

  constructor(limit = 6) {
    this.#limit = limit;
  }

  get full(): boolean {
    return this.ids.length >= this.#limit;
  }
  has(id: string): boolean {
    return this.ids.includes(id);
  }

  /** Begins choosing, with this run where one is looked at; it takes the place of the last where there is no more room. */
  start(id: string | null): void {
    this.open = true;
    if (id && !this.has(id)) this.ids = [...this.ids.slice(0, this.#limit - 1), id];
  }
  toggle(id: string): void {
    if (this.has(id)) this.ids = this.ids.filter((other) => other !== id);
    else if (!this.full) this.ids = [...this.ids, id];
  }
  /** Makes this run the one that others are measured by. */
  lead(id: string): void {
    if (this.has(id)) this.ids = [id, ...this.ids.filter((other) => other !== id)];
  }
  close(): void {
    this.open = false;
  }
  reset(): void {
    this.open = false;
    this.ids = [];
  }

  receive(event: StudioEvent): void {
    if (event.event === 'run.deleted') this.ids = this.ids.filter((id) => id !== event.runId);
  }
}
