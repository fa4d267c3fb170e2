/** Grey pictures of 32×32 of images of any size, as near duplicates are looked for in them. Pure. Decoding is left to the caller. */

/** Pixels of a side of the pictures compared. */
export const pictureSide = 32;
export const picturePixels = pictureSide * pictureSide;

/** @throws RangeError where these are not whole pictures of 32×32 */
export function pictureCount(pictures: Uint8Array): number {
  if (pictures.length % picturePixels !== 0)
    throw new RangeError(
      `Expected pictures of ${pictureSide}×${pictureSide}, received ${pictures.length} values`,
    );
  return pictures.length / picturePixels;
}

/**
 * A picture of an image. Larger ones become smaller by the mean of the area under each pixel, whatever their shape. Those of up to
 * 32×32 keep their pixels, enlarged by a whole number and with their background around them: a copy that was moved by whole pixels then
 * has the same ones.
 * @param grey [height, width], 0 to 255
 * @returns [32, 32]
 * @throws RangeError where the size is not that of the values
 */
export function greyPicture(grey: Uint8Array, width: number, height: number): Uint8Array {
  if (grey.length !== width * height || grey.length === 0)
    throw new RangeError(`Expected ${width}×${height} grey values, received ${grey.length}`);
  const scale = Math.floor(pictureSide / Math.max(width, height));
  return scale >= 1 ? padded(grey, width, height, scale) : reduced(grey, width, height);
}

function padded(grey: Uint8Array, width: number, height: number, scale: number): Uint8Array {
  const picture = new Uint8Array(picturePixels).fill(background(grey, width, height));
  const left = (pictureSide - scale * width) >> 1;
  const top = (pictureSide - scale * height) >> 1;
  for (let y = 0; y < scale * height; y++)
    for (let x = 0; x < scale * width; x++)
      picture[(top + y) * pictureSide + left + x] =
        grey[Math.floor(y / scale) * width + Math.floor(x / scale)]!;
  return picture;
}

/** The median along the edge. */
export function background(grey: Uint8Array, width: number, height: number): number {
  const edge: number[] = [];
  for (let x = 0; x < width; x++) edge.push(grey[x]!, grey[(height - 1) * width + x]!);
  for (let y = 0; y < height; y++) edge.push(grey[y * width]!, grey[y * width + width - 1]!);
  return edge.sort((a, b) => a - b)[edge.length >> 1]!;
}

function reduced(grey: Uint8Array, width: number, height: number): Uint8Array {
  const rows = new Float32Array(height * pictureSide);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < pictureSide; x++)
      rows[y * pictureSide + x] = meanOf(grey, y * width, 1, (x * width) / pictureSide, width / pictureSide);
  const picture = new Uint8Array(picturePixels);
  for (let y = 0; y < pictureSide; y++)
    for (let x = 0; x < pictureSide; x++)
      picture[y * pictureSide + x] = Math.round(
        meanOf(rows, x, pictureSide, (y * height) / pictureSide, height / pictureSide),
      );
  return picture;
}

/** The mean of values `step` apart, from `from` over `length` of them, parts by their share. */
function meanOf(
  values: ArrayLike<number>,
  first: number,
  step: number,
  from: number,
  length: number,
): number {
  const to = from + length;
  let sum = 0;
  for (let at = Math.floor(from); at < to - 1e-9; at++)
    sum += values[first + at * step]! * (Math.min(at + 1, to) - Math.max(at, from));
  return sum / length;
}
