/**
 * Jobs: slow work with progress, remaining time and cancel. Lanes, one job at a time in each: trainings in one, embeddings
 * in one, everything shorter in the third, so that an export need not wait for a training to end.
 */
import { randomBytes } from 'node:crypto';
import { AtelierError, toWireError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';

type Lane = 'training' | 'embedding' | 'short';

export interface JobContext {
  signal: AbortSignal;
  /** `secondsLeft` is estimated from the pace so far where it is not given. */
  progress(done: number, total: number | null, unit: string, secondsLeft?: number | null): void;
}

interface Entry {
  job: Job;
  lane: Lane;
  controller: AbortController;
  work(context: JobContext): Promise<void>;
  abandon(): Promise<void>;
  atRest(): void;
  ended: Promise<void>;
  end(): void;
}

const jobsKept = 100;
const millisecondsBetweenEvents = 100;

export class Jobs {
  readonly #entries: Entry[] = [];
  readonly #busy = new Set<Lane>();
  #closing = false;

  constructor(private readonly onChange: (job: Job) => void) {}

  list(): Job[] {
    return this.#entries.map(({ job }) => ({ ...job }));
  }

  /** True from the first cancel of `close` until it is done. */
  get closing(): boolean {
    return this.#closing;
  }

  /**
   * @param work rejects when the job failed; CANCELLED when it was cancelled
   * @param abandon in the place of `work` where the job is cancelled before its turn
   * @param atRest called once the job has ended, however it did, and that was told
   * @throws CONFLICT while the project is being closed
   */
  start(
    description: Pick<Job, 'kind' | 'title' | 'runId'> & { studyId?: string },
    lane: Lane,
    work: (context: JobContext) => Promise<void>,
    abandon: () => Promise<void> = async () => undefined,
    atRest: () => void = () => undefined,
  ): Job {
    if (this.#closing) throw projectCloses();
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const job: Job = {
      id: `job-${randomBytes(8).toString('hex')}`,
      studyId: null,
      ...description,
      state: 'queued',
      progress: { done: 0, total: null, unit: '', secondsLeft: null },
      error: null,
    };
    this.#entries.push({ job, lane, controller: new AbortController(), work, abandon, atRest, ended, end });
    this.#forget();
    this.#tell(job);
    this.#next(lane);
    return { ...job };
  }

  /** @throws NOT_FOUND */
  cancel(jobId: string): void {
    const entry = this.#entries.find(({ job }) => job.id === jobId);
    if (!entry)
      throw new AtelierError('NOT_FOUND', `Expected a job of this session, received ${jobId}.`, { jobId });
    entry.controller.abort();
    // A queued one need not wait for its turn to be told so.
    if (entry.job.state === 'queued') void this.#run(entry);
  }

  cancelRun(runId: string): void {
    for (const { job } of this.#entries) if (job.runId === runId && isOpen(job)) this.cancel(job.id);
  }

  hasOpen(runId: string): boolean {
    return this.#entries.some(({ job }) => job.runId === runId && isOpen(job));
  }

  cancelStudy(studyId: string): void {
    for (const { job } of this.#entries) if (job.studyId === studyId && isOpen(job)) this.cancel(job.id);
  }

  hasOpenStudy(studyId: string): boolean {
    return this.#entries.some(({ job }) => job.studyId === studyId && isOpen(job));
  }

  /** Cancels everything, then does `work`; until that is done no job starts. */
  async close(work: () => Promise<void>): Promise<void> {
    this.#closing = true;
    try {
      const open = this.#entries.filter(({ job }) => isOpen(job));
      for (const { job } of open) this.cancel(job.id);
      await Promise.all(open.map(({ ended }) => ended));
      await work();
    } finally {
      this.#closing = false;
    }
  }

  #tell(job: Job): void {
    this.onChange({ ...job });
  }

  #forget(): void {
    while (this.#entries.length > jobsKept) {
      const oldest = this.#entries.findIndex(({ job }) => !isOpen(job));
      if (oldest < 0) return;
      this.#entries.splice(oldest, 1);
    }
  }

  #next(lane: Lane): void {
    if (this.#busy.has(lane)) return;
    const entry = this.#entries.find(
      (candidate) => candidate.lane === lane && candidate.job.state === 'queued',
    );
    if (!entry) return;
    this.#busy.add(lane);
    void this.#run(entry).then(() => {
      this.#busy.delete(lane);
      this.#next(lane);
    });
  }

  async #run(entry: Entry): Promise<void> {
    const { job, controller, work, abandon } = entry;
    if (job.state !== 'queued') return;
    job.state = 'running';
    this.#tell(job);
    let told = 0;
    let first: { at: number; done: number; unit: string } | null = null;
    const context: JobContext = {
      signal: controller.signal,
      progress: (done, total, unit, secondsLeft) => {
        const now = Date.now();
        if (first?.unit !== unit || done < first.done) first = { at: now, done, unit };
        const pace = (done - first.done) / Math.max(1, now - first.at);
        const estimate =
          total !== null && now - first.at > 500 && pace > 0 ? (total - done) / pace / 1000 : null;
        job.progress = { done, total, unit, secondsLeft: secondsLeft === undefined ? estimate : secondsLeft };
        if (now - told < millisecondsBetweenEvents) return;
        told = now;
        this.#tell(job);
      },
    };
    try {
      if (controller.signal.aborted) {
        await abandon();
        job.state = 'cancelled';
      } else {
        await work(context);
        job.state = 'finished';
      }
    } catch (thrown) {
      const error = toWireError(thrown);
      job.state = error.code === 'CANCELLED' ? 'cancelled' : 'failed';
      job.error = job.state === 'failed' ? error : null;
    }
    job.progress = { ...job.progress, secondsLeft: null };
    this.#tell(job);
    entry.atRest();
    entry.end();
  }
}

export const projectCloses = () =>
  new AtelierError(
    'CONFLICT',
    'Expected a project that stays open, but it is being closed. Open one and try again.',
  );

const isOpen = (job: Job) => job.state === 'queued' || job.state === 'running';
