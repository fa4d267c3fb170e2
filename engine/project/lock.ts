/**
 * One writer per project. The lock is an exclusive transaction on a small database of its own: the
 * system lets go of it when the process dies, however it dies, so no lock can be stale. A note
 * beside it says who holds it; the note is for people and decides nothing.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { openBare } from './database.ts';

export interface Lock {
  release(): void;
}

interface Holder {
  pid: number;
  program: string;
  since: string;
}

/** @throws PROJECT_LOCKED naming the holder */
export function lockProject(folder: string, program: string): Lock {
  const notePath = join(folder, 'lock.json');
  const database = openBare(join(folder, 'lock.sqlite'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if (!/locked|busy/i.test(String(cause))) throw cause;
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
    writeFileSync(notePath, JSON.stringify(holder));
  } catch {
    // The lock holds without its note, so a full disk does not keep a project from being opened.
  }
  return {
    release() {
      try {
        rmSync(notePath, { force: true });
      } catch {
        // A note that stays behind is overwritten by the next holder.
      }
      if (database.isOpen) {
        database.exec('ROLLBACK');
        database.close();
      }
    },
  };
}

function readHolder(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return null;
  }
}
