import { describe, expect, it, vi } from 'vitest';
import type { Job } from '#contract/job.ts';
import { mayQuit, questionOf } from './leaving.ts';

const job = (kind: Job['kind'], title: string, state: Job['state'] = 'running') =>
  ({ kind, title, state }) as Job;

describe('before Electron quits', () => {
  it.each([
    ['nothing is under way', []],
    ['what trained has ended', [job('train', 'Train Quick 1', 'finished')]],
    ['only short work is', [job('import', 'Import a'), job('export', 'Export Quick 1')]],
  ])('nobody is asked where %s', async (_name, jobs) => {
    const ask = vi.fn();
    expect(await mayQuit(async () => jobs, ask)).toBe(true);
    expect(ask).not.toHaveBeenCalled();
  });

  it('the person decides where something trains, or waits to', async () => {
    const jobs = async () => [job('train', 'Train Quick 1'), job('study', 'Search', 'queued')];
    const ask = vi.fn().mockResolvedValueOnce('keep').mockResolvedValueOnce('leave');
    expect([await mayQuit(jobs, ask), await mayQuit(jobs, ask)]).toEqual([false, true]);
    expect(ask).toHaveBeenCalledWith({
      message: '“Quick 1” and 1 more are still training.',
      detail: 'To quit cancels it. Its steps so far are kept, and it can be resumed.',
      buttons: ['Keep Training', 'Cancel It and Quit'],
    });
  });

  it('the person decides where a busy studio does not tell in time', async () => {
    const ask = vi.fn().mockResolvedValueOnce('keep').mockResolvedValueOnce('leave');
    const jobs = async () => null;
    expect([await mayQuit(jobs, ask), await mayQuit(jobs, ask)]).toEqual([false, true]);
    expect(ask).toHaveBeenCalledWith(
      expect.objectContaining({ message: expect.stringContaining('does not answer') as string }),
    );
  });

  it('a studio that is gone keeps nobody', async () =>
    expect(await mayQuit(() => Promise.reject(new Error('gone')), vi.fn())).toBe(true));

  it('the same question stands before another project is opened', () =>
    expect(questionOf(['Quick 1'], 'leave')).toMatchObject({
      message: '“Quick 1” is still training.',
      buttons: ['Keep Training', 'Cancel It and Leave'],
    }));
});
