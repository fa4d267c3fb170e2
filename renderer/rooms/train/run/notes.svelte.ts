/**
 * The notes of runs that are not on the disk yet: what was typed stays until the studio has answered for it, though the
 * run is left, the connection is lost or another project is opened meanwhile. How one note saves itself is note.svelte.ts.
 */
import { Note } from './note.svelte.ts';
import type { Runs } from '../../../state/runs.svelte.ts';
import type { Studio } from '../../../state/studio.svelte.ts';

export class Notes {
  /** By project and run: a run's id is its own in its project only. */
  readonly #notes = new Map<string, { projectId: string; runId: string; note: Note }>();

  constructor(
    private readonly studio: Pick<Studio, 'project'>,
    private readonly runs: Pick<Runs, 'get' | 'setNote'>,
  ) {}

  /** The note of a run of the open project, with what was typed of it and is not saved. */
  of(runId: string): Note {
    const projectId = this.studio.project?.id ?? '';
    const key = `${projectId} ${runId}`;
    const found = this.#notes.get(key);
    if (found) return found.note;
    this.#forgetSaved();
    const note = new Note(
      () => this.runs.get(runId)?.note ?? '',
      (text) => (this.#isOpen(projectId) ? this.runs.setNote(runId, text) : Promise.resolve(false)),
    );
    this.#notes.set(key, { projectId, runId, note });
    return note;
  }

  /** Saves what is not saved of the open project's runs, as far as they are known: once connected again, or before the window goes. */
  async flush(): Promise<void> {
    const open = [...this.#notes.values()].filter(
      ({ projectId, runId }) => this.#isOpen(projectId) && this.runs.get(runId),
    );
    await Promise.all(open.map(({ note }) => note.flush()));
  }

  read(): Promise<void> {
    return this.flush();
  }

  #isOpen(projectId: string): boolean {
    return this.studio.project?.id === projectId;
  }
  #forgetSaved(): void {
    for (const [key, { note }] of this.#notes) if (note.state === 'saved') this.#notes.delete(key);
  }
}
