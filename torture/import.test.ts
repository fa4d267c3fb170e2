/** The quick form of `npm run torture -- import`: a few studios killed while they import, and shown to notice. */
import { beforeAll, expect, test } from 'vitest';
import { buildWorker, bundle } from '#engine/testing.ts';
import { tortureImport } from './import.ts';

let command: string[];
beforeAll(async () => {
  await buildWorker();
  command = [process.execPath, await bundle('cli/index.ts')];
});

test('where its studio is killed, an import leaves none of the images or all of them, on the disk as in memory', async () => {
  const { trials, none, all, losses } = await tortureImport({ trials: 3, seed: 2, command, images: 4000 });
  expect(losses).toEqual([]);
  expect([trials, none + all]).toEqual([3, 3]);
});

test('a worker whose rows count one by one, and that goes on alone, is noticed', async () => {
  const sabotage = {
    ATELIER_WHOLE_WORKER: process.env['ATELIER_WORKER'],
    ATELIER_WORKER: await bundle('torture/spoilt-worker.ts'),
  };
  const { losses } = await tortureImport({ trials: 3, seed: 2, command, images: 4000, sabotage });
  expect(losses.length).toBeGreaterThan(0);
});
