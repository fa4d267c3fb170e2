/**
 * For tests only: jobs on a real project, with a worker process whose answers the test decides, so that it
 * can die, fail or speak at the worst moment.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { AtelierError, toWireError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import type { Job } from '#contract/job.ts';
import { OpenProject } from '../project/project.ts';
import { fillWithFashion } from '../testing.ts';
import type { FromWorker, Input, Result, TaskEvent, TaskKind } from '../worker/protocol.ts';
import { Jobs } from './queue.ts';
import { type Spawner, WarmWorker } from './workers.ts';
import type { JobServices } from './job-services.ts';

export type Script = {
  [K in TaskKind]?: (
    input: Input<K>,
    tell: (event: TaskEvent<K>) => void,
    /** Rejects with CANCELLED when the task is cancelled. */
    cancelled: Promise<never>,
  ) => Promise<Result<K>>;
};

const scripted =
  (script: Script): Spawner =>
  () => {
    let listener: (message: FromWorker) => void = () => undefined;
    const cancels = new Map<number, () => void>();
    return {
      pid: undefined,
      send(message) {
        if (message.type === 'cancel') {
          cancels.get(message.id)?.();
          return;
        }
        const { id, kind, input } = message;
        const cancelled = new Promise<never>((_, reject) => {
          cancels.set(id, () => reject(new AtelierError('CANCELLED', 'Cancelled.')));
        });
        cancelled.catch(() => undefined);
        const task = script[kind] as unknown as (...given: unknown[]) => Promise<Result<TaskKind>>;
        task(input, (event: TaskEvent<TaskKind>) => listener({ type: 'event', id, event }), cancelled).then(
          (result) => listener({ type: 'result', id, result }),
          (thrown: unknown) => listener({ type: 'failed', id, error: toWireError(thrown) }),
        );
      },
      onMessage: (given) => void (listener = given),
      onExit: () => undefined,
      kill: () => undefined,
    };
  };

export interface TestServices extends JobServices {
  readonly open: OpenProject;
  readonly events: StudioEvent[];
  /** The job, when it has ended. */
  ended(job: Pick<Job, 'id'>): Promise<Job>;
  /** The run's training, when it has ended. */
  trained(runId: string): Promise<Job>;
  close(): Promise<void>;
}

/** A project with the small Fashion-MNIST in it. */
export async function openTestServices(script: Script): Promise<TestServices> {
  const temporary = mkdtempSync(join(tmpdir(), 'atelier-jobs-'));
  mkdirSync(join(temporary, 'uploads'));
  const open = await OpenProject.create(join(temporary, 'p.atelier'), undefined, 'test');
  await fillWithFashion(open.path);
  await open.followImport();
  const events: StudioEvent[] = [];
  const jobs = new Jobs((job) => events.push({ event: 'job.changed', job }));
  const spawner = scripted(script);
  const end = (pick: (job: Job) => boolean): Promise<Job> =>
    vi.waitUntil(
      () => {
        const job = jobs.list().filter(pick).pop();
        return job && job.state !== 'queued' && job.state !== 'running' && job;
      },
      { interval: 5, timeout: 120_000 },
    );
  return {
    version: '0.0.0-test',
    jobs,
    spawner,
    warm: new WarmWorker(spawner),
    temporary,
    open,
    events,
    emit: (event) => void events.push(event),
    project: () => open,
    ended: ({ id }) => end((job) => job.id === id),
    trained: (runId) => end((job) => job.kind === 'train' && job.runId === runId),
    async close() {
      await jobs.close(() => open.close());
      rmSync(temporary, { recursive: true, force: true });
    },
  };
}
