/** What the studio keeps of a run while its worker speaks, waits or dies: a scripted worker, a real project. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { openBare } from '../project/database.ts';
import type { Script, TestServices } from './testing.ts';
import {
  answerEvenly,
  diskFull,
  epochAt,
  oneEpoch,
  recipe,
  started,
  stopped,
  testRuns,
  toTheEnd,
} from './testing-runs.ts';
import { resumeTraining, startTraining } from './train.ts';

const test = testRuns();
const { carryOut, created, runOf, trained } = test;

describe('a run', () => {
  it('whose epochs cannot be written stops its worker and fails with the reason', async () => {
    const database = openBare(join(test.services.open.path, 'project.sqlite'));
    database.exec(
      "CREATE TRIGGER full BEFORE INSERT ON epochs BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    );
    database.close();
    const rejections: unknown[] = [];
    const hear = (reason: unknown) => rejections.push(reason);
    process.on('unhandledRejection', hear);
    test.script.train = async (_, tell, cancelled) => {
      tell(started);
      tell({ kind: 'epoch', epoch: epochAt(1), best: true });
      tell({ kind: 'epoch', epoch: epochAt(2), best: true });
      return cancelled;
    };
    const { id } = await startTraining(test.services, recipe, '');
    expect(await test.services.trained(id)).toMatchObject({
      state: 'failed',
      error: { message: expect.stringContaining('the disk is full') as string },
    });
    expect(runOf(id)).toMatchObject({ state: 'failed', epochs: [], bestEpoch: null });
    // Node tells of a rejection that nobody heard once all that is due at once is done.
    await new Promise(setImmediate);
    process.off('unhandledRejection', hear);
    expect(rejections).toEqual([]);
  });

  it('says why it waits, and no longer when it goes on', async () => {
    const reason = new AtelierError('DISK_FULL', 'Full.').toWire();
    const seen: (string | null)[] = [];
    test.script.train = async (_, tell) => {
      tell(started);
      tell({ kind: 'paused', reason });
      tell({ kind: 'unpaused' });
      return stopped(0);
    };
    const id = await trained();
    for (const event of test.services.events)
      if (event.event === 'run.changed' && event.run.id === id) seen.push(event.run.paused?.code ?? null);
    expect(seen.filter((code, index) => code !== seen[index - 1])).toEqual([null, 'DISK_FULL', null]);
    expect(runOf(id).paused).toBeNull();
  });

  it('waits with its worker where the project finds no room, and loses no epoch', async () => {
    const { runs } = test.services.open;
    const addEpoch = runs.addEpoch.bind(runs);
    let tries = 0;
    runs.addEpoch = (...given) => (++tries === 1 ? Promise.reject(diskFull()) : addEpoch(...given));
    test.script.train = oneEpoch;
    const id = await trained();
    expect(test.services.events).toContainEqual(
      expect.objectContaining({
        event: 'run.changed',
        run: expect.objectContaining({
          paused: expect.objectContaining({ code: 'DISK_FULL' }) as unknown,
        }) as unknown,
      }),
    );
    expect([tries, runOf(id)]).toMatchObject([2, { bestEpoch: 1, paused: null, error: null }]);
  });

  it('waits with its evaluation where that finds no room', async () => {
    let tries = 0;
    test.script.train = toTheEnd;
    test.script.evaluate = async (...given) => {
      if (++tries === 1) throw diskFull();
      return answerEvenly(...given);
    };
    const id = await trained();
    expect([tries, runOf(id)]).toMatchObject([3, { state: 'finished', error: null }]);
  });

  it('whose folder was lost before it began makes it again', async () => {
    const run = await created();
    rmSync(test.services.open.runs.folderOf(run.id), { recursive: true });
    test.script.train = toTheEnd;
    await carryOut(run);
    expect(runOf(run.id)).toMatchObject({ state: 'finished' });
  });

  it('that was cancelled on its way here is not trained', async () => {
    const run = await created();
    test.script.train = () => Promise.reject(new Error('nobody asked'));
    await expect(carryOut(run, {}, AbortSignal.abort())).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(runOf(run.id)).toMatchObject({ state: 'cancelled' });
  });

  it('whose worker ran out of memory fails with a batch size to try, and can be resumed', async () => {
    test.script.train = async () => {
      throw new AtelierError('WORKER_DIED', 'Gone.', { outOfMemory: true });
    };
    const { id } = await startTraining(test.services, recipe, '');
    expect(await test.services.trained(id)).toMatchObject({
      state: 'failed',
      error: { code: 'OUT_OF_MEMORY' },
    });
    const { batchSize } = recipe.training;
    const { suggestedBatchSize } = runOf(id).error!.details as { suggestedBatchSize: number };
    expect(suggestedBatchSize).toBeGreaterThan(0);
    expect(suggestedBatchSize).toBeLessThan(batchSize);

    test.script.train = async () => {
      throw new AtelierError('WORKER_DIED', 'Gone.', { outOfMemory: false });
    };
    await resumeTraining(test.services, id);
    expect(await test.services.trained(id)).toMatchObject({ error: { code: 'WORKER_DIED' } });
  });

  it('that waits is cancelled without being begun', async () => {
    test.script.train = vi.fn<NonNullable<Script['train']>>((_, __, cancelled) => cancelled);
    await startTraining(test.services, recipe, '');
    const waiting = await startTraining(test.services, recipe, '');
    test.services.jobs.cancelRun(waiting.id);
    expect(await test.services.trained(waiting.id)).toMatchObject({ state: 'cancelled', error: null });
    expect(runOf(waiting.id)).toMatchObject({
      state: 'cancelled',
      finishedAt: expect.any(String) as string,
    });
    expect(readdirSync(test.services.open.runs.folderOf(waiting.id))).toEqual([]);
  });

  it('that could not be asked for in time belongs to no other project', async () => {
    const asked = startTraining(test.services, recipe, '');
    const other = Object.create(test.services.open) as TestServices['open'];
    test.services.project = () => other;
    await expect(asked).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(test.services.jobs.list()).toEqual([]);
  });
});
