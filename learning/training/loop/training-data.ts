/** What a training is given to learn from and on, and the checks that come before anything is allocated. */
import { createHash } from 'node:crypto';
import { AtelierError } from '#contract/errors.ts';
import { identityOf } from '#recipe/identity.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { EngineInfo } from '#contract/run.ts';

/** Pixels that are read when somebody looks at them: behind frozen layers whose output is kept nobody does. */
export interface PixelSource {
  /** Of all that the pixels of the training and validation images depend on. */
  digest: string;
  /** uint8 [count, height, width, channels] at the recipe's size; read once. */
  read(): Promise<Uint8Array>;
}

export interface TrainingData {
  /** uint8 [count, height, width, channels] at the recipe's size. */
  pixels: Uint8Array | PixelSource;
  /** Class index of each image. */
  labels: Int32Array;
  /** Indices into pixels. */
  train: Int32Array;
  validation: Int32Array;
  classCount: number;
}

/** @throws NOT_ENOUGH_DATA where a part is empty */
export function checkData(
  { preprocessing }: Recipe,
  { pixels, labels, train, validation, classCount }: TrainingData,
): void {
  const { height, width, channels } = preprocessing;
  const expected = labels.length * height * width * channels;
  if (pixels instanceof Uint8Array && pixels.length !== expected) {
    throw new AtelierError(
      'INTERNAL',
      `train expects ${expected} bytes of pixels for ${labels.length} images of ${height}×${width}×${channels}, received ${pixels.length}.`,
    );
  }
  for (const [split, indices] of Object.entries({ train, validation })) {
    if (indices.length > 0) continue;
    throw new AtelierError(
      'NOT_ENOUGH_DATA',
      `Training expects images for training and for validation, received none for ${split === 'train' ? 'training' : split}. Import more images, or change the validation share.`,
      { split },
    );
  }
  if (!labels.every((label) => label >= 0 && label < classCount)) {
    throw new AtelierError('INTERNAL', `train expects labels from 0 to ${classCount - 1}.`);
  }
}

/** @throws ENGINE_FAILED where the engine computes in another precision than the recipe asks for */
export function checkPrecision(
  { info }: { info: Pick<EngineInfo, 'precision'> },
  { training }: Recipe,
): void {
  const { precision } = training;
  if (info.precision === precision) return;
  throw new AtelierError(
    'ENGINE_FAILED',
    `The recipe asks for ${precision}, but the engine was opened in ${info.precision}. Open it with the recipe's precision.`,
    { expected: precision, received: info.precision },
  );
}

/** The pixels, which may have to be read first. @throws what reading them throws */
export const pixelsOf = async ({ pixels }: Pick<TrainingData, 'pixels'>): Promise<Uint8Array> =>
  pixels instanceof Uint8Array ? pixels : await pixels.read();

/**
 * Digest of recipe, data and beginning, so that a run is not resumed as another one. The engine decides the bytes
 * too, but a run may go on on another: checkpoint.ts keeps which it was. Of pixels that are not read it takes the digest
 * of what they are made from.
 * @param beginning digest of the file that the run begins with; null for random weights
 */
export function identify(
  recipe: Recipe,
  { pixels, labels, train, validation }: TrainingData,
  beginning: string | null,
): string {
  const hash = createHash('sha256').update(JSON.stringify([identityOf(recipe), beginning]));
  const seen = pixels instanceof Uint8Array ? pixels : new TextEncoder().encode(pixels.digest);
  for (const part of [seen, labels, train, validation]) {
    hash.update(`${part.length};`).update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  return hash.digest('hex');
}
