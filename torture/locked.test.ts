/** The quick form of `npm run torture -- locked`: labels while another program holds the lock, and shown to notice. */
import { expect, test } from 'vitest';
import { bundle } from '#engine/testing.ts';
import { tortureLocked } from './locked.ts';

test('while another program holds the lock, labels wait, the process does not, and nothing is lost', async () => {
  const command = [process.execPath, await bundle('torture/locking-process.ts')];
  const { losses, acknowledged, refused } = await tortureLocked({ trials: 30, seed: 1, command });
  expect([losses, acknowledged, refused]).toEqual([[], 27, 3]);
});

test('a process that waits within SQLite is noticed', async () => {
  const command = [process.execPath, await bundle('torture/locking-process.ts')];
  const { losses } = await tortureLocked({ trials: 3, seed: 1, command, sabotage: 'blocking' });
  expect(losses.join()).toContain('label 0 was refused, although the lock was let go of');
});
