/** CMYK whose values are stored the wrong way round, as some programs write it: then black is full everywhere. */
import sharp, { type Metadata } from 'sharp';
import { fromPixels, type Opened, readOptions, untouchedSamples } from './plan.ts';
import { toEightBits } from './samples.ts';

export const wasInverted = 'CMYK values stored inverted: read the other way round.';

/** @returns null where the values are as they should be */
export async function invertedCmyk(bytes: Uint8Array, metadata: Metadata): Promise<Opened | null> {
  if (metadata.depth !== 'uchar' || metadata.channels !== 4) return null;
  const { channels } = await sharp(bytes, readOptions).stats();
  if (channels[3]?.min !== 255) return null;
  const samples = await untouchedSamples(bytes, metadata);
  // Inverted, cyan is what red was; black is none.
  const { pixels } = await toEightBits({ ...samples, colours: 3, hasAlpha: false });
  return fromPixels(pixels, [wasInverted]);
}
