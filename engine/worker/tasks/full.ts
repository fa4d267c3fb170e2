/** Task `full`: an image re-encoded for looking at it large. */
import { readFile, writeFile } from 'node:fs/promises';
import { AtelierError } from '#contract/errors.ts';
import { encodeFull, type Picture } from '../../images/decode.ts';
import { readItem } from '../../images/pack.ts';
import type { ImageReference, TaskFunction } from '../protocol.ts';

/** @throws IMAGE_UNREADABLE, SOURCE_UNREADABLE, NOT_FOUND */
export async function readImage(
  project: string,
  image: ImageReference,
): Promise<{ picture: Picture; name: string }> {
  if (image.kind === 'item') return readItem(project, image.itemId);
  const picture = await readFile(image.path).catch((cause: Error) => {
    throw new AtelierError(
      'IMAGE_UNREADABLE',
      `Expected an image file, received ${image.name}, which cannot be read: ${cause.message}. Choose another file.`,
      { name: image.name },
      { cause },
    );
  });
  return { picture, name: image.name };
}

export const full: TaskFunction<'full'> = async ({ project, image, path }) => {
  const { picture, name } = await readImage(project, image);
  await writeFile(path, await encodeFull(picture, name));
  return {};
};
