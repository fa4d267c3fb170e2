/**
 * One writer per project. The lock is an exclusive transaction on a small database of its own: the
 * system lets go of it when the process dies, however it dies, so no lock can be stale. A note
 * beside it says who holds it; the note is for people and decides nothing.
 */
import { lstatSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { AtelierError, storageError } from '#contract/errors.ts';
import { longestName, readableName } from '#contract/names.ts';
import { isLocked, sqliteCodeOf } from '#contract/storage-errors.ts';
import { type Database, inWords, openBare } from './database.ts';

export interface Lock {
  release(): void;
}

/** Anybody may have written it: it is made readable. */
const readable = z.string().transform((text) => readableName(text, longestName));
const Holder = z.object({ pid: z.int(), program: readable, since: readable });
type Holder = z.infer<typeof Holder>;

/** @throws PROJECT_LOCKED naming the holder, and all that `storageError` knows */
export function lockProject(folder: string, program: string): Lock {
  const notePath = join(folder, 'lock.json');
  const lockPath = join(folder, 'lock.sqlite');
  // A link would lock, or make, a file somewhere else; a pipe is none that can be locked.
  for (const end of ['', '-wal', '-shm', '-journal'])
    if (isNoFile(lockPath + end)) removeQuietly(lockPath + end);
  let database = inWords(folder, () => openBare(lockPath));
  try {
    try {
      lock(database);
    } catch (thrown) {
      if (sqliteCodeOf(thrown) !== noDatabase) throw thrown;
      // It holds nothing of anybody's, and nobody can hold it: whoever did would have been met before its content was read.
      database.close();
      rmSync(lockPath, { force: true });
      database = openBare(lockPath);
      lock(database);
    }
  } catch (cause) {
    if (database.isOpen) database.close();
    if (!isLocked(cause))
      throw storageError(cause, { kind: 'project', path: folder, doing: 'write' }) ?? cause;
    const holder = readHolder(notePath);
    const who = holder
      ? `${holder.program} (process ${holder.pid}, since ${holder.since})`
      : 'another process';
    throw new AtelierError(
      'PROJECT_LOCKED',
      `Expected a project that nobody else has open; ${who} holds it. Close it there first.`,
      { path: folder, ...(holder ? { pid: holder.pid, program: holder.program, since: holder.since } : {}) },
      { cause },
    );
  }
  const holder: Holder = { pid: process.pid, program, since: new Date().toISOString() };
  try {
    // Never through a link that somebody put there, into a file of the person's.
    rmSync(notePath, { force: true });
    writeFileSync(notePath, JSON.stringify(holder), { flag: 'wx' });
  } catch {
    // The lock holds without its note, so a full disk does not keep a project from being opened.
  }
  return {
    release() {
      // A note that stays behind is overwritten by the next holder.
      removeQuietly(notePath);
      if (database.isOpen) {
        database.exec('ROLLBACK');
        database.close();
      }
    },
  };
}

/** With a journal in memory nothing is written, so that a full disk can be locked too. */
const lock = (database: Database) => database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');

/** SQLITE_NOTADB: something else is in the file. */
const noDatabase = 26;

const isNoFile = (path: string) => lstatSync(path, { throwIfNoEntry: false })?.isFile() === false;

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Whoever opens it says why it cannot be used.
  }
}

function readHolder(path: string): Holder | null {
  try {
    // A pipe would be read for ever.
    if (isNoFile(path)) return null;
    return Holder.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/** Another process that holds the file, or the lock file of its log, for writing; null where that is not known. */
export function holderOfDatabase(path: string): Pick<Holder, 'pid' | 'program'> | null {
  try {
    const files = ['', '-shm'].flatMap((end) => {
      const found = statSync(path + end, { throwIfNoEntry: false });
      return found ? [String(found.ino)] : [];
    });
    // "12: POSIX  ADVISORY  WRITE 1234 08:01:5678 120 120"
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      const [, kind, , how, pid, file] = line.trim().split(/\s+/);
      if (kind !== 'POSIX' || how !== 'WRITE' || !files.includes(file?.split(':')[2] ?? '')) continue;
      if (Number(pid) === process.pid || !(Number(pid) > 0)) continue;
      return { pid: Number(pid), program: readFileSync(`/proc/${pid}/comm`, 'utf8').trim() };
    }
  } catch {
    // Not Linux, or not to be seen.
  }
  return null;
}
