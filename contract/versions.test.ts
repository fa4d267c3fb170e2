import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { versionBranches } from './versions.ts';

const root = join(import.meta.dirname, '..');
const rooms = ['contract', 'learning', 'engine', 'cli', 'main', 'preload', 'renderer'];
/** What code that branches by version says or asks. */
const signs =
  /Electron 2\d|Electron 3\d|Node 1[68]|Chrome 1\d\d|versions\.(electron|chrome)|old Electron|typeof availableParallelism|webUtils\?|registerBufferProtocol/;

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sources(path);
    return /\.(ts|svelte|css)$/.test(entry.name) && !/\.test\.ts$/.test(entry.name) ? [path] : [];
  });
}

describe('the list of branches by version', () => {
  it.each(versionBranches.map(({ file, sign }) => [file, sign]))('%s still decides by %s', (file, sign) => {
    expect(readFileSync(join(root, file), 'utf8')).toContain(sign);
  });

  it('names every file that has one', () => {
    const listed = new Set(['contract/versions.ts', ...versionBranches.map(({ file }) => file)]);
    // Starts Electron's own binary as Node; the same in every version.
    const others = new Set(['engine/jobs/workers.ts']);
    const unlisted = [...rooms.flatMap(sources), 'electron.vite.config.ts'].filter(
      (file) => !listed.has(file) && !others.has(file) && signs.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(unlisted).toEqual([]);
  });
});
