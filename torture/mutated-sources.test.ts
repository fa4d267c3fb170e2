/** The quick form of `npm run torture -- mutated-sources`: some hundred of each kind, and shown to notice readers that trust. */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tortureMutatedSources } from './mutated-sources.ts';
import { sourceKinds } from './mutated-trials.ts';
import { believeHeader, unpackUnchecked } from './sabotage.ts';

test('mutated IDX files, tables and archives end in accounted images, skipped files or typed errors', async () => {
  const { losses, trials, read, skipped, refused, openFiles } = await tortureMutatedSources({
    trials: 400,
    seed: 1,
  });
  expect(losses).toEqual([]);
  expect([trials, openFiles]).toEqual([400 * sourceKinds.length, 0]);
  // All three endings were seen.
  expect(Math.min(read, skipped, refused)).toBeGreaterThan(20);
});

test.each([
  [
    'an IDX reader that believes headers',
    {
      idx: async (folder: string, pack: string) => {
        copyFileSync(join(folder, 'train-images-idx3-ubyte'), pack);
        return believeHeader(readFileSync(pack));
      },
    },
    'idx',
    /were told, \d+ bytes written|out of range/,
  ],
  [
    'a table reader that takes files from anywhere',
    {
      table: async () => ({
        images: [{ path: '/etc/passwd', name: 'passwd', className: 'a', part: 'pool' as const }],
        skipped: [],
      }),
    },
    'table',
    /a row led to \/etc\/passwd/,
  ],
  [
    'an unpacker that checks no checksum',
    { archive: unpackUnchecked },
    'archive',
    /holds what nobody packed/,
  ],
] as const)('%s is noticed', async (_, readers, kind, what) => {
  const { losses } = await tortureMutatedSources({ trials: 400, seed: 1, kinds: [kind], readers });
  expect(losses.map(({ what: each }) => each).join('\n')).toMatch(what);
});
