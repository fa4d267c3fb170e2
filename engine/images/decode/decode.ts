/**
 * Turns pictures into thumbnails, larger views and network input with sharp (libvips), in worker processes only: a
 * decoder that crashes on a hostile file takes nothing with it. What a file's pixels are is decided in open.ts.
 */
import sharp from 'sharp';
import type { Preprocessing } from '#recipe/preprocessing.ts';
import { type Picture, withPicture } from './open.ts';
import type { Opened } from './plan.ts';
import { exactSide, thumbnailQuality, thumbnailSide } from '../thumbnails/thumbnail-size.ts';
import { isSingleColour } from './visible.ts';

export type { Picture } from './open.ts';

/** What the pixels of network input depend on; normalisation happens on tensors. */
export type Framing = Pick<Preprocessing, 'height' | 'width' | 'channels' | 'fit'>;

const fullSide = 1600;
const fits = { letterbox: 'contain', crop: 'cover', stretch: 'fill' } as const;

export const singleColour = 'Every pixel has the same colour.';

interface Thumbnail {
  /** PNG for small pictures, so that their pixels stay exact; else JPEG. */
  bytes: Buffer;
  /** Of the upright original. */
  width: number;
  height: number;
  /** What is to be said of the picture, each a sentence without the file's name. */
  notices: string[];
}

/** Decodes the whole file, so that a damaged one is found now. @throws IMAGE_UNREADABLE */
export function makeThumbnail(file: Uint8Array, name: string): Promise<Thumbnail> {
  return withPicture(file, name, async (opened) => {
    const { width, height } = opened;
    const resized = opened.image.resize(thumbnailSide, thumbnailSide, {
      fit: 'inside',
      withoutEnlargement: true,
    });
    const { data, info } = await resized.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const raw = { width: info.width, height: info.height, channels: info.channels };
    const small = sharp(data, { raw });
    const exact = width <= exactSide && height <= exactSide;
    const bytes = await (exact ? small.png() : small.jpeg({ quality: thumbnailQuality })).toBuffer();
    const one = isSingleColour(data, info.channels) && (await isWhollyOneColour(opened, file));
    return { bytes, width, height, notices: one ? [...opened.notices, singleColour] : opened.notices };
  });
}

/** A dot may vanish in a thumbnail: where that has one colour, the whole picture is looked at. */
async function isWhollyOneColour({ pixels, width, height }: Opened, file: Uint8Array): Promise<boolean> {
  if (pixels) return isSingleColour(pixels.data, pixels.channels);
  if (width <= thumbnailSide && height <= thumbnailSide) return true;
  const { channels } = await sharp(file, { limitInputPixels: false }).stats();
  return channels.every(({ min, max }) => min === max);
}

/** The picture re-encoded at no more than 1600 pixels a side, without the original's metadata. @throws IMAGE_UNREADABLE */
export function encodeFull(picture: Picture, name: string): Promise<Buffer> {
  return withPicture(picture, name, ({ image, width, height }) => {
    const resized = image.resize(fullSide, fullSide, { fit: 'inside', withoutEnlargement: true });
    return (width * height <= 256 * 256 ? resized.png() : resized.jpeg({ quality: 90 })).toBuffer();
  });
}

/**
 * @returns [height, width, channels], 0..255; one channel is luminance (ITU-R BT.601)
 * @throws IMAGE_UNREADABLE
 */
export async function toNetworkInput(picture: Picture, framing: Framing, name: string): Promise<Uint8Array> {
  const { height, width, channels, fit } = framing;
  if (
    typeof picture === 'object' &&
    'pixels' in picture &&
    picture.height === height &&
    picture.width === width
  ) {
    return withChannels(picture.pixels, picture.channels, channels);
  }
  return withPicture(picture, name, async ({ image }) => {
    const { data, info } = await image
      .resize(width, height, { fit: fits[fit], background: { r: 0, g: 0, b: 0 }, kernel: 'lanczos3' })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return withChannels(data, info.channels, channels);
  });
}

/** @param pixels [area, from] with 1 to 4 channels, of which alpha is ignored @returns [area, to] */
export function withChannels(pixels: Uint8Array, from: number, to: 1 | 3): Uint8Array {
  if (from === to) return pixels;
  const area = pixels.length / from;
  const out = new Uint8Array(area * to);
  const colour = from >= 3;
  for (let at = 0; at < area; at++) {
    const red = pixels[at * from]!;
    const green = colour ? pixels[at * from + 1]! : red;
    const blue = colour ? pixels[at * from + 2]! : red;
    if (to === 1) out[at] = (299 * red + 587 * green + 114 * blue + 500) / 1000;
    else {
      out[at * 3] = red;
      out[at * 3 + 1] = green;
      out[at * 3 + 2] = blue;
    }
  }
  return out;
}
