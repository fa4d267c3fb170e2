/**
 * Whether an open database is still the one that its path names. A sync program or a person may put another file, or
 * another folder, in its place: what is written then goes to a file that nobody will find again. When that is asked is
 * connection.ts. The file itself is never opened for this: closing it would let go of SQLite's locks on it.
 */
import { existsSync, renameSync, statSync } from 'node:fs';

/** What the system knows a file by; null where there is none. */
const identityOf = (path: string): string | null => {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.dev}:${found.ino}` : null;
};

export interface Identity {
  database: string;
  log: string | null;
}

/** To be asked right after the database was opened and read, when its log is there too. */
export const identify = (path: string): Identity | null => {
  const database = identityOf(path);
  return database === null ? null : { database, log: identityOf(`${path}-wal`) };
};

/** What has become of the files; null where they are those that were opened. */
export function whatBecameOf(
  path: string,
  { database, log }: Identity,
): { words: string; /** Only the log is another one. */ log: boolean } | null {
  const now = identityOf(path);
  if (now === null) return { words: 'it is gone, or its folder is', log: false };
  if (now !== database) return { words: 'another file is in its place', log: false };
  if (log === null || identityOf(`${path}-wal`) === log) return null;
  return { words: 'its log (project.sqlite-wal) was taken away or replaced', log: true };
}

/**
 * SQLite would take the log that the replaced database left for one of the new file, and damage that. It is put aside
 * under a name that says what it is.
 */
export function putLogAside(path: string, { database, log }: Identity): void {
  const now = identityOf(path);
  if (now === null || now === database || log === null || identityOf(`${path}-wal`) !== log) return;
  for (let number = 1; ; number++) {
    const aside = `${path}-wal-of-replaced-${number}`;
    if (existsSync(aside)) continue;
    renameSync(`${path}-wal`, aside);
    return;
  }
}
