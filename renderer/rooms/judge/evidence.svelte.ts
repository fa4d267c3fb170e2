/** How sure the figures of evaluations are: read once, asked to be computed where somebody looks, forgotten when the part is evaluated again. */
import type { StudioEvent } from '#contract/events.ts';
import type { Evaluation } from '#contract/evaluation.ts';
import type { Evidence } from '#contract/evidence.ts';
import type { Job } from '#contract/job.ts';
import type { Studio } from '../../state/studio.svelte.ts';

type Of = Pick<Evaluation, 'runId' | 'split' | 'evaluatedAt'>;
const keyOf = ({ runId, split, evaluatedAt }: Of) => `${runId}/${split}/${evaluatedAt}`;

export class EvidenceStore {
  /** null: it was not computed yet. */
  #known: Record<string, Evidence | null> = $state.raw({});
  /** Asked for once: where computing fails or is cancelled, only a person asks again. */
  readonly #asked = new Set<string>();

  constructor(private readonly studio: Pick<Studio, 'call' | 'attempt' | 'working' | 'project'>) {}

  /** undefined: not read yet. */
  get(evaluation: Of): Evidence | null | undefined {
    return this.#known[keyOf(evaluation)];
  }

  job(runId: string): Job | undefined {
    return this.studio.working.find((job) => job.kind === 'evidence' && job.runId === runId);
  }

  /** Reads it, and has it computed where it never was. */
  async want(evaluation: Of): Promise<void> {
    const key = keyOf(evaluation);
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    await this.#read(evaluation);
    if (this.#known[key] === null && !this.studio.project?.readOnly) await this.start(evaluation);
  }

  async start({ runId, split }: Of): Promise<void> {
    await this.studio.attempt((client) => client.evaluations.startEvidence({ runId, split }));
  }

  async #read({ runId, split, evaluatedAt }: Of): Promise<void> {
    const evidence = await this.studio
      .call((client) => client.evaluations.evidence({ runId, split }))
      .catch(() => undefined);
    if (evidence === undefined) return;
    // Another evaluation may have been made meanwhile.
    const key = keyOf(evidence ?? { runId, split, evaluatedAt });
    this.#known = { ...this.#known, [key]: evidence };
  }

  receive(event: StudioEvent): void {
    if (event.event === 'evidence.finished')
      void this.#read({ runId: event.runId, split: event.split, evaluatedAt: '' });
  }

  reset(): void {
    this.#asked.clear();
    this.#known = {};
  }
}
