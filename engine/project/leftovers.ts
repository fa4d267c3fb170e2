/**
 * What a project's folder need not keep: what a process that died left half-written, tensor packs beyond the last used, and
 * all that `create` made of a project that came to nothing. Originals and what people wrote are never among it.
 */
import { existsSync, lstatSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, rows } from './database.ts';
import { databaseName, folders } from './folder.ts';
import type { Lock } from './lock.ts';

/**
 * Takes away what `create` put into a folder that was new or empty, and no more than that.
 * @param lock the folder's; let go of when the files are gone, so that nothing is taken from who makes a project there next
 */
export function removeUnmade(folder: string, made: boolean, lock: Lock | undefined): void {
  const remove = (file: string) => {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(join(folder, file + end), { force: true });
  };
  try {
    remove(databaseName);
    // Windows removes no file that is open.
    if (process.platform === 'win32') lock?.release();
    remove('lock.sqlite');
    // Its note goes with it.
    lock?.release();
    for (const part of folders) if (existsSync(join(folder, part))) rmdirSync(join(folder, part));
    if (made) rmdirSync(folder);
  } catch {
    // What stays behind is no bar to the next attempt; the fault that led here is the one to tell now.
  } finally {
    lock?.release();
  }
}

/**
 * Whether a folder of a project is one itself. Through a link, which a project that came from somebody else may hold, nothing is
 * removed unasked: it may lead to another project, or to the person's own files.
 */
export const isOwnFolder = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** What imports, updates, probes and tensor packs are called until they are whole. */
const halfWritten = /^((import|update|probe|replay)-[0-9a-z]+(\.journal)?|tensor-[^.]*\.u8\.\d+)\.part$/;
const tensorPacksKept = 4;

/**
 * Half-written packs of a process that died, and what its probes worked on; of whole tensor packs, which can be made
 * again, all but the last used: a search over image sizes leaves one of each. Where nothing can be removed, it stays.
 */
export function removeLeftovers(packs: string): void {
  try {
    const used = (name: string) => statSync(join(packs, name)).mtimeMs;
    if (!isOwnFolder(packs)) return;
    const names = readdirSync(packs);
    const leftovers = names.filter((name) => halfWritten.test(name));
    const tensors = names.filter((name) => /^tensor-[^.]*\.u8$/.test(name));
    tensors.sort((a, b) => used(b) - used(a));
    for (const name of [...leftovers, ...tensors.slice(tensorPacksKept)])
      rmSync(join(packs, name), { recursive: true, force: true });
  } catch {
    // A read-only folder keeps what it has, and the next opening tries again.
  }
}

/** Uploads that an import which was killed had moved into the project: none of their images are in it. */
export function removeUnusedUploads(project: string, database: Database): void {
  const folder = join(project, 'uploads');
  if (!isOwnFolder(folder)) return;
  const used = new Set(rows<{ root: string }>(database, 'SELECT root FROM sources').map(({ root }) => root));
  for (const name of readdirSync(folder)) {
    if (/^[0-9a-f]{32}$/.test(name) && !used.has(join('uploads', name)))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}
