/**
 * Files that are there whole or not at all, whatever is killed: temporary file, fsync, rename, fsync of the folder.
 */
import * as files from 'node:fs/promises';
import { dirname } from 'node:path';
import { AtelierError } from '#contract/errors.ts';

/** Ending of a file that was not finished. */
export const unfinished = '.tmp';

/** How a file is written durably: `writeDurably`, or what a test puts in its place. */
export type WriteFile = (path: string, bytes: Uint8Array) => Promise<void>;

/**
 * @throws DISK_FULL (asked of the disk before anything is written, where Node can ask), FILE_NOT_WRITABLE; the file
 * that was there before is then still whole
 */
export const writeDurably: WriteFile = (path, bytes) => putInPlace(path, bytes, bytes.length);

/** The same for content that is made part by part, and never in memory as a whole. */
export const streamDurably = (path: string, parts: AsyncIterable<Uint8Array>): Promise<void> =>
  putInPlace(path, parts, 0);

/** @param needed bytes that the disk must have free */
async function putInPlace(
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  needed: number,
): Promise<void> {
  const temporary = path + unfinished;
  try {
    await refuseFullDisk(path, needed);
    const file = await files.open(temporary, 'w');
    try {
      if (content instanceof Uint8Array) await file.writeFile(content);
      else for await (const part of content) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await files.rm(temporary, { force: true }).catch(() => undefined);
    throw cause instanceof AtelierError ? cause : notWritten(path, cause);
  }
}

/** A write that fails half-way would have filled the disk for everybody else. */
async function refuseFullDisk(path: string, needed: number): Promise<void> {
  // Since Node 18.15.
  const ask = files.statfs as typeof files.statfs | undefined;
  const answer = await ask?.(dirname(path)).catch(() => undefined);
  // Some network file systems answer with zeros.
  if (!answer || answer.blocks === 0) return;
  const free = answer.bavail * answer.bsize;
  if (free < needed) throw diskFull(path, { path, needed, free });
}

/** Makes a rename last. Windows cannot open a folder; there the rename is journalled by NTFS. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await files.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Why a file could not be written: the disk is full, or the place refuses. */
export function notWritten(path: string, cause: unknown): AtelierError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  if (reason === 'ENOSPC' || reason === 'EDQUOT') return diskFull(path, { path }, cause);
  return new AtelierError(
    'FILE_NOT_WRITABLE',
    `${path} could not be written (${reason}). Check that its folder exists and may be written to, then try again.`,
    { path, reason },
    { cause },
  );
}

const diskFull = (path: string, details: AtelierError['details'], cause?: unknown) =>
  new AtelierError(
    'DISK_FULL',
    `No space is left to write ${path}. Free some, then try again.`,
    details,
    cause === undefined ? {} : { cause },
  );
