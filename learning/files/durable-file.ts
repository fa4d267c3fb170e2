/**
 * Files that are there whole or not at all, whatever is killed: temporary file, fsync, rename, fsync of the folder.
 */
import * as files from 'node:fs/promises';
import { dirname } from 'node:path';
import { AtelierError, storageError } from '#contract/errors.ts';

/** Ending of a file that was not finished. */
export const unfinished = '.tmp';

/** How a file is written durably: `writeDurably`, or what a test puts in its place. */
export type WriteFile = (path: string, bytes: Uint8Array) => Promise<void>;

/**
 * @throws DISK_FULL (asked of the disk before anything is written, where Node can ask), FILE_NOT_WRITABLE; the file
 * that was there before is then still whole
 */
export const writeDurably: WriteFile = (path, bytes) =>
  putInPlace(path, bytes, { needed: bytes.length, temporary: path + unfinished });

export interface StreamOptions {
  /** Where the content lies until it is whole: a path of the same folder at which there is nothing. */
  temporary: string;
  /** Called with that path once all is written; where it throws, nothing is put in place. */
  check?: (temporary: string) => Promise<void>;
}

/** How content that is made part by part is written durably: `streamDurably`, or what a test puts in its place. */
export type StreamFile = (
  path: string,
  parts: AsyncIterable<Uint8Array>,
  options?: StreamOptions,
) => Promise<void>;

/**
 * As `writeDurably`, for content that is never in memory as a whole. A file that is already at the `temporary` path given
 * is an error, and stays.
 */
export const streamDurably: StreamFile = (path, parts, options) =>
  putInPlace(
    path,
    parts,
    options ? { needed: 0, flags: 'wx', ...options } : { needed: 0, temporary: path + unfinished },
  );

/** @param options.needed bytes that the disk must have free */
async function putInPlace(
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  { needed, temporary, flags = 'w', check }: StreamOptions & { needed: number; flags?: 'w' | 'wx' },
): Promise<void> {
  // One that others may be writing is not ours to remove.
  let ours = flags === 'w';
  try {
    await refuseFullDisk(path, needed);
    const file = await files.open(temporary, flags);
    ours = true;
    try {
      if (content instanceof Uint8Array) await file.writeFile(content);
      else for await (const part of content) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await check?.(temporary);
    await files.rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    if (ours) await files.rm(temporary, { force: true }).catch(() => undefined);
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

/** Why a file could not be written, in the one true word for it. */
export function notWritten(path: string, cause: unknown): AtelierError {
  const place = { kind: 'file', path, doing: 'write' } as const;
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return (
    storageError(cause, place) ??
    new AtelierError(
      'FILE_NOT_WRITABLE',
      `${path} could not be written (${reason}). Check that its folder exists and may be written to, then try again.`,
      { path, reason },
      { cause },
    )
  );
}

const diskFull = (path: string, details: AtelierError['details']) =>
  new AtelierError('DISK_FULL', `No space is left to write ${path}. Free some, then try again.`, details);
