import { describe, expect, it, vi } from 'vitest';
import type { Job } from '#contract/job.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Interruption } from './command.ts';
import type { Output } from './output.ts';
import { untilToldToEnd } from './until-end.ts';

const training = { kind: 'train', title: 'Train Quick 1', state: 'running' } as Job;

function serve(jobs: Job[]) {
  const list = vi.fn(async () => jobs);
  const note = vi.fn();
  let press: Parameters<Interruption['onInterrupt']>[0] = () => undefined;
  const signal: Interruption = { onInterrupt: (handler) => ((press = handler), () => undefined) };
  let ended = false;
  void untilToldToEnd(
    { jobs: { list } } as unknown as StudioClient,
    { note } as unknown as Output,
    signal,
  ).then(() => (ended = true));
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    note,
    ended: async () => (await settled(), ended),
    press: (name: 'SIGINT' | 'SIGTERM' = 'SIGINT') => press(name),
  };
}

describe('Ctrl-C of a served studio', () => {
  it('ends it at once where nothing trains; the next one quits', async () => {
    const studio = serve([{ ...training, state: 'finished' }]);
    expect([studio.press(), await studio.ended()]).toEqual(['wait', true]);
    expect(studio.note).not.toHaveBeenCalled();
    expect(studio.press()).toBe('quit');
  });

  it('says what trains and goes on; the second ends it, the third quits', async () => {
    const studio = serve([training]);
    expect([studio.press(), await studio.ended()]).toEqual(['wait', false]);
    expect(studio.note).toHaveBeenCalledWith(
      '“Quick 1” is still training. Press Ctrl-C again to cancel it and end the studio; it can be resumed later. Until then everything goes on.',
    );
    expect([studio.press(), await studio.ended()]).toEqual(['wait', true]);
    expect(studio.press()).toBe('quit');
  });

  it('is not asked back for a SIGTERM, which no person presses', async () => {
    const studio = serve([training]);
    expect([studio.press('SIGTERM'), await studio.ended()]).toEqual(['wait', true]);
  });
});
