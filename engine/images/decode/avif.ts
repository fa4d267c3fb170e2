/**
 * AVIF image sequences (brand avis). They hold their first frame as a still image, too, but libvips asks the first brand
 * alone whether it can read a file, and does not know that one.
 */

const brandAt = 8;

/** Whether an AVIF says of itself that it is a sequence. */
export const isSequence = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', brandAt, brandAt + 4) ===
  'avis';

/** A copy of a sequence that says it is a still image. */
export function asStill(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.write('avif', brandAt, 'latin1');
  return copy;
}
