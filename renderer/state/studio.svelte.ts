/**
 * The studio as this window knows it: connection, open project, jobs, and what waits to be saved.
 * Runs, items and evaluations have classes of their own, fed with the same events.
 */
import { AtelierError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import type { Job } from '#contract/job.ts';
import { type CountsChange, type Project, trainable } from '#contract/project.ts';
import { resources } from '#contract/resources.ts';
import { fromRpcError, type StudioClient } from '#contract/rpc.ts';
import { isActive } from '#contract/study.ts';
import type { Connection } from '../connection.ts';
import type { Store } from './store.ts';

export type About = Awaited<ReturnType<StudioClient['studio']['about']>>;

const firstWait = 250;
const longestWait = 5_000;

export class Studio {
  status: 'connecting' | 'open' | 'lost' = $state('connecting');
  about: About | null = $state.raw(null);
  project: Project | null = $state.raw(null);
  jobs: Job[] = $state.raw([]);
  /** Items whose change has not been answered yet. */
  unsaved = $state(0);
  /** Why the connection failed last. */
  fault: AtelierError | null = $state.raw(null);

  readonly working = $derived(this.jobs.filter(isActive));
  readonly classes = $derived(this.project?.classes ?? []);
  readonly trainableClasses = $derived(trainable(this.classes));
  readonly classNames = $derived(new Map(this.classes.map(({ id, name }) => [id, name])));

  /** Ids of jobs that were asked to stop. */
  #cancelling: readonly string[] = $state.raw([]);
  #client: StudioClient | null = null;
  /** Calls that wait for their answer; a lost connection rejects them all. */
  readonly #pending = new Set<(error: Error) => void>();
  #stores: Store[] = [];
  #report: (error: AtelierError) => void = () => {};
  #stopped = false;

  constructor(private readonly connect: () => Promise<Connection>) {}

  /**
   * Address of an item's image. Items count from 1 in every project, and a page shows an image that it has at
   * an address without asking again: so the project stands in the address.
   */
  imageOf(itemId: number, size: 'thumbnail' | 'full'): string {
    return `${resources.item(itemId, size)}?project=${encodeURIComponent(this.project?.id ?? '')}`;
  }

  /** As it is shown beside an image; null is an unlabelled one's. */
  className(classId: number | null): string {
    return classId === null ? 'Unlabelled' : (this.classNames.get(classId) ?? '–');
  }

  /** Tells these stores of all that happens, in this order. */
  tell(...stores: Store[]): void {
    this.#stores.push(...stores);
  }
  onFault(report: (error: AtelierError) => void): void {
    this.#report = report;
  }

  /** Connects, listens, and connects again with growing waits, until stopped. */
  async run(): Promise<void> {
    for (let attempt = 0; !this.#stopped; attempt += 1) {
      try {
        const connection = await this.connect();
        try {
          const live = () => (attempt = 0);
          await Promise.race([this.#serve(connection.client, live), connection.lost]);
        } finally {
          this.#client = null;
          connection.close();
          for (const reject of this.#pending) reject(fromRpcError(new Error('The connection was lost.')));
          this.#pending.clear();
        }
      } catch (error) {
        this.fault = fromRpcError(error);
      }
      this.status = 'lost';
      await new Promise((wake) => setTimeout(wake, Math.min(longestWait, firstWait * 2 ** attempt)));
    }
  }

  /** Reads all, then follows the events until they end. They are subscribed to first, so that none is missed. */
  async #serve(client: StudioClient, live: () => void): Promise<void> {
    this.#client = client;
    const events = await client.studio.events();
    await this.#readAll(client);
    this.status = 'open';
    this.fault = null;
    live();
    for await (const event of events) this.receive(event);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** A call to the studio, with its errors in the one shape. */
  async call<T>(use: (client: StudioClient) => Promise<T>): Promise<T> {
    if (!this.#client) {
      throw new AtelierError(
        'CONNECTION_LOST',
        'The studio is not connected. Wait until the window is connected again.',
      );
    }
    const client = this.#client;
    return new Promise<T>((resolve, reject) => {
      this.#pending.add(reject);
      use(client)
        .then(resolve, (error) => reject(fromRpcError(error)))
        .finally(() => this.#pending.delete(reject));
    });
  }

  /** A call that a person asked for: its error is shown, and the answer is then undefined. */
  async attempt<T>(
    use: (client: StudioClient) => Promise<T>,
    answers: (fault: AtelierError) => boolean = () => false,
  ): Promise<T | undefined> {
    try {
      return await this.call(use);
    } catch (error) {
      const fault = fromRpcError(error);
      if (!answers(fault)) this.#report(fault);
      return undefined;
    }
  }

  /**
   * A change of `items` labels or names; counted as unsaved until the studio has answered.
   * @param answers whether a fault is answered in another way than by telling it, as by a question
   */
  async change(
    items: number,
    use: (client: StudioClient) => Promise<Project | CountsChange>,
    answers?: (fault: AtelierError) => boolean,
  ): Promise<boolean> {
    this.unsaved += items;
    try {
      const changed = await this.attempt(use, answers);
      if (changed && 'projectId' in changed) this.takeCounts(changed);
      else if (changed) this.take(changed);
      return changed !== undefined;
    } finally {
      this.unsaved -= items;
    }
  }

  undo(): Promise<boolean> {
    return this.change(1, (client) => client.journal.undo());
  }
  redo(): Promise<boolean> {
    return this.change(1, (client) => client.journal.redo());
  }

  /** Whether a job was asked to stop and has not yet. */
  isCancelling(job: Job): boolean {
    return this.#cancelling.includes(job.id) && isActive(job);
  }
  async cancel(job: Job): Promise<void> {
    this.#cancelling = [...this.#cancelling, job.id];
    const asked = await this.attempt(async (client): Promise<true> => {
      if (job.kind === 'train' && job.runId) await client.runs.cancel({ runId: job.runId });
      else if (job.kind === 'study' && job.studyId) await client.studies.cancel({ studyId: job.studyId });
      else await client.jobs.cancel({ jobId: job.id });
      return true;
    });
    if (!asked) this.#cancelling = this.#cancelling.filter((id) => id !== job.id);
  }

  /** The end of a job that was just started; the job as it ended. */
  finished(jobId: string): Promise<Job> {
    return new Promise((resolve) => {
      const ended = (job: Job | undefined) => job && !isActive(job);
      const known = this.jobs.find(({ id }) => id === jobId);
      if (known && ended(known)) return resolve(known);
      const waiting: Store = {
        receive: (event) => {
          if (event.event !== 'job.changed' || event.job.id !== jobId || !ended(event.job)) return;
          this.#stores = this.#stores.filter((other) => other !== waiting);
          resolve(event.job);
        },
      };
      this.tell(waiting);
    });
  }

  async #readAll(client: StudioClient): Promise<void> {
    const [about, project, jobs] = await Promise.all([
      client.studio.about(),
      client.project.current(),
      client.jobs.list(),
    ]);
    this.about = about;
    if (about.engineState !== 'found') void this.#learnEngine(client);
    this.#enter(project);
    this.jobs = jobs;
    await this.#readStores();
  }

  async #readStores(): Promise<void> {
    for (const store of this.#stores) await store.read?.();
  }

  /** Loading TensorFlow takes a while on a busy machine: the window does not wait for it. */
  async #learnEngine(client: StudioClient): Promise<void> {
    try {
      const { engine } = await client.studio.engine();
      if (this.about) this.about = { ...this.about, engine, engineState: engine ? 'found' : 'none' };
    } catch {
      // The connection was lost: the next one asks again.
    }
  }

  receive(event: StudioEvent): void {
    if (event.event === 'project.changed') {
      this.take(event.project);
    }
    if (event.event === 'counts.changed') this.takeCounts(event.change);
    if (event.event === 'job.changed') {
      const rest = this.jobs.filter(({ id }) => id !== event.job.id);
      this.jobs = [...rest, event.job].slice(-50);
    }
    for (const store of this.#stores) store.receive?.(event);
  }

  /** The project as the studio has just told; another one than before is read anew. */
  take(project: Project | null): void {
    if (this.#enter(project)) void this.#readAnew();
  }

  /** What labels changed of the open project; nothing where that is another one by now. */
  takeCounts({ projectId, classes, counts, undo, redo }: CountsChange): void {
    const { project } = this;
    if (project?.id !== projectId) return;
    const changed = new Map(classes.map((one) => [one.id, one.counts]));
    this.project = {
      ...project,
      classes: project.classes.map((one) => {
        const now = changed.get(one.id);
        return now ? { ...one, counts: now } : one;
      }),
      counts,
      undo,
      redo,
    };
  }

  /** True where it is another one. */
  #enter(project: Project | null): boolean {
    // A copied project has the id of the original.
    const another = project?.id !== this.project?.id || project?.path !== this.project?.path;
    this.project = project;
    if (!another) return false;
    this.jobs = this.jobs.filter(isActive);
    for (const store of this.#stores) store.reset?.();
    return true;
  }

  async #readAnew(): Promise<void> {
    try {
      await this.#readStores();
    } catch (error) {
      this.#report(fromRpcError(error));
    }
  }
}
