/** Pixels of a project's thumbnails, image by image: what charts are made of. Runs in workers. */
import sharp from 'sharp';
import type { Tile } from '#contract/sheet.ts';
import type { Original } from '../storage/changed-originals.ts';

export interface ThumbnailPixels {
  /** [height, width, channels] */
  pixels: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 3;
}

/** null where they are not those of such an image. */
export async function pixelsOf(
  { form, bytes }: Pick<Tile, 'form' | 'bytes'>,
  { width, height }: Original,
): Promise<ThumbnailPixels | null> {
  if (form === 'grey')
    return bytes.length === width * height ? { pixels: bytes, width, height, channels: 1 } : null;
  const { data, info } = await sharp(bytes)
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 1 && info.channels !== 3) return null;
  return { pixels: data, width: info.width, height: info.height, channels: info.channels };
}
