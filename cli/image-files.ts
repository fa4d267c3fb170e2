/**
 * The files that a person named for a prediction, folder by folder, one at a time: there may be a million. A file is
 * taken for an image whatever its name says; whether it is one is told by whoever decodes it.
 */
import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AtelierError } from '#contract/errors.ts';

/** A file under the name by which it is told of (as given, or the folder as given and the way from there), or why it is none. */
export type Found = { file: string; path: string } | { file: string; error: AtelierError };

export interface Walk {
  /** In the order given, within a folder by name. */
  files: AsyncGenerator<Found>;
  /** Names that begin with a dot, in folders: systems keep notes in such files. */
  passedOver(): number;
}

const greatestDepth = 64;

/** @param except absolute paths that are not looked at, such as that of the table which is being written */
export function imageFiles(given: readonly string[], except: readonly string[] = []): Walk {
  let passedOver = 0;

  async function* walk(folder: string, above: readonly string[]): AsyncGenerator<Found> {
    const entries = await attempt(folder, async () => {
      const real = await realpath(folder);
      if (above.includes(real)) throw new Error('it is a link back to a folder that holds it');
      if (above.length === greatestDepth) throw new Error(`it lies more than ${greatestDepth} folders deep`);
      return { real, names: await readdir(folder, { encoding: 'buffer', withFileTypes: true }) };
    });
    if ('error' in entries) return yield entries;
    const within = [...above, entries.real];
    for (const { name } of entries.names.sort(byName)) {
      const text = name.toString('utf8');
      if (except.includes(resolve(folder, text))) continue;
      if (text.startsWith('.')) passedOver += 1;
      else if (!Buffer.from(text, 'utf8').equals(name))
        yield unreadable(join(folder, text), 'its name is not valid UTF-8; rename it');
      else yield* one(join(folder, text), within);
    }
  }

  async function* one(file: string, above: readonly string[]): AsyncGenerator<Found> {
    const found = await attempt(file, () => stat(file));
    if ('error' in found) yield found;
    else if (found.isDirectory()) yield* walk(file, above);
    else yield kindOf(file, found);
  }

  async function* all(): AsyncGenerator<Found> {
    for (const word of given) yield* one(word, []);
  }
  return { files: all(), passedOver: () => passedOver };
}

const byName = (a: Dirent<Buffer>, b: Dirent<Buffer>) => Buffer.compare(a.name, b.name);

/** Reading a pipe or a device might never end. */
const kindOf = (file: string, found: Stats): Found =>
  found.isFile() ? { file, path: file } : unreadable(file, 'it is no regular file');

async function attempt<T extends object>(
  file: string,
  look: () => Promise<T>,
): Promise<T | (Found & { error: AtelierError })> {
  try {
    return await look();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOENT') return unreadable(file, code ?? message, cause);
    const error = new AtelierError(
      'NOT_FOUND',
      `Expected an image at ${file}, but nothing is there. Check the path.`,
      { path: file },
      { cause },
    );
    return { file, error };
  }
}

const unreadable = (file: string, why: string, cause?: unknown) => ({
  file,
  error: new AtelierError(
    'IMAGE_UNREADABLE',
    `Expected an image file, received ${file}, which cannot be read: ${why}. Choose another file.`,
    { name: file },
    { cause },
  ),
});
