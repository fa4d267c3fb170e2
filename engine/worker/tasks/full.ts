/** Task `full`: an image re-encoded for looking at it large. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { AtelierError } from '#contract/errors.ts';
import { encodeFull, type Picture } from '../../images/decode/decode.ts';
import { greatestFile } from '../../images/storage/original-files.ts';
import { readItem } from '../../images/storage/originals.ts';
import type { ImageReference, TaskFunction } from '../protocol.ts';

/** @throws IMAGE_UNREADABLE, SOURCE_UNREADABLE, NOT_FOUND */
export async function readImage(
  project: string,
  image: ImageReference,
): Promise<{ picture: Picture; name: string }> {
  if (image.kind === 'item') return readItem(project, image.itemId);
  return { picture: await readNamed(image.path, image.name), name: image.name };
}

async function readNamed(path: string, name: string): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    // Reading a pipe or a device might never end, and this worker is shared.
    if (!found.isFile()) throw new Error('it is no file');
    if (found.size > greatestFile)
      throw new Error(`it has ${found.size} bytes, and ${greatestFile} are the most that is read`);
    return await readFile(path);
  } catch (cause) {
    throw new AtelierError(
      'IMAGE_UNREADABLE',
      `Expected an image file, received ${name}, which cannot be read: ${(cause as Error).message}. Choose another file.`,
      { name },
      { cause },
    );
  }
}

export const full: TaskFunction<'full'> = async ({ project, image, path }) => {
  const { picture, name } = await readImage(project, image);
  await writeFile(path, await encodeFull(picture, name));
  return {};
};
