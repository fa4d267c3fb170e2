/** Opening, making and leaving projects, and bringing sources into them. */
import type { SourceReference } from '#contract/commands/data.ts';
import type { StudioEvent } from '#contract/events.ts';
import type { ImportOptions, ImportReport } from '#contract/import.ts';
import type { Job } from '#contract/job.ts';
import { count, counted } from '../format.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Studio } from './studio.svelte.ts';
import { report, say } from './notices.ts';

export class Projects {
  recent: Awaited<ReturnType<StudioClient['studio']['recent']>> = $state.raw([]);
  /** What is being done, in words; null when idle. */
  busy: string | null = $state(null);
  /** The person is asked whether to leave the project, which cancels what trains in it. */
  leaving: { training: string[]; answer(yes: boolean): void } | null = $state.raw(null);
  /** Imports that were told of. */
  readonly #told = new Set<string>();
  /** Imports that a project was made for: where nothing comes of it, the project goes too. */
  readonly #first = new Set<string>();

  constructor(private readonly studio: Studio) {}

  async readRecent(): Promise<void> {
    this.recent = (await this.studio.attempt((client) => client.studio.recent())) ?? [];
  }

  open(path: string): Promise<boolean> {
    return this.#doing('Opening the project', async () => {
      await this.#unlessKept((whileTraining) =>
        this.studio.call((client) => client.project.open({ path, whileTraining })),
      );
    });
  }

  async close(): Promise<void> {
    await this.#doing('Closing the project', async () => {
      await this.#unlessKept((whileTraining) =>
        this.studio.call((client) => client.project.close({ whileTraining })),
      );
    });
    await this.readRecent();
  }

  /** Where something trains, the person is asked before it is cancelled, and may keep the project. */
  async #unlessKept(leave: (whileTraining: true | undefined) => Promise<unknown>): Promise<void> {
    try {
      await leave(undefined);
    } catch (error) {
      const training = trainingOf(error);
      if (training === null) throw error;
      const yes = await new Promise<boolean>((answer) => (this.leaving = { training, answer })).finally(
        () => (this.leaving = null),
      );
      if (yes) await leave(true);
    }
  }

  /** A project for this source, named after it, in the folder where projects go. @returns its import, where it has begun */
  async createFrom(
    name: string,
    source: SourceReference,
    options: ImportOptions = {},
  ): Promise<Job | undefined> {
    let job: Job | undefined;
    await this.#doing(`Making the project “${name}”`, async () => {
      await this.#create(name);
      try {
        job = await this.studio.call((client) => client.sources.import({ source, options }));
        this.#first.add(job.id);
      } catch (error) {
        await this.#discard();
        throw error;
      }
    });
    return job;
  }

  async import(source: SourceReference, options: ImportOptions = {}): Promise<Job | undefined> {
    return this.studio.attempt((client) => client.sources.import({ source, options }));
  }

  /** Tells what an import left alone; where it took all there was, the images themselves tell. */
  receive(event: StudioEvent): void {
    if (event.event !== 'job.changed') return;
    const { id: jobId, kind, state } = event.job;
    if ((state === 'failed' || state === 'cancelled') && this.#first.delete(jobId)) void this.#discard();
    if (kind !== 'import' || state !== 'finished' || this.#told.has(jobId)) return;
    this.#first.delete(jobId);
    this.#told.add(jobId);
    void this.#tell(jobId);
  }

  /** Leaves no empty project behind; one that something came into stays. */
  async #discard(): Promise<void> {
    await this.studio.call((client) => client.project.discard()).catch(() => undefined);
  }

  async #tell(jobId: string): Promise<void> {
    const told = await this.studio.attempt((client) => client.sources.report({ jobId }));
    if (!told) return;
    if (told.alreadyThere + told.skippedFiles.length + told.notices.length > 0) say(importWords(told));
  }

  /** Fashion-MNIST in full where this machine has it, else the small part that Atelier carries, and says so. */
  openSample(): Promise<boolean> {
    return this.#doing('Opening the sample', async () => {
      await this.#openOrCreate('Fashion-MNIST');
      if ((this.studio.project?.counts.total ?? 0) > 0) return;
      try {
        await this.studio.call((client) =>
          client.sources.import({ source: { kind: 'named', name: 'fashion-mnist' } }),
        );
      } catch (error) {
        if ((error as { code?: string }).code !== 'SOURCE_NOT_FOUND') throw error;
        await this.studio.call((client) =>
          client.sources.import({ source: { kind: 'named', name: 'fashion-mnist-small' } }),
        );
      }
    });
  }

  async #openOrCreate(name: string): Promise<void> {
    const path = projectPath(this.#folder(), name);
    try {
      this.studio.take(await this.studio.call((client) => client.project.create({ path, name })));
    } catch (error) {
      if ((error as { code?: string }).code !== 'PROJECT_EXISTS') throw error;
      this.studio.take(await this.studio.call((client) => client.project.open({ path })));
    }
  }

  async #create(name: string): Promise<void> {
    for (let number = 1; ; number += 1) {
      const numbered = number === 1 ? name : `${name} ${number}`;
      try {
        await this.studio.call((client) =>
          client.project.create({ path: projectPath(this.#folder(), numbered), name: numbered }),
        );
        return;
      } catch (error) {
        if ((error as { code?: string }).code !== 'PROJECT_EXISTS' || number >= 99) throw error;
      }
    }
  }

  #folder(): string {
    return this.studio.about?.projectsFolder ?? '';
  }

  async #doing(words: string, act: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = words;
    try {
      await act();
      return true;
    } catch (error) {
      report(error as Parameters<typeof report>[0]);
      return false;
    } finally {
      this.busy = null;
    }
  }
}

/** What trains, where that is why a project was not left. */
function trainingOf(error: unknown): string[] | null {
  const { code, details } = (error ?? {}) as { code?: string; details?: { training?: unknown } };
  return code === 'CONFLICT' && Array.isArray(details?.training) ? (details.training as string[]) : null;
}

/** What an import came to, such as "30 images imported; 120 were already there; 2 files skipped." */
export function importWords({ imported, alreadyThere, skippedFiles, notices }: ImportReport): string {
  const parts = [`${counted(imported, 'image')} imported`];
  if (alreadyThere > 0)
    parts.push(`${count(alreadyThere)} ${alreadyThere === 1 ? 'was' : 'were'} already there`);
  if (skippedFiles.length > 0) parts.push(`${counted(skippedFiles.length, 'file')} skipped`);
  if (notices.length > 0) parts.push('notes in the import report');
  return `${parts.join('; ')}.`;
}

/** Where a project of this name goes. Characters that some system forbids in names are left out. */
export function projectPath(folder: string, name: string): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
  const safe = [...name]
    .filter((letter) => letter >= ' ' && !'<>:"/\\|?*'.includes(letter))
    .join('')
    .replace(/^[\s.]+|[\s.]+$/g, '')
    .slice(0, 100);
  return `${folder.replace(/[\\/]+$/, '')}${separator}${safe || 'Project'}.atelier`;
}

/** The last part of a path of any system. */
export const lastName = (path: string): string =>
  path
    .split(/[\\/]+/)
    .filter(Boolean)
    .at(-1) ?? path;
