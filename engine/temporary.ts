/**
 * A studio's folder for passing files: uploads, previews. Emptied when it closes; what a killed studio left is removed by
 * the next one. Whether the owner lives is asked of a lock that the system lets go of when the process dies, however it dies.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openBare } from './project/database.ts';

/** What mkdtemp makes of the prefix; folders of other programs are never looked into. */
const pattern = /^atelier-[A-Za-z0-9]{6}$/;
const lockName = 'owner.sqlite';

interface Temporary {
  readonly path: string;
  /** Settled when what killed studios left is gone. */
  readonly swept: Promise<void>;
  remove(): void;
}

/** @param parent where such folders lie */
export function makeTemporary(parent = tmpdir()): Temporary {
  const path = mkdtempSync(join(parent, 'atelier-'));
  const lock = openBare(join(path, lockName));
  // Something in the file says that it is held: a folder that is just being made has none.
  lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE held (since TEXT); COMMIT;');
  return {
    path,
    swept: sweep(parent, path).catch(() => undefined),
    remove() {
      // Windows removes no file that is open. Whoever takes the lock now removes what is removed anyway.
      lock.close();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

async function sweep(parent: string, own: string): Promise<void> {
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name);
    if (!pattern.test(name) || folder === own) continue;
    const lock = takeLock(join(folder, lockName));
    if (!lock) continue;
    try {
      // The lock goes last: what is left when this is killed too is known again.
      for (const entry of readdirSync(folder))
        if (!entry.startsWith(lockName)) await rm(join(folder, entry), { recursive: true, force: true });
    } finally {
      lock.close();
    }
    await rm(folder, { recursive: true, force: true });
  }
}

/** null where its owner lives, or where it is no such folder, or another user's. */
function takeLock(path: string): Database | null {
  let lock: Database | undefined;
  try {
    if (statSync(path).size === 0) return null;
    lock = openBare(path);
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;');
    return lock;
  } catch {
    lock?.close();
    return null;
  }
}
