/** How large a thumbnail is, and which keep their pixels exactly: for both ways to make one. */

/** Pixels of its longer side, at most. */
export const thumbnailSide = 128;
/** Pictures up to this many pixels a side keep their pixels exactly, as PNG. */
export const exactSide = 64;
/** Of larger ones, as JPEG. */
export const thumbnailQuality = 85;

/** The size of the thumbnail of a picture: no larger than that, with its proportions. */
export function insideOf(width: number, height: number): { width: number; height: number } {
  const share = Math.min(1, thumbnailSide / Math.max(width, height));
  const side = (length: number) => Math.max(1, Math.round(length * share));
  return { width: side(width), height: side(height) };
}
