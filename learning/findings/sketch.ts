/**
 * Sketches of grey pictures of 32×32: their lowest frequencies, as the pHash has them (Zauner 2010), moved by a few pixels. They hardly change where an image is
 * encoded anew or made brighter, and tell by how much a copy was moved. Pure.
 */
import { picturePixels, pictureSide } from './grey-picture.ts';

/** Numbers of a sketch. */
export const sketchSize = 64;

const low = 8;
/** The window in the middle that is looked at: a picture may be moved by the margin, and none of its edge is in it. */
const windowMargin = 3;
const windowSide = pictureSide - 2 * windowMargin;
/** [frequency 0 to 8, place]: the basis of the DCT-II, unscaled. */
const basis = Float32Array.from({ length: (low + 1) * windowSide }, (_, at) => {
  const [frequency, place] = [Math.floor(at / windowSide), at % windowSide];
  return Math.cos((Math.PI * frequency * (2 * place + 1)) / (2 * windowSide));
});

/** Of one picture at a time; kept, since they are many. */
const alongRows = new Float32Array(windowSide * low);

/**
 * The 64 lowest frequencies of the middle 26×26 of a picture that was moved: coefficient (u, v), u across and v down, stands at
 * 8·v + u. In the place of (0, 0), the brightness, stands (0, 8).
 * @param pictures [n, 32, 32], 0 to 255
 * @param shift whole pixels to the right and down, 3 at most, so that nothing has to be made up
 * @param result written to, 64 numbers from `at` on
 */
export function sketchPicture(
  pictures: Uint8Array,
  picture: number,
  [right, down]: readonly [number, number],
  result: Float32Array,
  at = 0,
): void {
  const first = picture * picturePixels + (windowMargin - down) * pictureSide + windowMargin - right;
  for (let y = 0; y < windowSide; y++) {
    const row = first + y * pictureSide;
    for (let u = 0; u < low; u++) {
      const wave = u * windowSide;
      let sum = 0;
      for (let x = 0; x < windowSide; x++) sum += pictures[row + x]! * basis[wave + x]!;
      alongRows[u * windowSide + y] = sum;
    }
  }
  for (let v = 0; v < low; v++) for (let u = 0; u < low; u++) result[at + v * low + u] = alongColumn(u, v);
  result[at] = alongColumn(0, low);
}

function alongColumn(u: number, v: number): number {
  let sum = 0;
  for (let y = 0; y < windowSide; y++) sum += alongRows[u * windowSide + y]! * basis[v * windowSide + y]!;
  return sum;
}

/** Makes a sketch that of the mirrored picture: waves that are odd across turn their sign. */
export function mirrorSketch(sketch: Float32Array): void {
  for (let at = 1; at < sketchSize; at += 2) sketch[at]! *= -1;
}
