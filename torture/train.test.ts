/** The quick form of `npm run torture -- train`: a handful of kills, and shown to notice a checkpoint that forgets. */
import { beforeAll, expect, test } from 'vitest';
import { bundle } from '#engine/testing.ts';
import { tortureTraining } from './train.ts';

let command: string[];
beforeAll(async () => {
  command = [process.execPath, await bundle('torture/training-process.ts')];
});

test('killed at random times and gone on with, every byte is that of a training that was not', async () => {
  const { trials, kills, equal, losses } = await tortureTraining({ trials: 4, seed: 3, command });
  expect(losses).toEqual([]);
  expect([trials, equal]).toEqual([4, 4]);
  expect(kills).toBeGreaterThanOrEqual(4);
});

test('checkpoints that forget what the optimizer remembers are noticed', async () => {
  const { equal, losses } = await tortureTraining({
    trials: 2,
    seed: 3,
    command,
    sabotage: 'optimizerState',
  });
  expect(equal).toBe(0);
  for (const { differences } of losses) expect(differences).toContain('model.safetensors');
});
