/** The quick form of `npm run torture -- studio`: trainings of the command line killed, and shown to notice. */
import { expect, test } from 'vitest';
import { buildWorker, bundle } from '#engine/testing.ts';
import { tortureStudio } from './studio.ts';

test('killed with studio and worker and resumed, a training ends with the same bytes and scores; a checkpoint that forgets is noticed', async () => {
  await buildWorker();
  const { trials, kills, equal, losses } = await tortureStudio({
    trials: 3,
    seed: 1,
    command: [process.execPath, await bundle('cli/index.ts')],
    scenarios: ['plateau'],
    sabotageFrom: 3,
  });
  expect([trials, equal]).toEqual([3, 2]);
  expect(kills).toBeGreaterThanOrEqual(3);
  expect(losses.map(({ trial, differences }) => [trial, differences[0]])).toEqual([[3, 'model.safetensors']]);
});
