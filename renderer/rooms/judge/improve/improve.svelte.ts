/**
 * What would make runs better, as the studio says: read where somebody looks, and again when what it is made of has changed. And the classes that
 * are merged or dropped to see what that comes to. Nothing is computed here.
 */
import type { StudioEvent } from '#contract/events.ts';
import type { Improvements } from '#contract/improvements.ts';
import type { LearningCurve } from '#contract/learning-curve.ts';
import type { Split } from '#contract/project.ts';
import type { WhatIf } from '#contract/what-if.ts';
import type { Studio } from '../../../state/studio.svelte.ts';

/** Of one run and part. */
interface Of {
  runId: string;
  split: Split;
}

export class ImproveStore {
  /** undefined: not read yet. */
  improvements: Improvements | undefined = $state.raw();
  /** null: there is none yet. */
  curve: LearningCurve | null | undefined = $state.raw();
  /** null: the part was not evaluated, or its predictions are lost. */
  whatIf: WhatIf | null | undefined = $state.raw();
  merged: readonly number[] = $state.raw([]);
  dropped: readonly number[] = $state.raw([]);
  /** Which curve is drawn; null: that of all images. */
  classId: number | null = $state(null);
  #of: Of | null = null;
  /** What was asked last: answers that come later than the next question count no more. */
  #asked = 0;

  constructor(private readonly studio: Pick<Studio, 'call'>) {}

  /** Reads all of it, where another run or part is looked at. */
  async want(of: Of): Promise<void> {
    if (this.#of?.runId === of.runId && this.#of.split === of.split) return;
    this.reset();
    this.#of = of;
    await this.#read();
  }

  /** Merges these, or drops these, and asks what that comes to. */
  async change({
    merged = this.merged,
    dropped = this.dropped,
  }: {
    merged?: readonly number[];
    dropped?: readonly number[];
  }): Promise<void> {
    this.merged = merged;
    this.dropped = dropped;
    await this.#readWhatIf();
  }

  receive(event: StudioEvent): void {
    if (!this.#of) return;
    const changed =
      event.event === 'evaluation.finished' ||
      event.event === 'evidence.finished' ||
      event.event === 'answer-rule.changed' ||
      event.event === 'splits.changed' ||
      event.event === 'study.deleted' ||
      (event.event === 'job.changed' && event.job.kind === 'findings' && event.job.state === 'finished');
    if (changed) void this.#read();
  }

  reset(): void {
    this.#of = null;
    this.improvements = this.curve = this.whatIf = undefined;
    this.merged = this.dropped = [];
    this.classId = null;
  }

  async #read(): Promise<void> {
    await Promise.all([this.#readList(), this.#readCurve(), this.#readWhatIf()]);
  }

  async #readList(): Promise<void> {
    const of = this.#of!;
    const found = await this.studio
      .call((client) => client.improvements.list({ runId: of.runId }))
      .catch(() => undefined);
    if (this.#of === of) this.improvements = found;
  }

  /** The newest one that says something, else the newest. */
  async #readCurve(): Promise<void> {
    const of = this.#of!;
    const studies = await this.studio.call((client) => client.studies.list()).catch(() => []);
    let found: LearningCurve | null = null;
    for (const { id, plan } of studies) {
      if (plan.kind !== 'learning-curve') continue;
      const curve = await this.studio
        .call((client) => client.improvements.learningCurve({ studyId: id }))
        .catch(() => null);
      found ??= curve;
      if (!curve?.overall.fit) continue;
      found = curve;
      break;
    }
    if (this.#of === of) this.curve = found;
  }

  async #readWhatIf(): Promise<void> {
    const of = this.#of;
    if (!of) return;
    const asked = (this.#asked += 1);
    const change = {
      merge: this.merged.length > 1 ? [[...this.merged]] : [],
      drop: [...this.dropped],
    };
    const found = await this.studio
      .call((client) => client.improvements.whatIf({ ...of, change }))
      .catch(() => null);
    if (asked === this.#asked && this.#of === of) this.whatIf = found;
  }
}
