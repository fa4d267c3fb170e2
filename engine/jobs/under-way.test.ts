/** What the studio keeps of a run while its worker speaks, dies, or is overtaken: a scripted worker, a real project. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { epochOf } from '#contract/testing.ts';
import { evaluate } from '#recipe/metrics/scores.ts';
import { nothingPacedInAll } from '#learning/timing/paced.ts';
import { presets } from '#recipe/presets.ts';
import { readInt32, writeArray } from '../project/arrays.ts';
import { openBare } from '../project/database.ts';
import { readSnapshot } from '../project/snapshot.ts';
import { engine } from '../studies/testing.ts';
import type { Input, Result } from '../worker/protocol.ts';
import { startEvaluation } from './evaluate.ts';
import { startExport } from './export.ts';
import { openTestServices, type Script, type TestServices } from './testing.ts';
import { resumeTraining, startTraining, trainableClasses } from './train.ts';
import { carryOutTraining } from './carry-out-training.ts';
import { redraw } from '../project/testing-redraw.ts';

const epochAt = (epoch: number) => epochOf(epoch, { validationAccuracy: epoch / 10 });
const started = { kind: 'started', parameters: 7, steps: 10, engine } as const;
const stopped = (bestEpoch: number): Result<'train'> => ({
  bestEpoch,
  stopped: 'cancelled',
  imagesPerSecond: 1,
  paces: nothingPacedInAll,
});

const diskFull = () => new AtelierError('DISK_FULL', 'No space is left to write the project.');

const recipe = presets.quick.recipe;
/** Replaced by each test; the workers of the services ask here. */
let script: Script;
let services: TestServices;
const exported: Input<'export'>[] = [];

/** An evaluation that gives every class the same probability. */
const answerEvenly: NonNullable<Script['evaluate']> = async ({ labels, predictions }) => {
  const actual = await readInt32(labels);
  const even = new Float32Array(actual.length * 10).fill(0.1);
  await writeArray(predictions, even);
  return evaluate(even, actual, 10, 3);
};

beforeEach(async () => {
  exported.length = 0;
  script = {};
  services = await openTestServices({
    train: (...given) => script.train!(...given),
    evaluate: (...given) => (script.evaluate ?? answerEvenly)(...given),
    async export(input) {
      exported.push(input);
      const parity = {
        images: 1,
        largestDifference: 0,
        labelFlips: 0,
        tolerance: 1,
        passed: true,
        runtime: 'x',
      };
      return { format: 'bundle', bytes: 1, files: [], parity };
    },
  });
});
afterEach(() => services.close());

const runOf = (runId: string) => services.open.runs.get(runId);

/** A run that was cancelled after its first epoch. */
async function cancelledRun(): Promise<string> {
  script.train = async (_, tell) => {
    tell(started);
    tell({ kind: 'epoch', epoch: epochAt(1), best: true });
    return stopped(1);
  };
  const { id } = await startTraining(services, recipe, '');
  await services.trained(id);
  expect(runOf(id)).toMatchObject({ state: 'cancelled', bestEpoch: 1 });
  return id;
}

