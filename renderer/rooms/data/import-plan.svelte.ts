/**
 * What is about to be imported: the source that was chosen or dropped, what the studio takes it for, and what a person
 * says instead. Nothing counts before it is confirmed; making projects and importing are left to projects.svelte.ts.
 */
import type { SourceReference } from '#contract/commands/data.ts';
import { AtelierError } from '#contract/errors.ts';
import type { ImportOptions, ImportPlan } from '#contract/import.ts';
import type { Job } from '#contract/job.ts';
import { counted } from '../../format.ts';
import type { FirstModel } from './first-model.svelte.ts';
import type { Navigation } from '../../state/navigation.svelte.ts';
import { lastName, type Projects } from '../../state/projects.svelte.ts';
import { report, say } from '../../state/notices.ts';
import type { Studio } from '../../state/studio.svelte.ts';
import { type DroppedFile, uploadFolder } from '../../state/uploads.ts';

/** A source, and what a project made for it would be called. */
interface Candidate {
  source: SourceReference;
  name: string;
}

export type Meaning = NonNullable<ImportOptions['parts']>[string];

interface Parts {
  studio: Studio;
  projects: Pick<Projects, 'import' | 'createFrom'>;
  navigation: Pick<Navigation, 'go'>;
  firstModel: Pick<FirstModel, 'after'>;
}

export class ImportPlanStore {
  /** What was chosen; null where nothing is about to be imported. */
  candidate: Candidate | null = $state.raw(null);
  /** What the person said; empty at first, when all is inferred. */
  options: ImportOptions = $state.raw({});
  /** As last told; the one before stays in sight while another is made. */
  plan: ImportPlan | null = $state.raw(null);
  fault: AtelierError | null = $state.raw(null);
  /** Files sent so far, while a folder is on its way. */
  sending: { done: number; total: number } | null = $state.raw(null);
  /** The studio is looking at the source. */
  looking = $state(false);

  readonly ready = $derived(!this.looking && this.fault === null && (this.plan?.images ?? 0) > 0);

  #job: Job | null = null;
  /** Counts what was asked, so that a late answer to an earlier question is dropped. */
  #asked = 0;

  constructor(private readonly parts: Parts) {}

  /** Looks at a source; the dialog shows what comes of it. */
  async begin(candidate: Candidate): Promise<void> {
    this.reset();
    this.candidate = candidate;
    await this.#look();
  }

  /** Looks at a path of this machine. */
  beginPath(path: string): Promise<void> {
    return this.begin({ source: { kind: 'path', path }, name: lastName(path) });
  }

  /** Sends all files of a folder chosen by an <input webkitdirectory>, and looks at them. */
  beginFolder(files: File[]): Promise<void> {
    const all = files.map((file) => ({ file, path: file.webkitRelativePath || file.name }));
    return this.beginFiles(all, all[0]?.path.split('/')[0] ?? 'Upload');
  }

  /** Sends files of this computer, and looks at them. What cannot be sent is told. */
  async beginFiles(files: DroppedFile[], name: string): Promise<void> {
    const sent = (done: number) => (this.sending = { done, total: files.length });
    sent(0);
    try {
      const { uploadId, refused } = await uploadFolder(files, sent);
      const some = `${refused.slice(0, 3).join(', ')}${refused.length > 3 ? ' …' : ''}`;
      if (refused.length > 0) say(`${counted(refused.length, 'file')} could not be sent: ${some}`);
      this.sending = null;
      await this.begin({ source: { kind: 'upload', uploadId }, name });
    } catch (error) {
      report(error as AtelierError);
    } finally {
      this.sending = null;
    }
  }

  /** Says something of the source instead of what was inferred; undefined takes the saying back. */
  async say(said: { [K in keyof ImportOptions]?: ImportOptions[K] | undefined }): Promise<void> {
    const all = Object.entries({ ...this.options, ...said }).filter(([, value]) => value !== undefined);
    this.options = Object.fromEntries(all) as ImportOptions;
    await this.#look();
  }

  sayPart(folder: string, meaning: Meaning): Promise<void> {
    return this.say({ parts: { ...this.options.parts, [folder]: meaning } });
  }

  /** Imports what the plan shows, into the open project or one made for it. */
  async confirm(): Promise<void> {
    const { candidate, options, plan } = this;
    if (!candidate || !plan || !this.ready) return;
    this.reset();
    // Where nothing has a class, labelling is what comes next. At once: who has gone on meanwhile is not fetched back.
    this.parts.navigation.go(plan.classes.length > 0 ? 'data' : 'label');
    const job = this.parts.studio.project
      ? await this.parts.projects.import(candidate.source, options)
      : await this.parts.projects.createFrom(candidate.name, candidate.source, options);
    if (job) this.parts.firstModel.after(job.id);
  }

  /** Nothing is about to be imported any more: cancelled, or another project. */
  reset(): void {
    this.#asked += 1;
    this.#stopLooking();
    this.candidate = null;
    this.options = {};
    this.plan = null;
    this.fault = null;
    this.looking = false;
  }

  #stopLooking(): void {
    if (this.#job) this.#stop(this.#job);
    this.#job = null;
  }

  /** One that has just ended cannot be cancelled any more, and need not be. */
  #stop({ id: jobId }: Job): void {
    void this.parts.studio.call((client) => client.jobs.cancel({ jobId })).catch(() => {});
  }

  async #look(): Promise<void> {
    const { candidate, options } = this;
    if (!candidate) return;
    const asked = (this.#asked += 1);
    this.#stopLooking();
    this.looking = true;
    this.fault = null;
    try {
      const begun = await this.parts.studio.call((client) =>
        client.sources.inspect({ source: candidate.source, options }),
      );
      if (asked !== this.#asked) return this.#stop(begun);
      this.#job = begun;
      const { id: jobId, state, error } = await this.parts.studio.finished(begun.id);
      if (asked !== this.#asked) return;
      if (state === 'cancelled') return this.reset();
      if (state === 'failed')
        throw error
          ? AtelierError.fromWire(error)
          : new AtelierError('INTERNAL', 'The studio gave no reason.');
      const plan = await this.parts.studio.call((client) => client.sources.plan({ jobId }));
      if (asked === this.#asked) this.plan = plan;
    } catch (thrown) {
      if (asked !== this.#asked) return;
      this.#job = null;
      // A source that is not there is no plan to look at.
      if (this.plan === null && (thrown as AtelierError).code !== 'SOURCE_UNREADABLE') {
        this.reset();
        report(thrown as AtelierError);
      } else this.fault = thrown as AtelierError;
    } finally {
      if (asked === this.#asked) {
        this.#job = null;
        this.looking = false;
      }
    }
  }
}
