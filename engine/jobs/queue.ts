/**
 * Jobs: slow work with progress, remaining time and cancel. Two lanes, one job at a time in each: trainings
 * in one, everything shorter in the other, so that an export need not wait for a training to end.
 */
import { randomBytes } from 'node:crypto';
import type { Job } from '#contract/entities.ts';
import { AtelierError, toWireError } from '#contract/errors.ts';

export type Lane = 'training' | 'short';

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
  ended: Promise<void>;
  end(): void;
}

const jobsKept = 100;
const millisecondsBetweenEvents = 100;

export class Jobs {
  readonly #entries: Entry[] = [];
  readonly #busy = new Set<Lane>();

  constructor(private readonly onChange: (job: Job) => void) {}

  list(): Job[] {
    return this.#entries.map(({ job }) => ({ ...job }));
  }

  /** @param work rejects when the job failed; CANCELLED when it was cancelled */
  start(
    description: Pick<Job, 'kind' | 'title' | 'runId'>,
    lane: Lane,
    work: (context: JobContext) => Promise<void>,
  ): Job {
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const job: Job = {
      id: `job-${randomBytes(8).toString('hex')}`,
      ...description,
      state: 'queued',
      progress: { done: 0, total: null, unit: '', secondsLeft: null },
      error: null,
    };
    this.#entries.push({ job, lane, controller: new AbortController(), work, ended, end });
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
    // A queued one starts only to find itself cancelled; let that be now.
    if (entry.job.state === 'queued') void this.#run(entry);
  }

  cancelRun(runId: string): void {
    for (const { job } of this.#entries) if (job.runId === runId && isOpen(job)) this.cancel(job.id);
  }

  hasOpen(runId: string): boolean {
    return this.#entries.some(({ job }) => job.runId === runId && isOpen(job));
  }

  /** Cancels everything and waits until it has ended. */
  async cancelAll(): Promise<void> {
    const open = this.#entries.filter(({ job }) => isOpen(job));
    for (const { job } of open) this.cancel(job.id);
    await Promise.all(open.map(({ ended }) => ended));
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
    const { job, controller, work } = entry;
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
      await work(context);
      job.state = 'finished';
    } catch (thrown) {
      const error = toWireError(thrown);
      job.state = error.code === 'CANCELLED' ? 'cancelled' : 'failed';
      job.error = job.state === 'failed' ? error : null;
    }
    job.progress = { ...job.progress, secondsLeft: null };
    this.#tell(job);
    entry.end();
  }
}

const isOpen = (job: Job) => job.state === 'queued' || job.state === 'running';
