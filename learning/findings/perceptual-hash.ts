/**
 * Hashes that hardly change where an image is encoded anew, made brighter or moved a little, of grey pictures of 32×32. Pure. Making
 * a picture that small is left to whoever decodes, finding like hashes to hash-index.ts.
 */

/** Pixels of a side of the pictures compared. */
export const pictureSide = 32;
export const picturePixels = pictureSide * pictureSide;
/** Numbers of a sketch, and bits of a hash. */
export const hashBits = 64;

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
  for (let at = 1; at < hashBits; at += 2) sketch[at]! *= -1;
}

/** The signs of 64 numbers as two words: bit b of word w is set where number 32·w + b is positive. */
export function signsOf(sketch: Float32Array, at: number, word: 0 | 1): number {
  let bits = 0;
  for (let bit = 0; bit < 32; bit++) if (sketch[at + 32 * word + bit]! > 0) bits |= 1 << bit;
  return bits >>> 0;
}

/**
 * The pHash (Zauner 2010) of each picture: the signs of its 64 lowest frequencies. Against zero, not their median as there: so the hash
 * of the mirrored picture follows from it.
 * @param pictures [n, 32, 32]
 * @returns [n, 2]
 */
export function perceptualHashes(pictures: Uint8Array): Uint32Array {
  const sketch = new Float32Array(hashBits);
  return eachPicture(pictures, (picture, hashes) => {
    sketchPicture(pictures, picture, [0, 0], sketch);
    hashes[0] = signsOf(sketch, 0, 0);
    hashes[1] = signsOf(sketch, 0, 1);
  });
}

/**
 * The block-mean hash (Yang, Gu and Niu 2006) of each picture: of 8×8 blocks, which are brighter than their mean. Follows where things
 * lie, where pHash follows waves.
 * @param pictures [n, 32, 32]
 * @returns [n, 2]; row r of blocks is bits 8·r to 8·r + 7 of 64
 */
export function blockMeanHashes(pictures: Uint8Array): Uint32Array {
  const block = pictureSide / 8;
  const sums = new Float32Array(hashBits);
  return eachPicture(pictures, (picture, hashes) => {
    sums.fill(0);
    for (let y = 0; y < pictureSide; y++)
      for (let x = 0; x < pictureSide; x++)
        sums[Math.floor(y / block) * 8 + Math.floor(x / block)]! +=
          pictures[picture * picturePixels + y * pictureSide + x]!;
    const mean = sums.reduce((sum, value) => sum + value, 0) / hashBits;
    for (let at = 0; at < hashBits; at++) sums[at]! -= mean;
    hashes[0] = signsOf(sums, 0, 0);
    hashes[1] = signsOf(sums, 0, 1);
  });
}

/** The block-mean hash of the mirrored picture, of one of its two words: rows of eight bits read from behind. */
export function mirrorBlocks(word: number): number {
  word = ((word & 0x0f0f0f0f) << 4) | ((word >>> 4) & 0x0f0f0f0f);
  word = ((word & 0x33333333) << 2) | ((word >>> 2) & 0x33333333);
  return (((word & 0x55555555) << 1) | ((word >>> 1) & 0x55555555)) >>> 0;
}

function eachPicture(
  pictures: Uint8Array,
  hash: (picture: number, hashes: Uint32Array) => void,
): Uint32Array {
  const count = pictureCount(pictures);
  const hashes = new Uint32Array(2 * count);
  for (let picture = 0; picture < count; picture++)
    hash(picture, hashes.subarray(2 * picture, 2 * picture + 2));
  return hashes;
}

/** @throws RangeError where these are not whole pictures of 32×32 */
export function pictureCount(pictures: Uint8Array): number {
  if (pictures.length % picturePixels !== 0)
    throw new RangeError(
      `Expected pictures of ${pictureSide}×${pictureSide}, received ${pictures.length} values`,
    );
  return pictures.length / picturePixels;
}

/** Bits that are set in a word of 32. */
export function bitCount(word: number): number {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
