/** Evaluations by run and split: read once, replaced when a new one is finished. */
import { type Evaluation, type Split, splitNames } from '#contract/entities.ts';
import type { AtelierError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import { fromRpcError } from '#contract/rpc.ts';
import type { Studio } from './studio.svelte.ts';

const keyOf = (runId: string, split: Split) => `${runId}/${split}`;

export class Evaluations {
  /** undefined: not read yet; null: there is none. */
  #known: Record<string, Evaluation | null> = $state.raw({});
  /** Why it could not be read, where the last try failed. */
  #faults: Record<string, AtelierError | undefined> = $state.raw({});
  #reading = new Set<string>();
  readonly #studio: Studio;

  constructor(studio: Studio) {
    this.#studio = studio;
  }

  get(runId: string, split: Split): Evaluation | null | undefined {
    return this.#known[keyOf(runId, split)];
  }

  fault(runId: string, split: Split): AtelierError | undefined {
    return this.#faults[keyOf(runId, split)];
  }

  /** Reads it where it is not known yet. */
  async want(runId: string, split: Split): Promise<void> {
    const key = keyOf(runId, split);
    if (this.#known[key] !== undefined || this.#reading.has(key)) return;
    this.#reading.add(key);
    let fault: AtelierError | undefined;
    try {
      const evaluation = await this.#studio.call((client) => client.evaluations.get({ runId, split }));
      this.#known = { ...this.#known, [key]: evaluation };
    } catch (error) {
      fault = fromRpcError(error);
    }
    this.#reading.delete(key);
    this.#faults = { ...this.#faults, [key]: fault };
  }

  async start(runId: string, split: Split): Promise<void> {
    await this.#studio.attempt((client) => client.evaluations.start({ runId, split }));
  }

  /** A run that goes on has other weights than those that were judged. */
  #forget(runId: string): void {
    if (splitNames.every((split) => this.#known[keyOf(runId, split)] === undefined)) return;
    this.#known = Object.fromEntries(
      Object.entries(this.#known).filter(([key]) => !key.startsWith(`${runId}/`)),
    );
  }

  reset(): void {
    this.#known = {};
    this.#faults = {};
  }

  receive(event: StudioEvent): void {
    if (event.event === 'run.changed' && event.run.state === 'running') this.#forget(event.run.id);
    if (event.event !== 'evaluation.finished') return;
    const { runId, split } = event.evaluation;
    this.#known = { ...this.#known, [keyOf(runId, split)]: event.evaluation };
  }
}

export interface Confusion {
  actual: { id: number; name: string };
  predicted: { id: number; name: string };
  count: number;
}

/** The pairs of classes that were taken for one another, most frequent first. */
export function confusions(evaluation: Evaluation, limit = 20): Confusion[] {
  const { classes, confusion } = evaluation;
  const named = (index: number) => ({ id: classes[index]!.classId, name: classes[index]!.name });
  return confusion
    .flatMap((row, actual) =>
      row.map((count, predicted) => ({ actual: named(actual), predicted: named(predicted), count })),
    )
    .filter(({ actual, predicted, count }) => actual.id !== predicted.id && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, limit);
}
