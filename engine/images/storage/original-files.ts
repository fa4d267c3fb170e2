/**
 * Images that are files, read where they are and never written to: the project keeps a thumbnail of each. A file that has
 * changed since it was imported is never taken for it; what becomes of such files is for a re-scan to say (intake/rescan).
 */
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { hashOf, type Original } from './changed-originals.ts';
import type { Storage } from './storage.ts';

/** Bytes an image file may have. */
export const greatestFile = 256 * 1024 * 1024;

export const originalFiles: Storage = {
  name: 'files',
  originals: true,
  packName: (sourceId) => `source-${sourceId}.thumbnails`,
  channels: () => null,
  tile: (bytes) => (bytes.length === 0 ? null : { form: 'encoded', bytes }),
  async picture(project, item, faults) {
    const path = originalPath(project, item);
    try {
      const found = await stat(path);
      // Reading a pipe might never end.
      if (!found.isFile() || found.size > greatestFile) return faults.add(item, 'changed');
      const bytes = await readFile(path);
      return hashOf(bytes) === item.hash ? bytes : faults.add(item, 'changed');
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return faults.add(item, 'missing');
      throw new AtelierError(
        'SOURCE_UNREADABLE',
        `Expected the original of ${item.name} at ${path}, but it cannot be read: ${message}. Make it readable, then try again.`,
        { item: item.id, name: item.name },
        { cause },
      );
    }
  },
};

/** Where the file of an image lies. */
export const originalPath = (project: string, { root, name }: Pick<Original, 'root' | 'name'>) =>
  join(resolve(project, root), name);

/** When it was written last, in milliseconds since 1970; null where it is gone or cannot be reached. */
export const lastWritten = (project: string, item: Pick<Original, 'root' | 'name'>): Promise<number | null> =>
  stat(originalPath(project, item)).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
