/** Evaluations by run, split and test-time augmentation: read once, replaced when a new one is finished. */
import type { AtelierError } from '#contract/errors.ts';
import type { Evaluation, Tta } from '#contract/evaluation.ts';
import type { StudioEvent } from '#contract/events.ts';
import type { Split } from '#contract/project.ts';
import { fromRpcError } from '#contract/rpc.ts';
import { topConfusions } from '#recipe/metrics/top-confusions.ts';
import type { Studio } from './studio.svelte.ts';

const keyOf = (runId: string, split: Split, tta: Tta = 'none') => `${runId}/${split}/${tta}`;

export class Evaluations {
  /** undefined: not read yet; null: there is none. */
  #known: Record<string, Evaluation | null> = $state.raw({});
  /** Why it could not be read, where the last try failed. */
  #faults: Record<string, AtelierError | undefined> = $state.raw({});
  /** What is being read; an answer counts only while it stands here, as news of the evaluation is newer than it. */
  #reading = new Map<string, symbol>();

  constructor(private readonly studio: Studio) {}

  get(runId: string, split: Split, tta?: Tta): Evaluation | null | undefined {
    return this.#known[keyOf(runId, split, tta)];
  }

  fault(runId: string, split: Split, tta?: Tta): AtelierError | undefined {
    return this.#faults[keyOf(runId, split, tta)];
  }

  /** Reads it where it is not known yet. */
  async want(runId: string, split: Split, tta: Tta = 'none'): Promise<void> {
    const key = keyOf(runId, split, tta);
    if (this.#known[key] !== undefined || this.#reading.has(key)) return;
    const reading = Symbol(key);
    this.#reading.set(key, reading);
    const current = () => this.#reading.get(key) === reading;
    let fault: AtelierError | undefined;
    try {
      const evaluation = await this.studio.call((client) => client.evaluations.get({ runId, split, tta }));
      if (current()) this.#known = { ...this.#known, [key]: evaluation };
    } catch (error) {
      fault = fromRpcError(error);
    }
    if (!current()) return;
    this.#reading.delete(key);
    this.#faults = { ...this.#faults, [key]: fault };
  }

  async start(runId: string, split: Split, tta: Tta = 'none'): Promise<void> {
    await this.studio.attempt((client) => client.evaluations.start({ runId, split, tta }));
  }

  /** A run that goes on has other weights than those that were judged. */
  #forget(runId: string): void {
    const ofRun = (key: string) => key.startsWith(`${runId}/`);
    const read = [...this.#reading.keys()].filter(ofRun);
    for (const key of read) this.#reading.delete(key);
    if (read.length === 0 && !Object.keys(this.#known).some(ofRun)) return;
    this.#known = Object.fromEntries(Object.entries(this.#known).filter(([key]) => !ofRun(key)));
  }

  reset(): void {
    this.#reading.clear();
    this.#known = {};
    this.#faults = {};
  }

  receive(event: StudioEvent): void {
    if (event.event === 'run.changed' && event.run.state === 'running') this.#forget(event.run.id);
    if (event.event !== 'evaluation.finished') return;
    const { runId, split, tta } = event.evaluation;
    const key = keyOf(runId, split, tta);
    this.#reading.delete(key);
    this.#known = { ...this.#known, [key]: event.evaluation };
  }
}

interface Confusion {
  actual: { id: number; name: string };
  predicted: { id: number; name: string };
  count: number;
}

/** The pairs of classes that were taken for one another, most frequent first. */
export function confusions({ classes, confusion }: Evaluation, limit = 20): Confusion[] {
  const named = (place: number) => ({ id: classes[place]!.classId, name: classes[place]!.name });
  return topConfusions(confusion, limit).map(({ actual, predicted, images }) => ({
    actual: named(actual),
    predicted: named(predicted),
    count: images,
  }));
}
