/** Writes the files of packs: whole and on the disk before anything refers to them, or an error that says why not. */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { notWritten } from '#learning/files/durable-file.ts';

/** Appends all of `bytes`. @throws DISK_FULL, FILE_NOT_WRITABLE naming `path` */
export function append(file: number, bytes: Uint8Array, path: string): void {
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
  } catch (cause) {
    throw notWritten(path, cause);
  }
}

/** What to throw where a pack holds other bytes than the database says. */
export const cutShort = (expected: number, received: number) =>
  new AtelierError(
    'PROJECT_DAMAGED',
    `Expected ${expected} bytes in a pack of this project, received ${received}. Import the data again into a new project.`,
    { expected, received },
  );

/** Gives a finished file its name, so that both outlive a power cut. @throws DISK_FULL, FILE_NOT_WRITABLE */
export function putInPlace(part: string, path: string): void {
  try {
    sync(part, 'r+');
    renameSync(part, path);
    // Windows cannot open a folder; there the rename is journalled by NTFS.
    if (process.platform !== 'win32') sync(dirname(path), 'r');
  } catch (cause) {
    throw notWritten(path, cause);
  }
}

function sync(path: string, flags: 'r' | 'r+'): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
