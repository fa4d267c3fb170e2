/**
 * What is computed of evaluations and kept beside them: read once, forgotten when the part is evaluated again. Whether it is computed by itself where
 * somebody looks, or when a person says so, is the caller's.
 */
import type { AtelierError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import type { Evaluation } from '#contract/evaluation.ts';
import type { Job } from '#contract/job.ts';
import type { Split } from '#contract/project.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Studio } from '../../state/studio.svelte.ts';

type Of = Pick<Evaluation, 'runId' | 'split' | 'evaluatedAt'>;
type Asked = Pick<Evaluation, 'runId' | 'split'>;
const keyOf = ({ runId, split, evaluatedAt }: Of) => `${runId}/${split}/${evaluatedAt}`;

interface Kind<T> {
  job: Job['kind'];
  finished: 'evidence.finished' | 'slices.finished' | 'robustness.finished';
  read(client: StudioClient, asked: Asked): Promise<T | null>;
  start(client: StudioClient, asked: Asked): Promise<Job>;
}

export class Beside<T extends Of> {
  /** null: it was not computed yet. */
  #known: Record<string, T | null> = $state.raw({});
  /** Why it could not be read, until it is read again. */
  #faults: Record<string, AtelierError> = $state.raw({});
  /** Asked for once: where computing fails or is cancelled, only a person asks again. */
  readonly #asked = new Set<string>();

  constructor(
    private readonly studio: Pick<Studio, 'call' | 'attempt' | 'working' | 'project'>,
    private readonly kind: Kind<T>,
  ) {}

  /** undefined: not read yet. */
  get(evaluation: Of): T | null | undefined {
    return this.#known[keyOf(evaluation)];
  }

  fault(evaluation: Of): AtelierError | undefined {
    return this.#faults[keyOf(evaluation)];
  }

  job(runId: string): Job | undefined {
    return this.studio.working.find((job) => job.kind === this.kind.job && job.runId === runId);
  }

  /** Reads it once. @returns whether it was read just now and was never computed */
  async look(evaluation: Of): Promise<boolean> {
    const key = keyOf(evaluation);
    if (this.#asked.has(key)) return false;
    this.#asked.add(key);
    await this.#read(evaluation);
    return this.#known[key] === null;
  }

  /** Reads it once more where it could not be read. */
  async lookAgain(evaluation: Of): Promise<void> {
    this.#asked.delete(keyOf(evaluation));
    await this.want(evaluation);
  }

  /** Reads it, and has it computed where it never was. */
  async want(evaluation: Of): Promise<void> {
    if ((await this.look(evaluation)) && !this.studio.project?.readOnly) await this.start(evaluation);
  }

  async start({ runId, split }: Asked): Promise<void> {
    await this.studio.attempt((client) => this.kind.start(client, { runId, split }));
  }

  async #read({ runId, split, evaluatedAt }: Of): Promise<void> {
    try {
      const found = await this.studio.call((client) => this.kind.read(client, { runId, split }));
      // Another evaluation may have been made meanwhile.
      const key = keyOf(found ?? { runId, split, evaluatedAt });
      this.#known = { ...this.#known, [key]: found };
      this.#faults = {};
    } catch (fault) {
      this.#faults = { ...this.#faults, [keyOf({ runId, split, evaluatedAt })]: fault as AtelierError };
    }
  }

  receive(event: StudioEvent): void {
    if (event.event !== this.kind.finished) return;
    const { runId, split } = event as { runId: string; split: Split };
    void this.#read({ runId, split, evaluatedAt: '' });
  }

  reset(): void {
    this.#asked.clear();
    this.#known = {};
    this.#faults = {};
  }
}
