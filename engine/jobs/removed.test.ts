/** Images that are removed while a run is at rest: said when it goes on, and no longer asked about. A scripted worker, a real project. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { nothingPacedInAll } from '#learning/timing/paced.ts';
import { presets } from '#recipe/presets.ts';
import { readSnapshot } from '../project/snapshot.ts';
import { openTestServices, type TestServices } from './testing.ts';
import { resumeTraining, startTraining } from './train.ts';

let services: TestServices;
afterEach(() => services.close());

const rowsOf = (path: string) => {
  const bytes = readFileSync(path);
  return [...new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))];
};

it('are told when the run goes on with them, and left out of its evaluation', async () => {
  let turn = 0;
  const asked: number[][] = [];
  services = await openTestServices({
    train: async () => {
      turn += 1;
      if (turn === 1) throw new AtelierError('CANCELLED', 'Cancelled.');
      return { bestEpoch: 1, stopped: 'finished', imagesPerSecond: 1, paces: nothingPacedInAll };
    },
    evaluate: async ({ rows }) => {
      asked.push(rowsOf(rows));
      throw new AtelierError('ENGINE_FAILED', 'Enough was seen.');
    },
  });
  const { open } = services;
  const { id } = await startTraining(services, presets.seed.recipe, '');
  await services.trained(id);
  const before = (await readSnapshot(open.runs.folderOf(id)))!;
  const removed = [before.train[0]!, before.validation[0]!, before.validation[1]!];
  await open.removeItems(removed.map((row) => open.columns.ids[row]!));

  await resumeTraining(services, id);
  await services.trained(id);
  expect(open.runs.get(id).notices).toEqual([
    expect.stringContaining('3 of them were removed from the project since') as string,
  ]);
  // It trains on what it began with.
  expect(await readSnapshot(open.runs.folderOf(id))).toEqual(before);
  expect(asked).toEqual([[...before.validation].filter((row) => !removed.includes(row))]);

  const { id: next } = await startTraining(services, presets.seed.recipe, '');
  await services.trained(next);
  const after = (await readSnapshot(open.runs.folderOf(next)))!;
  expect([after.train.length, after.validation.length]).toEqual([
    before.train.length - 1,
    before.validation.length - 2,
  ]);
  expect(open.runs.get(next).notices).toEqual([]);
});
