/** A run that goes on in another worker: with which epochs, in what words, and once only. */
import { describe, expect, it } from 'vitest';
import { nothingPacedInAll } from '#learning/timing/paced.ts';
import type { Input } from '../worker/protocol.ts';
import { diskFull, epochAt, oneEpoch, started, stopped, testRuns } from './testing-runs.ts';
import { resumeTraining } from './train.ts';

const test = testRuns();
const { cancelledRun, carryOut, created, resumed, runOf, trained } = test;

describe('a run', () => {
  it('that goes on takes over the epochs of its checkpoint, also one the studio never heard of', async () => {
    const id = await cancelledRun();
    test.script.train = async (_, tell) => {
      tell({ kind: 'resumed', epochs: [1, 2, 3].map(epochAt), bestEpoch: 3 });
      tell(started);
      return stopped(3);
    };
    await resumed(id);
    expect(runOf(id)).toMatchObject({ bestEpoch: 3, validationAccuracy: 0.3 });
    expect(runOf(id).epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);

    test.script.train = async (_, tell) => {
      tell({ kind: 'resumed', epochs: [], bestEpoch: 0 });
      return stopped(0);
    };
    await resumed(id);
    expect(runOf(id)).toMatchObject({ epochs: [], bestEpoch: null, validationAccuracy: null });
  });

  it('goes on once, however many ask at once', async () => {
    const id = await cancelledRun();
    const answers = await Promise.allSettled([1, 2].map(() => resumeTraining(test.services, id)));
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await test.services.trained(id);
    expect(test.services.jobs.list().filter(({ kind }) => kind === 'train').length).toBe(2);
  });

  it('tells once of a checkpoint that was passed over', async () => {
    const id = await cancelledRun();
    test.script.train = async (_, tell) => {
      tell({ kind: 'checkpoint-rejected', file: 'checkpoint-2.safetensors', reason: 'It is cut short.' });
      return stopped(1);
    };
    for (let time = 0; time < 2; time++) {
      await resumed(id);
    }
    expect(runOf(id).notices).toEqual([
      'checkpoint-2.safetensors is damaged and was passed over. It is cut short.',
    ]);
  });

  it('says that it went on on another engine', async () => {
    const id = await cancelledRun();
    const from = { kind: 'tensorflow', version: '2.18.0', device: 'One', threads: 1 } as const;
    test.script.train = async (_, tell) => {
      tell({ kind: 'engine-changed', from, to: { ...from, kind: 'wasm', version: '4.22.0', threads: 2 } });
      return stopped(1);
    };
    await resumed(id);
    expect(runOf(id).notices).toEqual([
      'It was begun on tensorflow 2.18.0 (One, 1 thread) and goes on on wasm 4.22.0 (One, 2 threads); its bytes may differ from an uninterrupted run.',
    ]);
  });

  it('whose end finds no room is at rest all the same, and goes on when there is some', async () => {
    const { runs } = test.services.open;
    const update = runs.update.bind(runs);
    runs.update = (runId, change) =>
      change.state === undefined ? update(runId, change) : Promise.reject(diskFull());
    test.script.train = oneEpoch;
    const id = await trained();
    const last = test.services.events.filter((event) => event.event === 'run.changed').pop();
    expect(last).toMatchObject({ run: { id, state: 'cancelled', progress: null, paused: null } });
    expect(runOf(id)).toMatchObject({ state: 'cancelled', error: null });

    runs.update = update;
    await resumeTraining(test.services, id);
    expect(runOf(id).state).not.toBe('cancelled');
    await test.services.trained(id);
    expect(runOf(id)).toMatchObject({ state: 'cancelled', bestEpoch: 1 });
  });

  it('that is held is at rest, is not evaluated, and goes on in another worker', async () => {
    const asked: Input<'train'>[] = [];
    test.script.evaluate = () => Promise.reject(new Error('nobody asked'));
    test.script.train = async (input, tell) => {
      asked.push(input);
      tell({ kind: 'epoch', epoch: epochAt(input.holdAfter!), best: true });
      return { bestEpoch: input.holdAfter!, stopped: 'held', imagesPerSecond: 5, paces: nothingPacedInAll };
    };
    const run = await created();
    for (const holdAfter of [1, 2]) {
      const terms = { threads: 2, holdAfter };
      const result = await carryOut(runOf(run.id), terms);
      expect(result.stopped).toBe('held');
      expect(runOf(run.id)).toMatchObject({ state: 'finished', bestEpoch: holdAfter });
    }
    expect(asked.map(({ threads, holdAfter, initial }) => [threads, holdAfter, initial])).toEqual([
      [2, 1, null],
      [2, 2, null],
    ]);
  });
});
