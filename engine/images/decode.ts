/**
 * Reads image files with sharp (libvips), in worker processes only: a decoder that crashes on a hostile
 * file takes nothing with it. Turns files into thumbnails, larger views and network input.
 */
import sharp, { type Sharp } from 'sharp';
import { AtelierError } from '#contract/errors.ts';
import type { Preprocessing } from '#contract/recipe.ts';

/** What the pixels of network input depend on; normalisation happens on tensors. */
export type Framing = Pick<Preprocessing, 'height' | 'width' | 'channels' | 'fit'>;

/** A file, its bytes, or raw pixels [height, width, channels]. */
export type Picture =
  string | Uint8Array | { pixels: Uint8Array; height: number; width: number; channels: 1 | 3 };

export const thumbnailSide = 128;
export const fullSide = 1600;
/** Bytes an image file may have. */
export const greatestFile = 256 * 1024 * 1024;
/** 100 million pixels: an image that claims more is refused before it is decoded. */
const greatestArea = 100_000_000;
const white = { r: 255, g: 255, b: 255 };
const fits = { letterbox: 'contain', crop: 'cover', stretch: 'fill' } as const;

// Several images are decoded at once; a thread pool for each would only make them wait for each other.
sharp.concurrency(1);
sharp.cache(false);

interface Opened {
  image: Sharp;
  /** Of the upright original. */
  width: number;
  height: number;
}

/**
 * Opens the first page, turned upright by its EXIF rotation, on white where it is transparent, as sRGB.
 * The one door to the decoder: what is refused here is refused everywhere.
 */
async function open(picture: Picture): Promise<Opened> {
  const limits = { limitInputPixels: greatestArea, failOn: 'error', autoOrient: true } as const;
  const opened =
    typeof picture === 'string' || picture instanceof Uint8Array
      ? sharp(picture, limits)
      : sharp(picture.pixels, {
          raw: { width: picture.width, height: picture.height, channels: picture.channels },
        });
  const { format, autoOrient } = await opened.metadata();
  if (format === 'svg') throw new Error('SVG is a program that draws, not a picture');
  return { image: opened.flatten({ background: white }).toColourspace('srgb'), ...autoOrient };
}

/** What libvips complains about, as an error that a person can act on. */
function unreadable(thrown: unknown, name: string): AtelierError {
  const [first = ''] = (thrown as Error).message.split('\n');
  return new AtelierError(
    'IMAGE_UNREADABLE',
    `Expected an image that can be decoded, received ${name}: ${first}. Save it again as PNG or JPEG.`,
    { name },
    { cause: thrown },
  );
}

export interface Thumbnail {
  /** PNG for small pictures, so that their pixels stay exact; else JPEG. */
  bytes: Buffer;
  /** Of the upright original. */
  width: number;
  height: number;
}

/** Decodes the whole file, so that a damaged one is found now. @throws IMAGE_UNREADABLE */
export async function makeThumbnail(file: Uint8Array, name: string): Promise<Thumbnail> {
  try {
    const { image, width, height } = await open(file);
    const small = width <= 64 && height <= 64;
    const resized = image.resize(thumbnailSide, thumbnailSide, {
      fit: 'inside',
      withoutEnlargement: true,
    });
    const bytes = await (small ? resized.png() : resized.jpeg({ quality: 85 })).toBuffer();
    return { bytes, width, height };
  } catch (thrown) {
    throw unreadable(thrown, name);
  }
}

/** The picture re-encoded at no more than 1600 pixels a side, without the original's metadata. @throws IMAGE_UNREADABLE */
export async function encodeFull(picture: Picture, name: string): Promise<Buffer> {
  try {
    const { image, width, height } = await open(picture);
    const resized = image.resize(fullSide, fullSide, { fit: 'inside', withoutEnlargement: true });
    return await (width * height <= 256 * 256 ? resized.png() : resized.jpeg({ quality: 90 })).toBuffer();
  } catch (thrown) {
    throw unreadable(thrown, name);
  }
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
  try {
    const { image } = await open(picture);
    const { data, info } = await image
      .resize(width, height, { fit: fits[fit], background: { r: 0, g: 0, b: 0 }, kernel: 'lanczos3' })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return withChannels(data, info.channels, channels);
  } catch (thrown) {
    throw unreadable(thrown, name);
  }
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
