/** How the confusion matrix is shown: normalised how, in which order, less that of which run; and handing it out as a file. */
import type { Evaluation } from '#contract/evaluation.ts';
import type { Run } from '#contract/run.ts';
import { inOrderOf } from '#recipe/metrics/confusion-difference.ts';
import { type ClassOrder, orderOfClasses } from '#recipe/metrics/confusion-order.ts';
import type { Normalization } from '#recipe/metrics/normalize.ts';
import { coloursOfPage, lightColours } from '../../../parts/plot/colours.ts';
import { fileName, saveFile } from '../../../parts/save.ts';
import type { Evaluations } from '../../../state/evaluations.svelte.ts';
import type { Runs } from '../../../state/runs.svelte.ts';
import type { JudgeView } from '../judge-view.svelte.ts';
import { type Matrix, matrixOf } from './matrix.ts';
import { csvOf, inkNames, pictureOf, pngOf, svgOf } from './picture.ts';

interface Parts {
  view: Pick<JudgeView, 'evaluation' | 'split'>;
  runs: Pick<Runs, 'current' | 'choices'>;
  evaluations: Pick<Evaluations, 'get' | 'want'>;
}

export const matrixFiles = ['png', 'png-here', 'svg', 'csv'] as const;
export type MatrixFile = (typeof matrixFiles)[number];

export class MatrixView {
  normalization: Normalization = $state('none');
  order: ClassOrder = $state('project');
  #baselineId: string | null = $state(null);

  constructor(private readonly parts: Parts) {}

  /** The runs that the one looked at can be compared with. */
  get others(): Run[] {
    const { current, choices } = this.#runs;
    return choices(current).filter(({ id }) => id !== current?.id);
  }
  /** The run whose matrix is taken off. */
  get baseline(): Run | null {
    return this.others.find(({ id }) => id === this.#baselineId) ?? null;
  }
  get #runs() {
    const { runs } = this.parts;
    return { current: runs.current, choices: (run: Run | null) => runs.choices(run) };
  }
  /** Of the baseline: null where it was never made, undefined where there is no baseline or it is not read yet. */
  readonly #earlier: Evaluation | null | undefined = $derived.by(() => {
    const { evaluations, view } = this.parts;
    return this.baseline ? evaluations.get(this.baseline.id, view.split) : undefined;
  });
  readonly #aligned: number[][] | null = $derived.by(() => {
    const { evaluation } = this.parts.view;
    const earlier = this.#earlier;
    if (!evaluation || !earlier) return null;
    const idsOf = ({ classes }: Evaluation) => classes.map(({ classId }) => classId);
    return inOrderOf(idsOf(evaluation), idsOf(earlier), earlier.confusion);
  });

  /** Why the difference that is asked for is not shown; null where it is, or none is asked for. */
  get problem(): string | null {
    const { baseline } = this;
    const { split, evaluation } = this.parts.view;
    if (!baseline || !evaluation || this.#aligned) return null;
    if (this.#earlier === undefined) return null;
    return this.#earlier === null
      ? `${baseline.name} was not evaluated on the ${split} images. Evaluate it there first.`
      : `${baseline.name} has other classes, so that its cells are not those of this run.`;
  }

  /** What the difference may be of, beside the runs; null where it is of these alone, or none is shown. */
  get caution(): string | null {
    const { baseline } = this;
    const { evaluation } = this.parts.view;
    const [own, earlier] = [evaluation?.labelsVersion, this.#earlier?.labelsVersion];
    if (!baseline || !this.#aligned || !own || !earlier || own === earlier) return null;
    const sameImages = evaluation!.partVersion === this.#earlier!.partVersion;
    return `${baseline.name} was evaluated on other ${sameImages ? 'labels' : 'images or labels'}: part of this difference is theirs. Evaluate the older of the two again.`;
  }

  readonly #order: number[] = $derived.by(() => {
    const { evaluation } = this.parts.view;
    if (!evaluation) return [];
    return orderOfClasses(
      evaluation.confusion,
      evaluation.classes.map(({ name }) => name),
      this.order,
    );
  });
  /** null where the run has no evaluation. */
  readonly matrix: Matrix | null = $derived.by(() => {
    const { evaluation } = this.parts.view;
    if (!evaluation) return null;
    const confusion = this.#aligned;
    return matrixOf({
      confusion: evaluation.confusion,
      names: evaluation.classes.map(({ name }) => name),
      normalization: this.normalization,
      order: this.#order,
      baseline: confusion && this.baseline && { name: this.baseline.name, confusion },
    });
  });

  async compareWith(runId: string | null): Promise<void> {
    this.#baselineId = runId;
    await this.wantBaseline();
  }
  /** Reads the matrix that is taken off, where it is not known yet. */
  async wantBaseline(): Promise<void> {
    const { evaluations, view } = this.parts;
    if (this.baseline) await evaluations.want(this.baseline.id, view.split);
  }

  async save(file: MatrixFile): Promise<void> {
    const { matrix } = this;
    const run = this.parts.runs.current;
    if (!matrix || !run) return;
    const about = `${run.name}, ${this.parts.view.split} images`;
    const name = fileName(`${run.name} ${this.parts.view.split} confusion matrix`);
    if (file === 'csv') return saveFile(`${name}.csv`, new Blob([csvOf(matrix)], { type: 'text/csv' }));
    const colours = file === 'png-here' ? coloursOfPage() : lightColours(inkNames);
    const picture = pictureOf(matrix, about, colours);
    if (file === 'svg') return saveFile(`${name}.svg`, new Blob([svgOf(picture)], { type: 'image/svg+xml' }));
    saveFile(`${name}.png`, await pngOf(picture));
  }

  reset(): void {
    this.normalization = 'none';
    this.order = 'project';
    this.#baselineId = null;
  }
}
