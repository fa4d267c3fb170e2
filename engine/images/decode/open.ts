/**
 * The one door to the decoders: tells a picture's format by its content, knows its size before decoding, keeps what is
 * decoded at once within bounds, and gives upright 8-bit sRGB or grey, without alpha. What is refused here is refused
 * everywhere: import, thumbnails, training, prediction and bundles.
 */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { AtelierError } from '#contract/errors.ts';
import { formatNames, type ImageFormat } from '#contract/image-formats.ts';
import { asStill, isSequence } from './avif.ts';
import { bmpSize, decodeBmp } from './bmp.ts';
import { Budget } from './budget.ts';
import { cutShort, damaged, isRead, sniff, tooLarge, tooMuchMemory, whyNotRead } from './formats.ts';
import { decodeHeic } from './heic.ts';
import { checkJpeg, planJpeg } from './jpeg.ts';
import { isCutShort } from './marks.ts';
import {
  firstFrame,
  fromPixels,
  gathered,
  type Opened,
  ordinary,
  type Plan,
  readOptions,
  withAlpha,
} from './plan.ts';
import { planPng } from './png.ts';
import { decodePnm, pnmSize } from './pnm.ts';
import { Refusal } from './samples.ts';
import { checkTiff, planTiff, tiffMetadata } from './tiff.ts';

/** A file, its bytes, or raw pixels [height, width, channels]. */
export type Picture =
  string | Uint8Array | { pixels: Uint8Array; height: number; width: number; channels: 1 | 3 };

/** Changes with every rule that changes what pixels a file gives: packs of other rules are built anew. */
export const decoderVersion = 3;
/** 100 million pixels: an image that claims more is refused before it is decoded. */
const greatestArea = 100_000_000;
/** Bytes that a single picture may take while it is decoded. */
const greatestDecoded = 1536 * 1024 * 1024;
/** Pictures whose decoding takes more than this together wait for each other. */
const decoding = new Budget(256 * 1024 * 1024);

/**
 * Opens a picture for as long as `use` takes.
 * @throws IMAGE_UNREADABLE, whose details hold the reason without the name
 */
export async function withPicture<T>(
  picture: Picture,
  name: string,
  use: (opened: Opened) => Promise<T>,
): Promise<T> {
  if (typeof picture === 'object' && !(picture instanceof Uint8Array)) {
    const { pixels: data, width, height, channels } = picture;
    return decoding.run(data.length, () => use(fromPixels({ data, width, height, channels }, [])));
  }
  const bytes = typeof picture === 'string' ? await readFile(picture) : picture;
  const content = sniff(bytes, name);
  if (!isRead(content)) throw unreadable(whyNotRead(content), name);
  const attempt = async (plan: Plan) => use(await plan.decode());
  try {
    const plan = await decoding.run(1, () => planOf(bytes, content));
    checkSize(plan);
    return await decoding.run(plan.bytes, () => attempt(plan));
  } catch (thrown) {
    if (thrown instanceof AtelierError) throw thrown;
    if (thrown instanceof Refusal) throw unreadable(thrown.message, name, thrown);
  }
  // libvips keeps one error text for the whole process, so a complaint may be another file's, or be gone: again, while
  // nothing else is asked of libvips.
  return decoding.alone(async () => {
    let plan: Plan | undefined;
    try {
      plan = await planOf(bytes, content);
      return await attempt(plan);
    } catch (thrown) {
      if (thrown instanceof AtelierError) throw thrown;
      const nevertheless = plan?.decodeDespite?.((thrown as Error).message);
      if (nevertheless) return use(await nevertheless);
      throw unreadable(reasonOf(thrown as Error, bytes, content), name, thrown);
    }
  });
}

function checkSize({ width, height, bytes }: Plan): void {
  if (width * height > greatestArea) throw new Refusal(tooLarge);
  if (bytes > greatestDecoded) throw new Refusal(tooMuchMemory);
}

function reasonOf(thrown: Error, bytes: Uint8Array, format: ImageFormat): string {
  if (thrown instanceof Refusal) return thrown.message;
  if (/out of memory|allocat/i.test(thrown.message)) return tooMuchMemory;
  return (isCutShort(bytes, format) ? cutShort : damaged)(formatNames[format]);
}

function unreadable(reason: string, name: string, cause?: unknown): AtelierError {
  return new AtelierError(
    'IMAGE_UNREADABLE',
    `Expected an image that can be read, received ${name}. ${reason}`,
    { name, reason },
    { cause },
  );
}

/** @throws Refusal, or what libvips complains about */
async function planOf(bytes: Uint8Array, format: ImageFormat): Promise<Plan> {
  switch (format) {
    case 'bmp':
      return gathered(bmpSize(bytes), 4, () => decodeBmp(bytes));
    case 'pnm':
      return gathered(pnmSize(bytes), 6, () => decodePnm(bytes));
    case 'tiff': {
      const header = checkTiff(bytes);
      return planTiff(bytes, header, await tiffMetadata(bytes, header));
    }
    case 'jpeg':
      checkJpeg(bytes);
      break;
    case 'avif': {
      if (!isSequence(bytes)) break;
      const still = asStill(bytes);
      return withAlpha(still, await sharp(still, readOptions).metadata(), [firstFrame]);
    }
    default:
  }
  const metadata = await sharp(bytes, readOptions).metadata();
  // Another format than the first bytes say would be decoded by other rules.
  if (metadata.format !== (format === 'avif' || format === 'heic' ? 'heif' : format))
    throw new Refusal(damaged(formatNames[format]));
  switch (format) {
    case 'heic':
      return gathered(metadata.autoOrient, 8, () => decodeHeic(bytes), { profile: metadata.icc });
    case 'jpeg':
      return planJpeg(bytes, metadata);
    case 'png':
      return planPng(bytes, metadata);
    case 'webp':
    case 'gif':
    case 'avif':
      return (metadata.hasAlpha ? withAlpha : ordinary)(
        bytes,
        metadata,
        (metadata.pages ?? 1) > 1 ? [firstFrame] : [],
      );
    default:
      return format satisfies never;
  }
}
