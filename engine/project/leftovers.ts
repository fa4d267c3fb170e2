/** What processes that died left in a project's folder, and what `create` put there where it could not go on. */
import { readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { databaseName, folders } from './folder.ts';

/** What `create` put into a folder that was new or empty, and no more than that. */
export function removeUnmade(folder: string, made: boolean): void {
  try {
    for (const file of [databaseName, 'lock.sqlite']) {
      for (const end of ['', '-wal', '-shm', '-journal']) rmSync(join(folder, file + end), { force: true });
    }
    for (const part of folders) rmdirSync(join(folder, part));
    if (made) rmdirSync(folder);
  } catch {
    // What stays behind is told by the next attempt; the fault that led here is the one to tell now.
  }
}

const tensorPacksKept = 4;

/**
 * Half-written packs of a process that died, and what its probes worked on; of whole tensor packs, which can be made
 * again, all but the last used: a search over image sizes leaves one of each. Where nothing can be removed, it stays.
 */
export function removeLeftovers(packs: string): void {
  try {
    const used = (name: string) => statSync(join(packs, name)).mtimeMs;
    const names = readdirSync(packs);
    const leftovers = names.filter((name) => name.endsWith('.part'));
    const tensors = names.filter((name) => /^tensor-[^.]*\.u8$/.test(name));
    tensors.sort((a, b) => used(b) - used(a));
    for (const name of [...leftovers, ...tensors.slice(tensorPacksKept)])
      rmSync(join(packs, name), { recursive: true, force: true });
  } catch {
    // A read-only folder keeps what it has, and the next opening tries again.
  }
}
