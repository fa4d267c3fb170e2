/** A replay trains on what was kept, tells any figure that is another, and leaves nothing but what it found. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodeSafetensors } from '#learning/files/safetensors.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { readSnapshot } from '../project/snapshot.ts';
import { readReplay, startReplay } from './replay.ts';
import type { Script } from './testing.ts';
import { epochAt, started, stopped, testRuns } from './testing-runs.ts';

const test = testRuns();

/** Trains for two epochs and keeps a tensor. */
const trainTo =
  (value: number, second = epochAt(2)): NonNullable<Script['train']> =>
  async ({ folder }, tell) => {
    tell(started);
    for (const epoch of [epochAt(1), second]) tell({ kind: 'epoch', epoch, best: true });
    const tensor = { dtype: 'F32' as const, shape: [1], data: Float32Array.of(value) };
    await writeDurably(join(folder, 'model.safetensors'), encodeSafetensors(new Map([['w', tensor]]), {}));
    return { ...stopped(2), stopped: 'finished' };
  };
async function replayed(id: string, script: NonNullable<Script['train']>) {
  test.script.train = script;
  await test.services.ended(startReplay(test.services, id));
  return readReplay(test.services.open.runs, id);
}

it('says that all is equal, and where it is not what differs first', async () => {
  test.script.train = trainTo(0.5);
  const id = await test.trained();
  expect(await readReplay(test.services.open.runs, id)).toBeNull();
  expect(await replayed(id, trainTo(0.5))).toMatchObject({
    ...{ runId: id, equal: true, epochs: 2, firstDifference: null, sameEngine: true },
    bestEpoch: { before: 2, after: 2 },
  });
  const other = { ...epochAt(2), validationLoss: epochAt(2).validationLoss + 1e-12 };
  expect(await replayed(id, trainTo(0.5, other))).toMatchObject({
    equal: false,
    firstDifference: { epoch: 2, key: 'validationLoss', after: other.validationLoss },
  });
  const weights = (await replayed(id, trainTo(0.25)))!;
  expect([weights.equal, weights.firstDifference]).toEqual([false, null]);
  expect(weights.weights.before).not.toBe(weights.weights.after);
});

it('trains on the images and labels of then, in a folder that is gone afterwards', async () => {
  test.script.train = trainTo(1);
  const id = await test.trained();
  const { open } = test.services;
  const before = await readSnapshot(open.runs.folderOf(id));
  await open.relabel([open.columns.ids[0]!], open.classes().at(-1)!.id);
  let seen: unknown;
  await replayed(id, async (input, ...rest) => {
    seen = await readSnapshot(input.folder);
    expect([input.resume, input.initial, input.threads]).toEqual([false, null, started.engine.threads]);
    return trainTo(1)(input, ...rest);
  });
  expect(seen).toEqual(before);
  expect(readdirSync(join(open.path, 'packs')).filter((name) => name.startsWith('replay'))).toEqual([]);
});

it('is refused of a run that did not train to its end', async () => {
  const id = await test.cancelledRun();
  expect(() => startReplay(test.services, id)).toThrow(
    /trained to its end; .* was cancelled. Resume it first/,
  );
});
