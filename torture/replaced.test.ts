/** The quick form of `npm run torture -- replaced`: files taken away under a project, and shown to notice. */
import { expect, test } from 'vitest';
import { tortureReplaced } from './replaced.ts';

test('after its folder, database or log was taken away or replaced, nothing is acknowledged and nothing is lost', async () => {
  const { trials, ways, losses, acknowledged } = await tortureReplaced({ trials: 14, seed: 1 });
  expect([trials, losses]).toEqual([14, []]);
  expect(Object.values(ways)).toEqual([2, 2, 2, 2, 2, 2, 2]);
  expect(acknowledged).toBeGreaterThan(10);
});

test('a project that does not look whether its file is there is noticed', async () => {
  const { losses } = await tortureReplaced({ trials: 7, seed: 1, sabotage: 'unchecked' });
  for (const way of [
    'folder removed',
    'folder moved',
    'folder replaced',
    'database removed',
    'database replaced',
  ])
    expect(losses.join('\n')).toContain(`(${way}): a label was acknowledged afterwards`);
});
