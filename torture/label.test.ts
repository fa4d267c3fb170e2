/** The quick form of `npm run torture -- label`: labelling killed, and shown to notice. */
import { expect, test } from 'vitest';
import { bundle } from '#engine/testing.ts';
import { tortureLabels } from './label.ts';

test('killed at any moment, all acknowledged labels are there, and a step that was under way wholly or not at all', async () => {
  const command = [process.execPath, await bundle('torture/labelling-process.ts')];
  const { kills, acknowledged, losses } = await tortureLabels({ trials: 24, seed: 1, command });
  expect([kills, losses]).toEqual([24, []]);
  expect(acknowledged).toBeGreaterThan(24);
});

test('an acknowledgement before the commit is noticed', async () => {
  const command = [process.execPath, await bundle('torture/labelling-process.ts')];
  const { losses } = await tortureLabels({ trials: 12, seed: 1, command, sabotage: 'early' });
  expect(losses.length).toBeGreaterThan(0);
});
