import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readElectron, versionsOf } from './e2e.mjs';

test('--electron is taken out of the arguments, wherever it stands', () => {
  expect(readElectron(['--grep', 'label'])).toEqual({ path: null, rest: ['--grep', 'label'] });
  expect(readElectron(['a', '--electron', 'x/electron', '--grep', 'b'])).toEqual({
    path: 'x/electron',
    rest: ['a', '--grep', 'b'],
  });
  expect(readElectron(['--electron=x', 'a'])).toEqual({ path: 'x', rest: ['a'] });
  for (const args of [['--electron'], ['--electron='], ['--electron', '--grep']])
    expect(() => readElectron(args)).toThrow(/Expected the path of an Electron binary after --electron/);
});

test('what is no Electron is refused with words', async () => {
  await expect(versionsOf('/nowhere/electron')).rejects.toThrow(/which is not there/);
  await expect(versionsOf(process.execPath)).rejects.toThrow(/which is no Electron/);
});

test.skipIf(process.platform === 'win32')('an Electron tells its versions', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-e2e-'));
  const binary = join(folder, 'electron');
  const versions = { electron: '45.0.0', chrome: '150', node: '24' };
  writeFileSync(binary, `#!/bin/sh\necho '${JSON.stringify(versions)}'\n`, { mode: 0o755 });
  expect(await versionsOf(binary)).toEqual(versions);
  rmSync(folder, { recursive: true });
});
