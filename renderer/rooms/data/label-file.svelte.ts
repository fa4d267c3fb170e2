/**
 * Labels in and out as a file: a table that a person chose is sent to the studio, what it would come to is shown, and it counts
 * once that is confirmed. Reading and writing CSV is the studio's.
 */
import type { AtelierError } from '#contract/errors.ts';
import type { LabelFileReport } from '#contract/labels.ts';
import { resources } from '#contract/resources.ts';
import { counted } from '../../format.ts';
import { report as tell, sayUndoable } from '../../state/notices.ts';
import type { Studio } from '../../state/studio.svelte.ts';
import { uploadFile } from '../../state/uploads.ts';
import { fetchBytes } from './fetch-bytes.ts';

/** What is shown: nothing, a file being read, or what it would come to. */
type View =
  | { kind: 'none' }
  | { kind: 'reading'; name: string }
  | { kind: 'failed'; name: string; fault: AtelierError }
  | { kind: 'plan'; name: string; uploadId: string; report: LabelFileReport };

/** What would change, as people read it: the figures that are not 0, with the words behind them. */
export function figuresOf(report: LabelFileReport): { images: number; words: string }[] {
  const figures: [images: number, one: string, many: string][] = [
    [report.labelled, 'image gets a label or another one', 'images get a label or another one'],
    [report.unlabelled, 'image becomes unlabelled', 'images become unlabelled'],
    [report.moved, 'image moves to another part', 'images move to another part'],
    [report.excluded, 'image is excluded', 'images are excluded'],
    [report.included, 'image is included again', 'images are included again'],
    [report.hard, 'image gets or loses the mark as hard', 'images get or lose the mark as hard'],
    [report.noted, 'image gets another note', 'images get another note'],
  ];
  return figures
    .filter(([images]) => images > 0)
    .map(([images, one, many]) => ({ images, words: images === 1 ? one : many }));
}

export class LabelFileStore {
  view: View = $state.raw({ kind: 'none' });
  /** The yes to figures of before that are no longer comparable. */
  accepted = $state(false);
  /** Being taken over. */
  busy = $state(false);
  /** Being fetched to be saved. */
  exporting = $state(false);
  #asked = 0;

  constructor(
    private readonly studio: Studio,
    private readonly upload: (file: File) => Promise<string> = uploadFile,
  ) {}

  /** Closes the view, whatever is on its way; another project. */
  reset(): void {
    this.#asked += 1;
    this.view = { kind: 'none' };
    this.busy = this.accepted = false;
  }

  /** Whether it takes a yes that was not given yet. */
  get locked(): boolean {
    return this.view.kind === 'plan' && this.view.report.newTest !== null && !this.accepted;
  }

  /** Sends a file and shows what it would come to. */
  async check(file: File): Promise<void> {
    const asked = (this.#asked += 1);
    const { name } = file;
    this.accepted = false;
    this.view = { kind: 'reading', name };
    const view = await this.#plan(file);
    if (asked === this.#asked) this.view = view;
  }

  async #plan(file: File): Promise<View> {
    const { name } = file;
    try {
      const uploadId = await this.upload(file);
      const report = await this.studio.call((client) => client.labels.applyFile({ uploadId, dryRun: true }));
      return { kind: 'plan', name, uploadId, report };
    } catch (thrown) {
      return { kind: 'failed', name, fault: thrown as AtelierError };
    }
  }

  /** Takes over what is shown, as one undoable step. */
  async apply(): Promise<void> {
    if (this.view.kind !== 'plan' || this.busy || this.locked) return;
    const { uploadId, name } = this.view;
    const asked = this.#asked;
    this.busy = true;
    try {
      const asks = { uploadId, ...(this.accepted && { acceptNewTest: true as const }) };
      const { faulty } = await this.studio.call((client) => client.labels.applyFile(asks));
      if (asked !== this.#asked) return;
      this.view = { kind: 'none' };
      // What can be undone is known once the project is.
      this.studio.take(await this.studio.call((client) => client.project.current()));
      const left = faulty > 0 ? ` ${counted(faulty, 'row')} could not be.` : '';
      sayUndoable(this.studio, `Labels of ${name} taken over.${left}`);
    } catch (thrown) {
      if (asked === this.#asked) this.view = { kind: 'failed', name, fault: thrown as AtelierError };
    } finally {
      this.busy = false;
    }
  }

  /** The labels of the project as CSV; undefined where they could not be had, which is told. */
  async csv(): Promise<Blob | undefined> {
    this.exporting = true;
    try {
      return new Blob([await fetchBytes(resources.labels)], { type: 'text/csv' });
    } catch (thrown) {
      tell(thrown as AtelierError);
      return undefined;
    } finally {
      this.exporting = false;
    }
  }
}
