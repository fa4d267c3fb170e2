/** What the Judge room shows: which images of the run, with which test-time augmentation, and the cells of the matrix that are open. */
import type { Evaluation, Tta } from '#contract/evaluation.ts';
import type { Job } from '#contract/job.ts';
import type { ItemFilter, Split } from '#contract/project.ts';
import type { Run } from '#contract/run.ts';
import type { ImageBrowser } from '../../state/browser.svelte.ts';
import type { Evaluations } from '../../state/evaluations.svelte.ts';
import type { Runs } from '../../state/runs.svelte.ts';
import type { Studio } from '../../state/studio.svelte.ts';
import type { JudgeViewName } from './words.ts';

interface Parts {
  studio: Pick<Studio, 'working' | 'project'>;
  runs: Pick<Runs, 'current' | 'choose'>;
  evaluations: Pick<Evaluations, 'get' | 'want' | 'start'>;
  browser: Pick<ImageBrowser, 'show'>;
}

/** Rows and columns of the matrix as places in the evaluation's classes; null: all of them. */
export interface MatrixCells {
  actual: readonly number[] | null;
  predicted: readonly number[] | null;
}

export class JudgeView {
  split: Split = $state('test');
  /** Test-time augmentation of the second figure; none: there is no second figure. */
  tta: Tta = $state('none');
  /** Whether metrics beyond the usual ones are shown. */
  moreMetrics = $state(false);
  shown: JudgeViewName = $state('matrix');
  /** The cells that were opened, by run, split and class ids; another run or split has cells of its own. */
  #opened: NonNullable<ItemFilter['cells']> | null = $state.raw(null);

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
  /** The open cells as places in the matrix; null where none are. */
  get cells(): MatrixCells | null {
    const { evaluation } = this;
    const opened = this.#opened;
    if (!opened || !evaluation || opened.runId !== this.#run?.id || opened.split !== this.split) return null;
    const placeOf = new Map(evaluation.classes.map(({ classId }, place) => [classId, place]));
    const places = (ids: number[] | undefined) => ids?.flatMap((id) => placeOf.get(id) ?? []) ?? null;
    const [actual, predicted] = [places(opened.actual), places(opened.predicted)];
    return actual?.length === 0 || predicted?.length === 0 ? null : { actual, predicted };
  }

  /** The open cells by class ids, as a filter of images says them; null where none are. */
  get opened(): NonNullable<ItemFilter['cells']> | null {
    return this.cells && this.#opened;
  }

  get #run(): Run | null {
    return this.parts.runs.current;
  }

  /** Another view; from errors back to the cells that were listed before. */
  look(shown: JudgeViewName): void {
    if (this.shown === 'errors' && shown !== 'errors' && this.#opened)
      void this.parts.browser.show({ cells: this.#opened });
    this.shown = shown;
  }

  open({ actual, predicted }: MatrixCells): void {
    const { evaluation } = this;
    if (!evaluation || !this.#run) return;
    const ids = (places: readonly number[]) => places.map((place) => evaluation.classes[place]!.classId);
    this.#opened = {
      runId: this.#run.id,
      split: this.split,
      ...(actual && { actual: ids(actual) }),
      ...(predicted && { predicted: ids(predicted) }),
    };
    void this.parts.browser.show({ cells: this.#opened });
  }
  close(): void {
    this.#opened = null;
  }

  show(next: { runId?: string; split?: Split }): void {
    this.close();
    if (next.runId) this.parts.runs.choose(next.runId);
    if (next.split) this.split = next.split;
  }

  /** Opens on the test images, or on those of validation where no image tests and the run was not tested. */
  enter(): void {
    const counts = this.parts.studio.project?.counts;
    if (this.split === 'test' && counts?.test === 0 && counts.validation > 0 && !this.#run?.testAccuracy)
      this.split = 'validation';
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
    this.close();
  }
}
