/** What is evaluated and exported of a run: of which weights and images, and what is left where that fails. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { writeArray } from '../project/arrays.ts';
import { readSnapshot } from '../project/snapshot.ts';
import { startEvaluation } from './evaluate.ts';
import { startExport } from './export.ts';
import { testRuns, toTheEnd } from './testing-runs.ts';
import { resumeTraining } from './train.ts';
import { redraw } from '../project/testing-redraw.ts';

const test = testRuns();
const { cancelledRun, carryOut, created, resumed, runOf } = test;

describe('a run', () => {
  it('that goes on forgets what was said with its earlier weights', async () => {
    const id = await cancelledRun();
    await test.services.ended(startEvaluation(test.services, id, { split: 'test', tta: 'none' }));
    await test.services.ended(startExport(test.services, id, { format: 'bundle' }));
    const { runs } = test.services.open;
    expect([runs.evaluation(id, 'test')?.count, runs.exported(id)?.bytes]).toEqual([500, 1]);
    expect(runOf(id).testAccuracy).toBe(0.1);

    await resumed(id);
    expect([runs.evaluation(id, 'test'), runs.exported(id), runOf(id).testAccuracy]).toEqual([
      null,
      null,
      null,
    ]);
    expect(readdirSync(runs.folderOf(id)).filter((name) => name.includes('-test.'))).toEqual([]);
  });

  it('is neither evaluated nor exported while it is under way', async () => {
    const id = await cancelledRun();
    test.script.train = (_, __, cancelled) => cancelled;
    await resumeTraining(test.services, id);
    expect(() => startEvaluation(test.services, id, { split: 'test', tta: 'none' })).toThrow(/still running/);
    expect(() => startExport(test.services, id, { format: 'bundle' })).toThrow(/still running/);
  });

  it('is evaluated on the parts that were asked for, and never on another', async () => {
    test.script.train = toTheEnd;
    const { runs } = test.services.open;
    for (const [evaluate, parts] of [
      [[], []],
      [['validation'], ['validation']],
      [undefined, ['validation', 'test']],
    ] as const) {
      const run = await created();
      await carryOut(run, evaluate && { evaluate });
      const evaluated = (['train', 'validation', 'test'] as const).filter((split) =>
        runs.evaluation(run.id, split),
      );
      expect(evaluated).toEqual(parts);
    }
  });
});

describe('an evaluation', () => {
  it('that asks more than once stands beside the other, and leaves its answers alone', async () => {
    const id = await cancelledRun();
    const { runs } = test.services.open;
    await test.services.ended(startEvaluation(test.services, id, { split: 'test', tta: 'none' }));
    const folder = runs.folderOf(id);
    const files = () => readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]);
    const before = files();
    const first = runs.evaluation(id, 'test')!;
    await test.services.ended(startEvaluation(test.services, id, { split: 'test', tta: 'flip' }));
    expect(files()).toEqual(before);
    expect(runs.evaluation(id, 'test')).toEqual(first);
    expect(runs.evaluation(id, 'test', 'flip')).toMatchObject({ tta: 'flip', topK: { k: 3 } });
    expect(runs.evaluation(id, 'test', 'flip-shift')).toBeNull();
  });

  it('leaves nothing behind where it fails', async () => {
    const id = await cancelledRun();
    const folder = test.services.open.runs.folderOf(id);
    const before = readdirSync(folder);
    test.script.evaluate = async ({ predictions }) => {
      await writeArray(predictions, new Float32Array(1));
      throw new AtelierError('OUT_OF_MEMORY', 'Too much.');
    };
    expect(
      await test.services.ended(startEvaluation(test.services, id, { split: 'validation', tta: 'none' })),
    ).toMatchObject({
      state: 'failed',
    });
    expect(readdirSync(folder)).toEqual(before);
  });

  it('shares no files with another one of the same run and part', async () => {
    const id = await cancelledRun();
    const files: string[] = [];
    test.script.evaluate = async ({ rows, labels, predictions }) => {
      files.push(rows, labels, predictions);
      throw new AtelierError('OUT_OF_MEMORY', 'Too much.');
    };
    const jobs = [1, 2].map(() => startEvaluation(test.services, id, { split: 'test', tta: 'none' }));
    for (const job of jobs) await test.services.ended(job);
    expect(new Set(files).size).toBe(6);
  });
});

describe('an export', () => {
  it('counts the images that the run saw, not those of the project today', async () => {
    const id = await cancelledRun();
    const { train, validation } = (await readSnapshot(test.services.open.runs.folderOf(id)))!;
    await redraw(test.services.open, 0.5, 3);
    await test.services.ended(startExport(test.services, id, { format: 'bundle' }));
    expect(test.exported[0]!.meta.counts).toEqual({
      train: train.length,
      validation: validation.length,
      test: 500,
    });
    expect(test.services.open.summary().counts.train).not.toBe(train.length);
  });
});
