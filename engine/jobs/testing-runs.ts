/** For tests only: runs on a real project, made anew for each test, with a worker that does what the test has it do. */
import { afterEach, beforeEach, expect } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { Run } from '#contract/run.ts';
import { epochOf } from '#contract/testing.ts';
import { nothingPacedInAll } from '#learning/timing/paced.ts';
import { evaluate } from '#recipe/metrics/scores.ts';
import { presets } from '#recipe/presets.ts';
import { readInt32, writeArray } from '../project/arrays.ts';
import { engine } from '../studies/testing.ts';
import type { Input, Result } from '../worker/protocol.ts';
import { carryOutTraining } from './carry-out-training.ts';
import { openTestServices, type Script, type TestServices } from './testing.ts';
import { resumeTraining, startTraining, trainableClasses } from './train.ts';

export const { recipe } = presets.quick;
export const epochAt = (epoch: number) => epochOf(epoch, { validationAccuracy: epoch / 10 });
export const started = { kind: 'started', parameters: 7, steps: 10, engine } as const;
export const stopped = (bestEpoch: number): Result<'train'> => ({
  bestEpoch,
  stopped: 'cancelled',
  imagesPerSecond: 1,
  paces: nothingPacedInAll,
});
export const diskFull = () => new AtelierError('DISK_FULL', 'No space is left to write the project.');

type Train = NonNullable<Script['train']>;
/** Is cancelled after its first epoch. */
export const oneEpoch: Train = async (_, tell) => {
  tell(started);
  tell({ kind: 'epoch', epoch: epochAt(1), best: true });
  return stopped(1);
};
export const toTheEnd: Train = async (_, tell) => {
  tell({ kind: 'epoch', epoch: epochAt(1), best: true });
  return { ...stopped(1), stopped: 'finished' };
};

/** An evaluation that gives every class the same probability. */
export const answerEvenly: NonNullable<Script['evaluate']> = async ({ labels, predictions }) => {
  const actual = await readInt32(labels);
  const even = new Float32Array(actual.length * 10).fill(0.1);
  await writeArray(predictions, even);
  return evaluate(even, actual, 10, 3);
};

export function testRuns() {
  const test = {} as {
    services: TestServices;
    /** Replaced by each test; the workers of the services ask here. */
    script: Script;
    /** What exports were asked for. */
    exported: Input<'export'>[];
  };
  beforeEach(async () => {
    test.exported = [];
    test.script = {};
    test.services = await openTestServices({
      train: (...given) => test.script.train!(...given),
      evaluate: (...given) => (test.script.evaluate ?? answerEvenly)(...given),
      async export(input) {
        test.exported.push(input);
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
  afterEach(() => test.services.close());

  const runOf = (runId: string) => test.services.open.runs.get(runId);
  const created = () => test.services.open.runs.create(recipe, '', trainableClasses(test.services.open), 1);
  const carryOut = (
    run: Run,
    terms?: Parameters<typeof carryOutTraining>[4],
    signal = new AbortController().signal,
  ) => carryOutTraining(test.services, test.services.open, run, { signal, progress: () => undefined }, terms);
  /** @returns a run whose training has ended, as the script has it */
  async function trained(): Promise<string> {
    const { id } = await startTraining(test.services, recipe, '');
    await test.services.trained(id);
    return id;
  }
  async function resumed(id: string): Promise<void> {
    await resumeTraining(test.services, id);
    await test.services.trained(id);
  }
  /** A run that was cancelled after its first epoch. */
  async function cancelledRun(): Promise<string> {
    test.script.train = oneEpoch;
    const id = await trained();
    expect(runOf(id)).toMatchObject({ state: 'cancelled', bestEpoch: 1 });
    return id;
  }
  return Object.assign(test, { runOf, created, carryOut, trained, resumed, cancelledRun });
}
