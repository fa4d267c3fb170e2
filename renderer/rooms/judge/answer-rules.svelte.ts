/** Answer rules of runs: read once, chosen by a threshold of the calibration curve, forgotten when the run goes on. */
import { type AnswerRule, type AnswerRuleChoice, defaultChoice } from '#contract/answer-rule.ts';
import type { StudioEvent } from '#contract/events.ts';
import type { Evidence } from '#contract/evidence.ts';
import type { Job } from '#contract/job.ts';
import { say } from '../../state/notices.ts';
import type { Studio } from '../../state/studio.svelte.ts';

export class AnswerRuleStore {
  /** null: the run answers always. */
  #known: Record<string, AnswerRule | null> = $state.raw({});
  /** What is answered at the point of the curve that was chosen last, and of which evaluation; nine tenths at first. */
  #picked: { of: string; coverage: number } | null = $state.raw(null);

  constructor(private readonly studio: Pick<Studio, 'call' | 'attempt' | 'working' | 'finished'>) {}

  /** undefined: not read yet. */
  get(runId: string): AnswerRule | null | undefined {
    return this.#known[runId];
  }

  job(runId: string): Job | undefined {
    return this.studio.working.find((job) => job.kind === 'calibrate' && job.runId === runId);
  }

  pick({ runId, split, evaluatedAt }: Evidence, coverage: number): void {
    this.#picked = { of: `${runId}/${split}/${evaluatedAt}`, coverage };
  }

  /** The point of the curve that was chosen; null where none was. */
  pointOf({ runId, split, evaluatedAt, coverage }: Evidence): Evidence['coverage']['points'][number] | null {
    const picked = this.#picked;
    if (picked?.of !== `${runId}/${split}/${evaluatedAt}`) return null;
    return coverage.points.find((point) => point.coverage >= picked.coverage - 1e-9) ?? null;
  }

  async want(runId: string): Promise<void> {
    if (this.#known[runId] !== undefined) return;
    const rule = await this.studio.call((client) => client.answerRules.get({ runId })).catch(() => undefined);
    if (rule !== undefined) this.#keep(runId, rule);
  }

  async choose(runId: string, threshold: number): Promise<void> {
    const before = this.#known[runId];
    const choice: AnswerRuleChoice = {
      threshold: { by: 'threshold', value: threshold },
      known: before?.chosen.known ?? defaultChoice.known,
    };
    const job = await this.studio.attempt((client) => client.answerRules.fit({ runId, choice }));
    if (!job || (await this.studio.finished(job.id)).state !== 'finished') return;
    say(
      `It answers from a probability of ${threshold.toFixed(3)} on; before ${before ? `from ${before.threshold.toFixed(3)} on` : 'always'}.`,
    );
  }

  async remove(runId: string): Promise<void> {
    const before = await this.studio.attempt((client) => client.answerRules.remove({ runId }));
    if (before) say(`It answers always; before from a probability of ${before.threshold.toFixed(3)} on.`);
  }

  receive(event: StudioEvent): void {
    if (event.event === 'answer-rule.changed') this.#keep(event.runId, event.rule);
    if (event.event === 'run.changed' && event.run.state === 'running') this.#keep(event.run.id, null);
  }

  reset(): void {
    this.#known = {};
    this.#picked = null;
  }

  #keep(runId: string, rule: AnswerRule | null): void {
    this.#known = { ...this.#known, [runId]: rule };
  }
}