describe('a run', () => {
  it('whose epochs cannot be written stops its worker and fails with the reason', async () => {
    const database = openBare(join(services.open.path, 'project.sqlite'));
    database.exec(
      "CREATE TRIGGER full BEFORE INSERT ON epochs BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    );
    database.close();
    const rejections: unknown[] = [];
    const hear = (reason: unknown) => rejections.push(reason);
    process.on('unhandledRejection', hear);
    script.train = async (_, tell, cancelled) => {
      tell(started);
      tell({ kind: 'epoch', epoch: epochAt(1), best: true });
      tell({ kind: 'epoch', epoch: epochAt(2), best: true });
      return cancelled;
    };
    const { id } = await startTraining(services, recipe, '');
    expect(await services.trained(id)).toMatchObject({
      state: 'failed',
      error: { message: expect.stringContaining('the disk is full') as string },
    });
    expect(runOf(id)).toMatchObject({ state: 'failed', epochs: [], bestEpoch: null });
    // Node tells of a rejection that nobody heard once all that is due at once is done.
    await new Promise(setImmediate);
    process.off('unhandledRejection', hear);
    expect(rejections).toEqual([]);
  });

  it('that goes on takes over the epochs of its checkpoint, also one the studio never heard of', async () => {
    const id = await cancelledRun();
    script.train = async (_, tell) => {
      tell({ kind: 'resumed', epochs: [1, 2, 3].map(epochAt), bestEpoch: 3 });
      tell(started);
      return stopped(3);
    };
    await resumeTraining(services, id);
    await services.trained(id);
    expect(runOf(id)).toMatchObject({ bestEpoch: 3, validationAccuracy: 0.3 });
    expect(runOf(id).epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);

    script.train = async (_, tell) => {
      tell({ kind: 'resumed', epochs: [], bestEpoch: 0 });
      return stopped(0);
    };
    await resumeTraining(services, id);
    await services.trained(id);
    expect(runOf(id)).toMatchObject({ epochs: [], bestEpoch: null, validationAccuracy: null });
  });

  it('that goes on forgets what was said with its earlier weights', async () => {
    const id = await cancelledRun();
    await services.ended(startEvaluation(services, id, { split: 'test', tta: 'none' }));
    await services.ended(startExport(services, id, { format: 'bundle' }));
    const { runs } = services.open;
    expect([runs.evaluation(id, 'test')?.count, runs.exported(id)?.bytes]).toEqual([500, 1]);
    expect(runOf(id).testAccuracy).toBe(0.1);

    await resumeTraining(services, id);
    await services.trained(id);
    expect([runs.evaluation(id, 'test'), runs.exported(id), runOf(id).testAccuracy]).toEqual([
      null,
      null,
      null,
    ]);
    expect(readdirSync(runs.folderOf(id)).filter((name) => name.includes('-test.'))).toEqual([]);
  });

  it('is neither evaluated nor exported while it is under way', async () => {
    const id = await cancelledRun();
    script.train = (_, __, cancelled) => cancelled;
    await resumeTraining(services, id);
    expect(() => startEvaluation(services, id, { split: 'test', tta: 'none' })).toThrow(/still running/);
    expect(() => startExport(services, id, { format: 'bundle' })).toThrow(/still running/);
  });

  it('goes on once, however many ask at once', async () => {
    const id = await cancelledRun();
    const answers = await Promise.allSettled([1, 2].map(() => resumeTraining(services, id)));
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await services.trained(id);
    expect(services.jobs.list().filter(({ kind }) => kind === 'train').length).toBe(2);
  });

  it('tells once of a checkpoint that was passed over', async () => {
    const id = await cancelledRun();
    script.train = async (_, tell) => {
      tell({ kind: 'checkpoint-rejected', file: 'checkpoint-2.safetensors', reason: 'It is cut short.' });
      return stopped(1);
    };
    for (let time = 0; time < 2; time++) {
      await resumeTraining(services, id);
      await services.trained(id);
    }
    expect(runOf(id).notices).toEqual([
      'checkpoint-2.safetensors is damaged and was passed over. It is cut short.',
    ]);
  });

  it('says that it went on on another engine', async () => {
    const id = await cancelledRun();
    const from = { kind: 'tensorflow', version: '2.18.0', device: 'One', threads: 1 } as const;
    script.train = async (_, tell) => {
      tell({ kind: 'engine-changed', from, to: { ...from, kind: 'wasm', version: '4.22.0', threads: 2 } });
      return stopped(1);
    };
    await resumeTraining(services, id);
    await services.trained(id);
    expect(runOf(id).notices).toEqual([
      'It was begun on tensorflow 2.18.0 (One, 1 thread) and goes on on wasm 4.22.0 (One, 2 threads); its bytes may differ from an uninterrupted run.',
    ]);
  });

  it('says why it waits, and no longer when it goes on', async () => {
    const reason = new AtelierError('DISK_FULL', 'Full.').toWire();
    const seen: (string | null)[] = [];
    script.train = async (_, tell) => {
      tell(started);
      tell({ kind: 'paused', reason });
      tell({ kind: 'unpaused' });
      return stopped(0);
    };
    const { id } = await startTraining(services, recipe, '');
    await services.trained(id);
    for (const event of services.events)
      if (event.event === 'run.changed' && event.run.id === id) seen.push(event.run.paused?.code ?? null);
    expect(seen.filter((code, index) => code !== seen[index - 1])).toEqual([null, 'DISK_FULL', null]);
    expect(runOf(id).paused).toBeNull();
  });

  it('waits with its worker where the project finds no room, and loses no epoch', async () => {
    const { runs } = services.open;
    const addEpoch = runs.addEpoch.bind(runs);
    let tries = 0;
    runs.addEpoch = (...given) => (++tries === 1 ? Promise.reject(diskFull()) : addEpoch(...given));
    script.train = async (_, tell) => {
      tell(started);
      tell({ kind: 'epoch', epoch: epochAt(1), best: true });
      return stopped(1);
    };
    const { id } = await startTraining(services, recipe, '');
    await services.trained(id);
    expect(services.events).toContainEqual(
      expect.objectContaining({
        event: 'run.changed',
        run: expect.objectContaining({
          paused: expect.objectContaining({ code: 'DISK_FULL' }) as unknown,
        }) as unknown,
      }),
    );
    expect([tries, runOf(id)]).toMatchObject([2, { bestEpoch: 1, paused: null, error: null }]);
  });

  it('whose end finds no room is at rest all the same, and goes on when there is some', async () => {
    const { runs } = services.open;
    const update = runs.update.bind(runs);
    runs.update = (runId, change) =>
      change.state === undefined ? update(runId, change) : Promise.reject(diskFull());
    script.train = async (_, tell) => {
      tell(started);
      tell({ kind: 'epoch', epoch: epochAt(1), best: true });
      return stopped(1);
    };
    const { id } = await startTraining(services, recipe, '');
    await services.trained(id);
    const last = services.events.filter((event) => event.event === 'run.changed').pop();
    expect(last).toMatchObject({ run: { id, state: 'cancelled', progress: null, paused: null } });
    expect(runOf(id)).toMatchObject({ state: 'cancelled', error: null });

    runs.update = update;
    await resumeTraining(services, id);
    expect(runOf(id).state).not.toBe('cancelled');
    await services.trained(id);
    expect(runOf(id)).toMatchObject({ state: 'cancelled', bestEpoch: 1 });
  });

  it('waits with its evaluation where that finds no room', async () => {
    let tries = 0;
    script.train = async (_, tell) => {
      tell({ kind: 'epoch', epoch: epochAt(1), best: true });
      return { ...stopped(1), stopped: 'finished' };
    };
    script.evaluate = async (...given) => {
      if (++tries === 1) throw diskFull();
      return answerEvenly(...given);
    };
    const { id } = await startTraining(services, recipe, '');
    await services.trained(id);
    expect([tries, runOf(id)]).toMatchObject([3, { state: 'finished', error: null }]);
  });

  it('whose folder was lost before it began makes it again', async () => {
    const run = await services.open.runs.create(recipe, '', trainableClasses(services.open), 1);
    rmSync(services.open.runs.folderOf(run.id), { recursive: true });
    script.train = async (_, tell) => {
      tell({ kind: 'epoch', epoch: epochAt(1), best: true });
      return { ...stopped(1), stopped: 'finished' };
    };
    const context = { signal: new AbortController().signal, progress: () => undefined };
    await carryOutTraining(services, services.open, run, context);
    expect(runOf(run.id)).toMatchObject({ state: 'finished' });
  });

  it('that was cancelled on its way here is not trained', async () => {
    const run = await services.open.runs.create(recipe, '', trainableClasses(services.open), 1);
    script.train = () => Promise.reject(new Error('nobody asked'));
    const context = { signal: AbortSignal.abort(), progress: () => undefined };
    await expect(carryOutTraining(services, services.open, run, context)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(runOf(run.id)).toMatchObject({ state: 'cancelled' });
  });

  it('whose worker ran out of memory fails with a batch size to try, and can be resumed', async () => {
    script.train = async () => {
      throw new AtelierError('WORKER_DIED', 'Gone.', { outOfMemory: true });
    };
    const { id } = await startTraining(services, recipe, '');
    expect(await services.trained(id)).toMatchObject({ state: 'failed', error: { code: 'OUT_OF_MEMORY' } });
    const { batchSize } = recipe.training;
    const { suggestedBatchSize } = runOf(id).error!.details as { suggestedBatchSize: number };
    expect(suggestedBatchSize).toBeGreaterThan(0);
    expect(suggestedBatchSize).toBeLessThan(batchSize);

    script.train = async () => {
      throw new AtelierError('WORKER_DIED', 'Gone.', { outOfMemory: false });
    };
    await resumeTraining(services, id);
    expect(await services.trained(id)).toMatchObject({ error: { code: 'WORKER_DIED' } });
  });

  it('that is held is at rest, is not evaluated, and goes on in another worker', async () => {
    const asked: Input<'train'>[] = [];
    script.evaluate = () => Promise.reject(new Error('nobody asked'));
    script.train = async (input, tell) => {
      asked.push(input);
      tell({ kind: 'epoch', epoch: epochAt(input.holdAfter!), best: true });
      return { bestEpoch: input.holdAfter!, stopped: 'held', imagesPerSecond: 5, paces: nothingPacedInAll };
    };
    const run = await services.open.runs.create(recipe, 'held', trainableClasses(services.open), 1);
    const context = { signal: new AbortController().signal, progress: () => undefined };
    for (const holdAfter of [1, 2]) {
      const terms = { threads: 2, holdAfter };
      const result = await carryOutTraining(services, services.open, runOf(run.id), context, terms);
      expect(result.stopped).toBe('held');
      expect(runOf(run.id)).toMatchObject({ state: 'finished', bestEpoch: holdAfter });
    }
    expect(asked.map(({ threads, holdAfter, initial }) => [threads, holdAfter, initial])).toEqual([
      [2, 1, null],
      [2, 2, null],
    ]);
  });

  it('is evaluated on the parts that were asked for, and never on another', async () => {
    script.train = async (_, tell) => {
      tell({ kind: 'epoch', epoch: epochAt(1), best: true });
      return { ...stopped(1), stopped: 'finished' };
    };
    const context = { signal: new AbortController().signal, progress: () => undefined };
    const { runs } = services.open;
    for (const [evaluate, parts] of [
      [false, []],
      [true, ['validation', 'test']],
    ] as const) {
      const run = await runs.create(recipe, '', trainableClasses(services.open), 1);
      await carryOutTraining(services, services.open, run, context, { evaluate });
      const evaluated = (['train', 'validation', 'test'] as const).filter((split) =>
        runs.evaluation(run.id, split),
      );
      expect(evaluated).toEqual(parts);
    }
  });

  it('that waits is cancelled without being begun', async () => {
    script.train = vi.fn<NonNullable<Script['train']>>((_, __, cancelled) => cancelled);
    await startTraining(services, recipe, '');
    const waiting = await startTraining(services, recipe, '');
    services.jobs.cancelRun(waiting.id);
    expect(await services.trained(waiting.id)).toMatchObject({ state: 'cancelled', error: null });
    expect(runOf(waiting.id)).toMatchObject({
      state: 'cancelled',
      finishedAt: expect.any(String) as string,
    });
    expect(readdirSync(services.open.runs.folderOf(waiting.id))).toEqual([]);
  });

  it('that could not be asked for in time belongs to no other project', async () => {
    const asked = startTraining(services, recipe, '');
    const other = Object.create(services.open) as TestServices['open'];
    services.project = () => other;
    await expect(asked).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(services.jobs.list()).toEqual([]);
  });
});

describe('an evaluation', () => {
  it('that asks more than once stands beside the other, and leaves its answers alone', async () => {
    const id = await cancelledRun();
    const { runs } = services.open;
    await services.ended(startEvaluation(services, id, { split: 'test', tta: 'none' }));
    const folder = runs.folderOf(id);
    const files = () => readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]);
    const before = files();
    const first = runs.evaluation(id, 'test')!;
    await services.ended(startEvaluation(services, id, { split: 'test', tta: 'flip' }));
    expect(files()).toEqual(before);
    expect(runs.evaluation(id, 'test')).toEqual(first);
    expect(runs.evaluation(id, 'test', 'flip')).toMatchObject({ tta: 'flip', topK: { k: 3 } });
    expect(runs.evaluation(id, 'test', 'flip-shift')).toBeNull();
  });

  it('leaves nothing behind where it fails', async () => {
    const id = await cancelledRun();
    const folder = services.open.runs.folderOf(id);
    const before = readdirSync(folder);
    script.evaluate = async ({ predictions }) => {
      await writeArray(predictions, new Float32Array(1));
      throw new AtelierError('OUT_OF_MEMORY', 'Too much.');
    };
    expect(
      await services.ended(startEvaluation(services, id, { split: 'validation', tta: 'none' })),
    ).toMatchObject({
      state: 'failed',
    });
    expect(readdirSync(folder)).toEqual(before);
  });

  it('shares no files with another one of the same run and part', async () => {
    const id = await cancelledRun();
    const files: string[] = [];
    script.evaluate = async ({ rows, labels, predictions }) => {
      files.push(rows, labels, predictions);
      throw new AtelierError('OUT_OF_MEMORY', 'Too much.');
    };
    const jobs = [1, 2].map(() => startEvaluation(services, id, { split: 'test', tta: 'none' }));
    for (const job of jobs) await services.ended(job);
    expect(new Set(files).size).toBe(6);
  });
});

describe('an export', () => {
  it('counts the images that the run saw, not those of the project today', async () => {
    const id = await cancelledRun();
    const { train, validation } = (await readSnapshot(services.open.runs.folderOf(id)))!;
    await redraw(services.open, 0.5, 3);
    await services.ended(startExport(services, id, { format: 'bundle' }));
    expect(exported[0]!.meta.counts).toEqual({
      train: train.length,
      validation: validation.length,
      test: 500,
    });
    expect(services.open.summary().counts.train).not.toBe(train.length);
  });
});
