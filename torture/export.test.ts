/** The quick form of `npm run torture -- export`: killed at some times and system calls, and shown to notice. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '#engine/testing.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { tortureExport } from './export.ts';
import { whyNoStrace } from './strace.ts';

let engine: Engine;
let command: string[];
beforeAll(async () => {
  engine = await openEngine();
  command = [process.execPath, await bundle('torture/exporting-process.ts')];
});
afterAll(() => engine.close());

const reason = whyNoStrace();

test('a killed export leaves what was there or the new bundle, whole, and nothing to the next one', async () => {
  const { kills, late, struck, losses, ...left } = await tortureExport({
    trials: 4,
    seed: 1,
    command,
    ways: ['KILL'],
    strikes: 2,
  });
  expect(losses).toEqual([]);
  expect(kills + late).toBe(4);
  expect(left.nothing + left.old + left.new).toBeGreaterThanOrEqual(4);
  if (reason !== null && process.env['CI'] !== 'true') return;
  expect(struck).toMatchObject({ fsync: 2, rename: 1 });
  // Parts that are there at once are written by one call.
  expect(struck['write']).toBeGreaterThan(0);
  // Both sides of the moment that decides were seen.
  expect(left.new).toBeGreaterThan(0);
});

test.skipIf(reason !== null)('one that writes under the final name is noticed', async () => {
  const { losses } = await tortureExport({
    trials: 0,
    seed: 1,
    command,
    ways: ['KILL'],
    strikes: 3,
    sabotage: 'in-place',
  });
  expect(losses.join('\n')).toMatch(/bytes of neither bundle/);
});
