/**
 * The sources dialog: re-scanning a source, what was found, and what is taken over of it; and removing sources and images.
 * All of it can be undone, and each end is said with the way back.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Source } from '#contract/project.ts';
import {
  type ChangeKind,
  changeKinds,
  isUnchanged,
  type SourceChanges,
  type Take,
  takeable,
  usualTake,
} from '#contract/sources.ts';
import { count, counted } from '../../format.ts';
import type { ImageBrowser } from '../../state/browser.svelte.ts';
import { report, sayUndoable } from '../../state/notices.ts';
import type { Studio } from '../../state/studio.svelte.ts';

/** What is shown: all sources, or what a re-scan found. */
type View =
  | { kind: 'list' }
  | { kind: 'working'; source: Source; jobId: string }
  | { kind: 'found'; source: Source; jobId: string; changes: SourceChanges };

export class SourceStore {
  open = $state(false);
  view: View = $state.raw({ kind: 'list' });
  /** What is taken over of what was found. */
  take: Take = $state.raw(usualTake);
  /** Why the last re-scan or update came to nothing; null where it did not fail. */
  fault: AtelierError | null = $state.raw(null);

  constructor(private readonly studio: Studio) {}

  show(): void {
    this.open = true;
    if (this.view.kind === 'working') return;
    this.view = { kind: 'list' };
    this.fault = null;
  }

  /** Another project. */
  reset(): void {
    this.open = false;
    this.view = { kind: 'list' };
    this.fault = null;
  }

  /** @param path the folder that it moved to; its own where absent */
  async rescan(source: Source, path?: string): Promise<void> {
    const { id: sourceId } = source;
    this.fault = null;
    let jobId: string;
    try {
      const job = await this.studio.call(({ sources }) =>
        path === undefined ? sources.rescan({ sourceId }) : sources.relink({ sourceId, path }),
      );
      jobId = job.id;
    } catch (thrown) {
      return this.#failed(thrown as AtelierError);
    }
    this.view = { kind: 'working', source, jobId };
    const { state, error } = await this.studio.finished(jobId);
    const changes =
      state === 'finished'
        ? await this.studio.attempt((client) => client.sources.changes({ jobId }))
        : undefined;
    if (this.view.kind !== 'working' || this.view.jobId !== jobId) return;
    this.take = usualTake;
    if (error) this.#failed(AtelierError.fromWire(error));
    this.view = changes ? { kind: 'found', source, jobId, changes } : { kind: 'list' };
  }

  toggle(kind: Take[number]): void {
    this.take = this.take.includes(kind)
      ? this.take.filter((other) => other !== kind)
      : takeable.filter((other) => other === kind || this.take.includes(other));
  }

  /** Whether what is chosen would change something. */
  get canApply(): boolean {
    if (this.view.kind !== 'found' || isUnchanged(this.view.changes) || this.take.length === 0) return false;
    const { changes } = this.view;
    return changes.relink || kindsFound(changes).some((kind) => this.take.includes(kind));
  }

  async apply(): Promise<void> {
    if (this.view.kind !== 'found' || !this.canApply) return;
    const { source, jobId: rescan, changes } = this.view;
    const take = this.take;
    const job = await this.studio.attempt((client) => client.sources.update({ jobId: rescan, take }));
    if (!job) return;
    this.view = { kind: 'working', source, jobId: job.id };
    const { state, error } = await this.studio.finished(job.id);
    if (this.view.kind !== 'working' || this.view.jobId !== job.id) return;
    this.view = { kind: 'list' };
    if (error) this.#failed(AtelierError.fromWire(error));
    if (state !== 'finished') return;
    const updated = await this.studio.attempt((client) => client.sources.updated({ jobId: job.id }));
    if (!updated) return;
    const parts = changeKinds
      .filter((kind) => updated[kind] > 0)
      .map((kind) => `${count(updated[kind])} ${kind}`);
    if (changes.relink) parts.push(`relinked to ${changes.folder}`);
    if (updated.skippedFiles.length > 0)
      parts.push(`${counted(updated.skippedFiles.length, 'file')} skipped`);
    sayUndoable(this.studio, `Taken over: ${parts.join(', ')}.`);
  }

  async removeSource({ id: sourceId, items }: Source): Promise<void> {
    const removed = await this.studio.change(items, (client) => client.sources.remove({ sourceId }));
    if (removed)
      sayUndoable(this.studio, `${counted(items, 'image')} removed. The files stay where they are.`);
  }

  /** Those that are selected, or the one at the cursor. */
  async removeImages(browser: ImageBrowser): Promise<void> {
    const { items, selection } = browser;
    const targets = selection.targets();
    const itemIds = await this.studio.attempt(() => items.idsAt(targets));
    if (!itemIds || itemIds.length === 0) return;
    const removed = await this.studio.change(itemIds.length, (client) => client.items.remove({ itemIds }));
    if (!removed) return;
    selection.move(Math.min(...targets));
    await browser.refresh();
    sayUndoable(this.studio, `${counted(itemIds.length, 'image')} removed. The files stay where they are.`);
  }

  /** Said in the dialog, or, where it was closed meanwhile, in passing. */
  #failed(error: AtelierError): void {
    if (this.open) this.fault = error;
    else report(error);
  }
}

/** Kinds of which something was found, in their order. */
export const kindsFound = (changes: SourceChanges): ChangeKind[] =>
  changeKinds.filter((kind) => changes[kind].count > 0);
