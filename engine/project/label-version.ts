/** A name for the labels of images: two evaluations of which it is the same were of the same images, and of the same label of each. */
import { createHash } from 'node:crypto';

/** A digest of [item, class] of each image. @param itemIds ascending */
export function labelVersionOf(itemIds: ArrayLike<number>, classIds: ArrayLike<number>): string {
  const pairs = Int32Array.from({ length: 2 * itemIds.length }, (_, at) =>
    at % 2 === 0 ? itemIds[at >> 1]! : classIds[at >> 1]!,
  );
  return createHash('sha256').update(new Uint8Array(pairs.buffer)).digest('hex').slice(0, 12);
}
