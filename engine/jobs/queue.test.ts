import { describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import { Jobs } from './queue.ts';

const setUp = () => {
  const changes: Job[] = [];
  const jobs = new Jobs((job) => changes.push(job));
  const start = (title: string, lane: 'training' | 'short', work: Parameters<Jobs['start']>[2]) =>
    jobs.start({ kind: 'train', title, runId: `run-${title}` }, lane, work);
  const state = (job: Job) => jobs.list().find(({ id }) => id === job.id)!.state;
  return { changes, jobs, start, state };
};
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('jobs', () => {
  it('run one after another in a lane, beside the other lane', async () => {
    const { start, state } = setUp();
    const ends: (() => void)[] = [];
    const work = () => new Promise<void>((resolve) => ends.push(resolve));
    const [first, second, short] = [
      start('1', 'training', work),
      start('2', 'training', work),
      start('3', 'short', work),
    ];
    await turn();
    expect([state(first), state(second), state(short)]).toEqual(['running', 'queued', 'running']);
    ends[0]!();
    await turn();
    expect([state(first), state(second)]).toEqual(['finished', 'running']);
  });

  it('tell of their end, and of the error behind it; the lane goes on', async () => {
    const { changes, start, state } = setUp();
    start('1', 'short', () => Promise.reject(new AtelierError('DISK_FULL', 'Full.')));
    const next = start('2', 'short', async () => undefined);
    await turn();
    expect(changes.filter(({ state }) => state === 'failed')).toMatchObject([
      { title: '1', error: { code: 'DISK_FULL', message: 'Full.' } },
    ]);
    expect(state(next)).toBe('finished');
  });

  it('are cancelled while they wait and while they run', async () => {
    const { jobs, start, state } = setUp();
    const work: Parameters<Jobs['start']>[2] = ({ signal }) =>
      new Promise((_, reject) => {
        const stop = () => reject(new AtelierError('CANCELLED', 'Cancelled.'));
        if (signal.aborted) stop();
        signal.addEventListener('abort', stop);
      });
    const [running, waiting] = [start('1', 'training', work), start('2', 'training', work)];
    jobs.cancelRun('run-2');
    await turn();
    expect([state(running), state(waiting)]).toEqual(['running', 'cancelled']);
    await jobs.close(async () => undefined);
    expect(state(running)).toBe('cancelled');
    expect(jobs.hasOpen('run-1')).toBe(false);
    expect(() => jobs.cancel('job-none')).toThrow(/job-none/);
  });

  it('that are cancelled while they wait are abandoned, not begun', async () => {
    const { jobs, start } = setUp();
    start('1', 'short', () => new Promise<void>(() => undefined));
    const calls: string[] = [];
    const work = async () => void calls.push('work');
    const abandon = async () => void calls.push('abandon');
    const { id } = jobs.start({ kind: 'evaluate', title: '2', runId: null }, 'short', work, abandon);
    jobs.cancel(id);
    await turn();
    expect(calls).toEqual(['abandon']);
  });

  it('do not start while the project is being closed', async () => {
    const { jobs, start, state } = setUp();
    const running = start(
      '1',
      'short',
      ({ signal }) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
    );
    let closed = () => {};
    const closing = jobs.close(() => new Promise<void>((resolve) => (closed = resolve)));
    expect(() => start('2', 'training', async () => undefined)).toThrow(/being closed/);
    await turn();
    expect(state(running)).toBe('finished');
    expect(() => start('2', 'training', async () => undefined)).toThrow(/being closed/);
    closed();
    await closing;
    const next = start('2', 'training', async () => undefined);
    await turn();
    expect(state(next)).toBe('finished');
  });
});
