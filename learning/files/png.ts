/**
 * Pixels to PNG (ISO/IEC 15948), for images that a network saw and that must come back bit for bit.
 * No filters and no palette, so the files are small only because the images are. Reading PNGs, and every
 * other format, is left to the engine's intake.
 */
import { AtelierError } from '#contract/errors.ts';
import { pngFile } from './png-file.ts';

/** zlib's own choice. */
const usualLevel = 6;

/**
 * @param pixels [height, width, channels], 8 bits each, row by row
 * @throws INTERNAL where there are not height × width × channels of them, or none
 */
export function encodePng(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3 | 4,
): Uint8Array {
  const stride = width * channels;
  if (stride * height === 0 || pixels.length !== stride * height) {
    throw new AtelierError(
      'INTERNAL',
      `A PNG of ${width}×${height}×${channels} expects ${stride * height} values, more than none, but received ${pixels.length}.`,
    );
  }
  return pngFile(pixels, width, height, channels, usualLevel);
}
