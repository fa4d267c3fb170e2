/** What happens to a training when its process is killed, is cancelled, or keeps the machine busy. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { followJob } from '#contract/follow.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { presets } from '#recipe/presets.ts';
import { buildWorker, openTestStudio, type TestStudio } from '../testing.ts';

const recipe = (epochs: number): Recipe => ({
  ...presets.quick.recipe,
  training: { ...presets.quick.recipe.training, epochs },
});

let test: TestStudio;
beforeAll(async () => {
  await buildWorker();
  test = await openTestStudio();
  await test.client.project.create({ path: join(test.folder, 'p') });
  await followJob(test.client, () =>
    test.client.sources.import({ source: { kind: 'named', name: 'fashion-mnist-small' } }),
  );
});
afterAll(() => test.close());

const ended = (runId: string, states: string[]) =>
  test.when(
    (event) =>
      event.event === 'run.changed' &&
      event.run.id === runId &&
      states.includes(event.run.state) &&
      event.run,
  );
const epochOf = (runId: string, epoch: number) =>
  test.when((event) => event.event === 'run.epoch' && event.runId === runId && event.epoch.epoch >= epoch);

/** Worker processes that this process has started. */
function workers(): number[] {
  const lines = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  return lines
    .split('\n')
    .filter((line) => line.includes('worker'))
    .map((line) => Number(line.trim().split(/\s+/)[0]));
}

/** Also while it is dead and nobody has heard of it. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a training', () => {
  it('that is killed fails, says so, leaves the project whole, and can be resumed', async () => {
    const { id: runId } = await test.client.runs.start({ recipe: recipe(4) });
    await epochOf(runId, 1);
    const [pid] = workers();
    process.kill(pid!, 'SIGKILL');
    const failed = await ended(runId, ['failed']);
    expect(failed.error).toMatchObject({
      code: 'WORKER_DIED',
      message: expect.stringMatching(
        /^The training process ended unexpectedly \(signal SIGKILL\).*project is intact; resume to go on\.$/,
      ) as string,
    });
    expect(failed.epochs.length).toBeGreaterThan(0);
    expect((await test.client.items.list({ filter: {}, offset: 0, limit: 1 })).total).toBe(2500);

    test.events.length = 0;
    await test.client.runs.resume({ runId });
    const resumed = await ended(runId, ['finished', 'failed']);
    expect(resumed).toMatchObject({ state: 'finished', error: null });
    expect(resumed.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    expect(resumed.epochs.slice(0, failed.epochs.length)).toEqual(failed.epochs);
    expect(resumed.testAccuracy).not.toBeNull();
    await expect(test.client.runs.resume({ runId })).rejects.toMatchObject({ data: { code: 'CONFLICT' } });
  });

  it('that is cancelled keeps its epochs; one that waits is cancelled at once', async () => {
    test.events.length = 0;
    const first = await test.client.runs.start({ recipe: recipe(50) });
    const second = await test.client.runs.start({ recipe: recipe(50) });
    await epochOf(first.id, 1);
    await test.client.runs.cancel({ runId: second.id });
    expect((await ended(second.id, ['cancelled'])).epochs).toEqual([]);
    await expect(test.client.runs.delete({ runId: first.id })).rejects.toMatchObject({
      data: { code: 'CONFLICT' },
    });
    await test.client.runs.cancel({ runId: first.id });
    const cancelled = await ended(first.id, ['cancelled', 'failed', 'finished']);
    expect(cancelled).toMatchObject({ state: 'cancelled', error: null });
    expect(cancelled.bestEpoch).toBeGreaterThan(0);
    await followJob(test.client, () => test.client.evaluations.start({ runId: first.id, split: 'test' }));
    expect(await test.client.evaluations.get({ runId: first.id, split: 'test' })).toMatchObject({
      count: 500,
    });
  });

  it('leaves the studio responsive: labels are given and images listed while it goes on', async () => {
    test.events.length = 0;
    const { id: runId } = await test.client.runs.start({ recipe: recipe(50) });
    await test.when((event) => event.event === 'run.progress' && event.runId === runId);
    const classIds = (await test.client.project.current())!.classes.map(({ id }) => id);
    for (let turn = 0; turn < 120; turn++) {
      if (turn % 4 === 3)
        await test.client.items.relabel({ itemIds: [1 + turn], classId: classIds[turn % 10]! });
      else {
        const filter = { classIds: [classIds[turn % 10]!], splits: ['train' as const] };
        await test.client.items.list({ filter, offset: turn, limit: 100 });
      }
    }
    expect((await test.client.runs.get({ runId })).state).toBe('running');
    await test.client.runs.cancel({ runId });
    await ended(runId, ['cancelled']);
  });

  it('and what people wait for outlive the death of the warm worker', async () => {
    const { preprocessing, augmentation } = recipe(1);
    const preview = () =>
      test.client.recipes.preview({ preprocessing, augmentation, itemIds: [1], variants: 1, seed: 1 });
    await preview();
    const killed = workers();
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    await vi.waitUntil(() => !killed.some(isThere), { timeout: 60_000 });
    expect((await preview()).before).toHaveLength(1);
  });
});
