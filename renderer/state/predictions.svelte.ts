/** The predictions of runs for single items: read in groups, kept until the run is evaluated again. */
import type { AtelierError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import { fromRpcError } from '#contract/rpc.ts';
import { lossOf as lossOfProbability } from '#recipe/metrics/cross-entropy.ts';
import type { Studio } from './studio.svelte.ts';

export interface ItemPrediction {
  probabilities: number[];
  /** Index of the greatest probability. */
  predicted: number;
  classIds: number[];
}

/** Probability of a class; null where the run does not know it. */
export function probabilityOf(
  { probabilities, classIds }: ItemPrediction,
  classId: number | null,
): number | null {
  const place = classId === null ? -1 : classIds.indexOf(classId);
  return probabilities[place] ?? null;
}

/** Cross-entropy, −ln of the probability of the label, in nats; null where the run does not know it. */
export function lossOf(prediction: ItemPrediction, classId: number | null): number | null {
  const probability = probabilityOf(prediction, classId);
  return probability === null ? null : lossOfProbability(probability);
}

const kept = 5000;
const gatherMilliseconds = 20;

export class Predictions {
  #known = new Map<string, ItemPrediction | null>();
  #version = $state(0);
  /** Why the last question to a run failed. */
  #faults: Record<string, AtelierError | undefined> = $state.raw({});
  #requested = new Map<string, Set<number>>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Raised where all predictions are void: a response to a request of before no longer counts. */
  #era = $state(0);

  constructor(private readonly studio: Studio) {}

  /** undefined: not read yet; null: the run has none, as the item's split was not evaluated. */
  get(runId: string, itemId: number): ItemPrediction | null | undefined {
    void this.#version;
    return this.#known.get(`${runId}/${itemId}`);
  }

  /** Why this run's predictions could not be read, where the last try failed. */
  fault(runId: string): AtelierError | undefined {
    return this.#faults[runId];
  }

  /** Asks for those that are not known, all requests of a moment in one call. */
  want(runId: string, itemIds: Iterable<number>): void {
    // An effect that asks asks again in a new era.
    void this.#era;
    const requested = this.#requested.get(runId) ?? new Set();
    for (const itemId of itemIds) if (!this.#known.has(`${runId}/${itemId}`)) requested.add(itemId);
    if (requested.size === 0) return;
    this.#requested.set(runId, requested);
    if (this.#timer === null) this.#timer = setTimeout(() => void this.#read(), gatherMilliseconds);
  }

  reset(): void {
    this.#known.clear();
    this.#requested.clear();
    this.#faults = {};
    this.#era += 1;
    this.#version += 1;
  }

  receive(event: StudioEvent): void {
    if (event.event === 'evaluation.finished' && event.evaluation.tta === 'none') this.reset();
  }

  async #read(): Promise<void> {
    this.#timer = null;
    const era = this.#era;
    const requests = [...this.#requested];
    this.#requested.clear();
    for (const [runId, requested] of requests) {
      const itemIds = [...requested].slice(0, 1000);
      let read;
      try {
        read = await this.studio.call((client) => client.evaluations.predictions({ runId, itemIds }));
      } catch (error) {
        if (era !== this.#era) return;
        // A prediction is an addition: where it fails the image is shown without, and it is read again.
        this.#faults = { ...this.#faults, [runId]: fromRpcError(error) };
        continue;
      }
      if (era !== this.#era) return;
      this.#faults = { ...this.#faults, [runId]: undefined };
      itemIds.forEach((itemId, index) => this.#known.set(`${runId}/${itemId}`, read[index] ?? null));
    }
    for (const key of this.#known.keys()) {
      if (this.#known.size <= kept) break;
      this.#known.delete(key);
    }
    this.#version += 1;
  }
}
