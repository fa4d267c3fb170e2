/**
 * Files that are there whole or not at all, whatever is killed: temporary file, fsync, rename, fsync of the folder.
 */
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AtelierError } from '#contract/errors.ts';

/** Ending of a file that was not finished. */
export const unfinished = '.tmp';

/** @throws DISK_FULL, FILE_NOT_WRITABLE; the file that was there before is then still whole */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = path + unfinished;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw notWritten(path, cause);
  }
}

/** Makes a rename last. Windows cannot open a folder; there the rename is journalled by NTFS. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Why a file could not be written: the disk is full, or the place refuses. */
export function notWritten(path: string, cause: unknown): AtelierError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  if (reason === 'ENOSPC' || reason === 'EDQUOT') {
    return new AtelierError(
      'DISK_FULL',
      `No space is left to write ${path}. Free some, then try again.`,
      { path },
      { cause },
    );
  }
  return new AtelierError(
    'FILE_NOT_WRITABLE',
    `${path} could not be written (${reason}). Check that its folder exists and may be written to, then try again.`,
    { path, reason },
    { cause },
  );
}
