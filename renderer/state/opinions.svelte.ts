/** What runs said about single items: asked for in groups, kept until the run is evaluated again. */
import type { StudioEvent } from '#contract/events.ts';
import type { Studio } from './studio.svelte.ts';

export interface Opinion {
  probabilities: number[];
  /** Index of the greatest probability. */
  predicted: number;
  classIds: number[];
}

const kept = 5000;
const gatherMilliseconds = 20;

export class Opinions {
  #known = new Map<string, Opinion | null>();
  #version = $state(0);
  #wished = new Map<string, Set<number>>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #studio: Studio;

  constructor(studio: Studio) {
    this.#studio = studio;
  }

  /** undefined: not read yet; null: the run has none, as the item's split was not evaluated. */
  get(runId: string, itemId: number): Opinion | null | undefined {
    void this.#version;
    return this.#known.get(`${runId}/${itemId}`);
  }

  /** Asks for those that are not known, all wishes of a moment in one call. */
  want(runId: string, itemIds: Iterable<number>): void {
    const wished = this.#wished.get(runId) ?? new Set();
    for (const itemId of itemIds) if (!this.#known.has(`${runId}/${itemId}`)) wished.add(itemId);
    if (wished.size === 0) return;
    this.#wished.set(runId, wished);
    if (this.#timer === null) this.#timer = setTimeout(() => void this.#read(), gatherMilliseconds);
  }

  reset(): void {
    this.#known.clear();
    this.#version += 1;
  }

  receive(event: StudioEvent): void {
    if (event.event === 'evaluation.finished') this.reset();
  }

  async #read(): Promise<void> {
    this.#timer = null;
    const wishes = [...this.#wished];
    this.#wished.clear();
    for (const [runId, wished] of wishes) {
      const itemIds = [...wished].slice(0, 1000);
      const answers = await this.#studio
        .call((client) => client.evaluations.predictions({ runId, itemIds }))
        // An opinion is an addition: where it fails the image is shown without, and it is asked for again.
        .catch(() => null);
      if (answers === null) continue;
      itemIds.forEach((itemId, index) => this.#known.set(`${runId}/${itemId}`, answers[index] ?? null));
    }
    for (const key of this.#known.keys()) {
      if (this.#known.size <= kept) break;
      this.#known.delete(key);
    }
    this.#version += 1;
  }
}
