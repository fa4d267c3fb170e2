/**
 * What findings look at of each image: plain facts, and a small grey picture. Both are kept among the features of the project, so
 * that images are decoded once. Runs in workers.
 */
import { AtelierError } from '#contract/errors.ts';
import { factSide, type ImageFacts, imageFacts } from '#learning/findings/image-facts.ts';
import { greyPicture, picturePixels } from '#learning/findings/grey-picture.ts';
import { type Picture, withPicture } from '../../images/decode/open.ts';
import { withChannels } from '../../images/decode/decode.ts';
import { openFeatureFile } from '../../images/features/feature-store.ts';
import { ChangedOriginals, type Original } from '../../images/storage/changed-originals.ts';
import { storageOf } from '../../images/storage/storages.ts';

/** Of an image at the size that it is looked at. */
export interface LookedAt {
  /** [height, width, channels] */
  pixels: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 3;
  original: { width: number; height: number };
}

export interface Pictures {
  /** Rows that were read, rising; all else is in their order. */
  rows: Int32Array;
  facts: ImageFacts[];
  /** [n, 32, 32] */
  grey: Uint8Array;
  unreadable: number;
}

const decodedAtOnce = 4;
const together = 64;
const lookedForAtOnce = 2048;
const factNumbers = 10;
const size = factNumbers + picturePixels;
/** Counted up where the same image gives other numbers than before. */
const kind = { key: 'image facts and grey picture, 1', size };
const framing = { height: factSide, width: factSide, channels: 3, fit: 'letterbox' } as const;

/** @throws CANCELLED, DISK_FULL, FILE_NOT_WRITABLE; where no image at all can be read, why */
export async function lookAtPictures(
  project: string,
  items: readonly Original[],
  rows: Int32Array,
  { onProgress, signal }: { onProgress: (done: number) => void; signal: AbortSignal },
): Promise<Pictures> {
  const file = await openFeatureFile(
    'write',
    project,
    framing,
    items.map(({ hash }) => hash),
    kind,
  );
  const read: number[] = [];
  const facts: ImageFacts[] = [];
  const grey = new Uint8Array(rows.length * picturePixels);
  const faults = new ChangedOriginals(project);
  let fault: unknown = null;
  try {
    for (let from = 0; from < rows.length; from += lookedForAtOnce) {
      const some = rows.subarray(from, from + lookedForAtOnce);
      const values = new Float32Array(some.length * size);
      const missing = await file.read(some, values);
      const lost = new Set<number>();
      for (let at = 0; at < missing.length; at += together) {
        refuseCancelled(signal);
        onProgress(from + some.length - missing.length + at);
        const places = missing.slice(at, at + together);
        const found: number[] = [];
        await inParallel(places, async (place) => {
          try {
            const looked = await lookAt(project, items[some[place]!]!, faults);
            if (!looked) return void lost.add(place);
            values.set(numbersOf(looked), place * size);
            found.push(place);
          } catch (thrown) {
            // One image that cannot be read costs no other.
            if (!(thrown instanceof AtelierError) || thrown.code === 'PROJECT_DAMAGED') throw thrown;
            fault ??= thrown;
            lost.add(place);
          }
        });
        found.sort((a, b) => a - b);
        const whole = new Float32Array(found.length * size);
        found.forEach((place, index) =>
          whole.set(values.subarray(place * size, (place + 1) * size), index * size),
        );
        await file.write(
          Int32Array.from(found, (place) => some[place]!),
          whole,
        );
      }
      some.forEach((row, place) => {
        if (lost.has(place)) return;
        const own = values.subarray(place * size, (place + 1) * size);
        grey.set(own.subarray(factNumbers), read.length * picturePixels);
        facts.push(factsOf(own));
        read.push(row);
      });
      refuseCancelled(signal);
      onProgress(from + some.length);
    }
  } finally {
    await file.close();
  }
  if (read.length === 0 && rows.length > 0) {
    faults.refuse();
    throw fault;
  }
  return {
    rows: Int32Array.from(read),
    facts,
    grey: grey.subarray(0, read.length * picturePixels),
    unreadable: rows.length - read.length,
  };
}

/** null where it is not what was imported, which `faults` then knows. @throws IMAGE_UNREADABLE, SOURCE_UNREADABLE */
export async function lookAt(
  project: string,
  item: Original,
  faults: ChangedOriginals,
): Promise<LookedAt | null> {
  const picture = await storageOf(item.storage).picture(project, item, faults);
  return picture && atScale(picture, item.name);
}

/** @throws IMAGE_UNREADABLE */
export function atScale(picture: Picture, name: string): Promise<LookedAt> {
  if (
    typeof picture === 'object' &&
    'pixels' in picture &&
    Math.max(picture.width, picture.height) <= factSide
  ) {
    const { width, height } = picture;
    return Promise.resolve({ ...picture, original: { width, height } });
  }
  return withPicture(picture, name, async ({ image, width, height }) => {
    const { data, info } = await image
      .resize(factSide, factSide, { fit: 'inside', withoutEnlargement: true })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const channels = info.channels < 3 ? 1 : 3;
    return {
      pixels: withChannels(data, info.channels, channels),
      ...{ width: info.width, height: info.height, channels, original: { width, height } },
    };
  });
}

/** The luminance of what was looked at, made small. @returns [32, 32] */
export function greyOf({ pixels, width, height, channels }: LookedAt): Uint8Array {
  return greyPicture(withChannels(pixels, channels, 1), width, height);
}

function numbersOf(looked: LookedAt): Float32Array {
  const { pixels, width, height, channels, original } = looked;
  const facts = imageFacts(pixels, width, height, channels, original);
  const { brightness, contrast, sharpness, commonest, entropy, border } = facts;
  return Float32Array.from([
    ...[facts.width, facts.height, brightness, contrast, sharpness, commonest, entropy, ...border],
    ...greyOf(looked),
  ]);
}

function factsOf(numbers: Float32Array): ImageFacts {
  const [width, height, brightness, contrast, sharpness, commonest, entropy, red, green, blue] =
    numbers as unknown as number[];
  return {
    ...{ width: width!, height: height!, brightness: brightness!, contrast: contrast! },
    ...{ sharpness: sharpness!, commonest: commonest!, entropy: entropy! },
    border: [red!, green!, blue!],
  };
}

async function inParallel<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < all.length; at = next++) await work(all[at]!);
  };
  await Promise.all(Array.from({ length: decodedAtOnce }, worker));
}

export function refuseCancelled(signal: AbortSignal): void {
  if (signal.aborted)
    throw new AtelierError('CANCELLED', 'Looking for findings was cancelled. Those of before stay.');
}
