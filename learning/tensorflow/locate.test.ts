/** Where libtensorflow is looked for, on fake folders of every platform. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cacheFolder, libraryFiles, searchTensorFlow, sortCopies } from './locate.ts';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'locate-'))));
afterEach(() => rmSync(root, { recursive: true }));

function place(folder: string, platform: NodeJS.Platform, variant = 0): string {
  mkdirSync(folder, { recursive: true });
  const { cc, framework } = libraryFiles[platform]![variant]!;
  for (const name of [cc, framework]) if (name) writeFileSync(join(folder, name), '');
  return folder;
}
const environment = (more: NodeJS.ProcessEnv = {}) => ({
  ATELIER_CACHE: join(root, 'cache'),
  PATH: '',
  ...more,
});

describe.each(['linux', 'darwin', 'win32'] as const)('on %s', (platform) => {
  test('the named folder wins over the cache, the cache is found without it', () => {
    const named = place(join(root, 'mine'), platform);
    const cached = place(join(root, 'cache', 'tensorflow', '2.21.0-cpu'), platform);
    const search = (more: NodeJS.ProcessEnv) =>
      searchTensorFlow({ platform, environment: environment(more) }).located;
    expect(search({ ATELIER_TENSORFLOW: named })).toMatchObject({ folder: named, found: 'environment' });
    expect(search({})).toMatchObject({ folder: cached, found: 'cache', files: libraryFiles[platform]![0] });
  });
});

test('the layout of the official C archive (lib/libtensorflow.so.2) is taken too', () => {
  const folder = place(join(root, 'archive', 'lib'), 'linux', 1);
  const { located } = searchTensorFlow({
    platform: 'linux',
    environment: environment({ ATELIER_TENSORFLOW: join(root, 'archive') }),
  });
  expect(located).toEqual({ folder, files: libraryFiles.linux![1], found: 'environment' });
});

test('a named folder without the library is told, not silently passed over for the cache', () => {
  place(join(root, 'cache', 'tensorflow', '2.21.0-cpu'), 'linux');
  const { located, looked } = searchTensorFlow({
    platform: 'linux',
    environment: environment({ ATELIER_TENSORFLOW: join(root, 'typo') }),
  });
  expect(located).toBeNull();
  expect(looked[0]).toEqual({
    place: join(root, 'typo'),
    outcome: 'no libtensorflow_cc.so.2 or libtensorflow.so.2 here',
  });
});

test('half a copy is no copy', () => {
  const folder = join(root, 'cache', 'tensorflow', '2.21.0-cpu');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'libtensorflow_cc.so.2'), '');
  expect(searchTensorFlow({ platform: 'linux', environment: environment() }).located).toBeNull();
});

test('copies in the cache: the flavour that fits the machine, then the newest', () => {
  const names = ['2.9.1-cpu', '2.21.0-cpu', '2.21.0-cuda', '2.20.0-cuda'];
  expect(sortCopies(names, true)[0]).toBe('2.21.0-cuda');
  expect(sortCopies(names, false).slice(0, 2)).toEqual(['2.21.0-cpu', '2.9.1-cpu']);
});

test.skipIf(process.platform === 'win32')('a Python with tensorflow is asked where it lies', () => {
  const folder = place(join(root, 'site-packages', 'tensorflow'), 'linux');
  const python = join(root, 'python3');
  writeFileSync(python, `#!/bin/sh\necho ${folder}\n`);
  chmodSync(python, 0o755);
  const { located } = searchTensorFlow({ platform: 'linux', environment: environment({ PATH: root }) });
  expect(located).toMatchObject({ folder, found: 'python' });
});

test('a system that TensorFlow does not serve is named', () => {
  expect(searchTensorFlow({ platform: 'freebsd', environment: environment() })).toEqual({
    located: null,
    looked: [{ place: 'freebsd', outcome: 'TensorFlow has no library for this system' }],
  });
});

test('the cache follows the customs of each system', () => {
  const of = (platform: NodeJS.Platform, environment: NodeJS.ProcessEnv) =>
    cacheFolder({ platform, environment });
  expect(of('linux', { HOME: '/home/ada' })).toBe('/home/ada/.cache/atelier');
  expect(of('linux', { HOME: '/home/ada', XDG_CACHE_HOME: '/x' })).toBe('/x/atelier');
  expect(of('darwin', { HOME: '/Users/ada' })).toBe('/Users/ada/Library/Caches/atelier');
});
