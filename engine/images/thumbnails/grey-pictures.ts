/** Small grey pictures of a project's images, out of their thumbnails: what near duplicates are looked for in. Runs in workers. */
import sharp from 'sharp';
import type { Tile } from '#contract/sheet.ts';
import { AtelierError } from '#contract/errors.ts';
import { greyPicture, picturePixels } from '#learning/findings/grey-picture.ts';
import type { Original } from '../storage/changed-originals.ts';
import { readThumbnails } from './read-thumbnails.ts';

/**
 * @param onDone told after each so many images
 * @returns [n, 32, 32]; a picture of one grey where the thumbnail cannot be read, which is like no other
 * @throws CANCELLED
 */
export async function greyPictures(
  project: string,
  items: readonly Original[],
  signal: AbortSignal,
  onDone: (count: number) => void,
): Promise<Uint8Array> {
  const pictures = new Uint8Array(items.length * picturePixels);
  const refuseCancelled = () => {
    if (signal.aborted) throw new AtelierError('CANCELLED', 'Looking at the images was cancelled.');
  };
  if (items.length > 0) refuseCancelled();
  await readThumbnails(project, items, pictureOf, (_, picture, at) => {
    refuseCancelled();
    if (picture) pictures.set(picture, at * picturePixels);
    if (at % 64 === 0) onDone(at);
  });
  return pictures;
}

async function pictureOf(
  { form, bytes }: Pick<Tile, 'form' | 'bytes'>,
  { width, height }: Original,
): Promise<Uint8Array> {
  if (form === 'grey') return greyPicture(bytes, width, height);
  const { data, info } = await sharp(bytes)
    .toColourspace('b-w')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const grey = info.channels === 1 ? data : data.filter((_, index) => index % info.channels === 0);
  return greyPicture(grey, info.width, info.height);
}
