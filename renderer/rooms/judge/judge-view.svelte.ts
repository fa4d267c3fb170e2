/** What the Judge room shows: which images of the run, with which test-time augmentation, and the cell of the matrix that is open. */
import type { Evaluation, Tta } from '#contract/evaluation.ts';
import type { Job } from '#contract/job.ts';
import type { ItemFilter, Split } from '#contract/project.ts';
import type { Run } from '#contract/run.ts';
import type { Normalization } from '#recipe/metrics/normalize.ts';
import type { ImageBrowser } from '../../state/browser.svelte.ts';
import type { Evaluations } from '../../state/evaluations.svelte.ts';
import type { Runs } from '../../state/runs.svelte.ts';
import type { Studio } from '../../state/studio.svelte.ts';
import type { JudgeViewName } from './words.ts';

interface Parts {
  studio: Pick<Studio, 'working'>;
  runs: Pick<Runs, 'current' | 'choose'>;
  evaluations: Pick<Evaluations, 'get' | 'want' | 'start'>;
  browser: Pick<ImageBrowser, 'show'>;
}

export class JudgeView {
  split: Split = $state('test');
  /** Test-time augmentation of the second figure; none: there is no second figure. */
  tta: Tta = $state('none');
  /** Whether metrics beyond the usual ones are shown. */
  moreMetrics = $state(false);
  shown: JudgeViewName = $state('matrix');
  /** Of the confusion matrix. */
  normalization: Normalization = $state('none');
  /** The cell that was opened, by run, split and class ids; another run or split has cells of its own. */
  #opened: NonNullable<ItemFilter['cell']> | null = $state.raw(null);

  constructor(private readonly parts: Parts) {}

  /** null: it was never made; undefined: not read yet. */
  get evaluation(): Evaluation | null | undefined {
    const { runs, evaluations } = this.parts;
    return runs.current ? evaluations.get(runs.current.id, this.split) : undefined;
  }
  /** The evaluation that is being made of this run. */
  get job(): Job | undefined {
    const { runs, studio } = this.parts;
    return studio.working.find(({ kind, runId }) => kind === 'evaluate' && runId === runs.current?.id);
  }
  /** The open cell as places in the matrix; null where none is. */
  get cell(): { actual: number; predicted: number } | null {
    const { evaluation } = this;
    const opened = this.#opened;
    if (!opened || !evaluation || opened.runId !== this.#run?.id || opened.split !== this.split) return null;
    const place = (id: number | undefined) => evaluation.classes.findIndex(({ classId }) => classId === id);
    const [actual, predicted] = [place(opened.actual), place(opened.predicted)];
    return actual < 0 || predicted < 0 ? null : { actual, predicted };
  }

  get #run(): Run | null {
    return this.parts.runs.current;
  }

  open(actual: number, predicted: number): void {
    const { evaluation } = this;
    if (!evaluation || !this.#run) return;
    const [from, to] = [evaluation.classes[actual]!.classId, evaluation.classes[predicted]!.classId];
    this.#opened = { runId: this.#run.id, split: this.split, actual: from, predicted: to };
    void this.parts.browser.show({ cell: this.#opened });
  }
  close(): void {
    this.#opened = null;
  }

  show(next: { runId?: string; split?: Split }): void {
    this.close();
    if (next.runId) this.parts.runs.choose(next.runId);
    if (next.split) this.split = next.split;
  }

  async evaluate(): Promise<void> {
    if (this.#run) await this.parts.evaluations.start(this.#run.id, this.split);
  }
  /** Evaluates with this TTA where that has not been done yet. The matrix stays that of none. */
  async evaluateWith(next: Tta): Promise<void> {
    this.tta = next;
    const run = this.#run;
    if (!run || next === 'none') return;
    const { evaluations } = this.parts;
    const { split } = this;
    await evaluations.want(run.id, split, next);
    if (evaluations.get(run.id, split, next) === null) await evaluations.start(run.id, split, next);
  }

  reset(): void {
    this.split = 'test';
    this.tta = 'none';
    this.shown = 'matrix';
    this.normalization = 'none';
    this.close();
  }
}
