/**
 * A vector for each small picture that stays nearly the same where the picture is moved, mirrored, made brighter or encoded anew: the sizes of
 * its lowest frequencies (the shift theorem of the Fourier transform). Pure. Which vectors are near each other is left to
 * embeddings/nearest-others.ts, whether near ones are copies to picture-comparison.ts.
 */
import { background, pictureCount, picturePixels, pictureSide } from './grey-picture.ts';

/** Frequencies in each direction, from 0. */
const frequencies = 10;
/** Numbers of a vector. */
export const shapeSize = 2 * frequencies * frequencies;

/** [frequency, place]: cosines and sines. */
const wave = (of: (angle: number) => number) =>
  Float32Array.from({ length: frequencies * pictureSide }, (_, at) =>
    of((2 * Math.PI * Math.floor(at / pictureSide) * (at % pictureSide)) / pictureSide),
  );
const cosines = wave(Math.cos);
const sines = wave(Math.sin);

/** Of one picture at a time; kept, since they are many: [frequency across, row]. */
const across = {
  real: new Float32Array(frequencies * pictureSide),
  imaginary: new Float32Array(frequencies * pictureSide),
};
const levels = new Float32Array(picturePixels);

/**
 * Square roots of the sizes of frequencies (u, v) and (u, −v), as their sum and their difference, which mirroring leaves alone; each vector of
 * length 1, and then less the mean of all: what all pictures have in common says nothing.
 * @param pictures [n, 32, 32], of greyPicture
 * @returns [n, 200]
 * @throws RangeError where these are not whole pictures of 32×32
 */
export function shapeVectors(pictures: Uint8Array): Float32Array {
  const count = pictureCount(pictures);
  const vectors = new Float32Array(count * shapeSize);
  const sums = new Float64Array(shapeSize);
  for (let picture = 0; picture < count; picture++) {
    const vector = vectors.subarray(picture * shapeSize, (picture + 1) * shapeSize);
    shapeOf(pictures.subarray(picture * picturePixels, (picture + 1) * picturePixels), vector);
    for (let at = 0; at < shapeSize; at++) sums[at]! += vector[at]!;
  }
  for (let at = 0; at < vectors.length; at++) vectors[at]! -= sums[at % shapeSize]! / count;
  return vectors;
}

function shapeOf(picture: Uint8Array, vector: Float32Array): void {
  // What is moved out of a picture leaves its ground, so that this counts as nothing.
  const ground = background(picture, pictureSide, pictureSide);
  for (let at = 0; at < picturePixels; at++) levels[at] = picture[at]! - ground;
  const { real, imaginary } = across;
  for (let u = 0; u < frequencies; u++)
    for (let y = 0; y < pictureSide; y++) {
      let [re, im] = [0, 0];
      for (let x = 0; x < pictureSide; x++) {
        const level = levels[y * pictureSide + x]!;
        re += level * cosines[u * pictureSide + x]!;
        im -= level * sines[u * pictureSide + x]!;
      }
      real[u * pictureSide + y] = re;
      imaginary[u * pictureSide + y] = im;
    }
  let squares = 0;
  for (let u = 0; u < frequencies; u++)
    for (let v = 0; v < frequencies; v++) {
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let y = 0; y < pictureSide; y++) {
        const [cosine, sine] = [cosines[v * pictureSide + y]!, sines[v * pictureSide + y]!];
        const [re, im] = [real[u * pictureSide + y]!, imaginary[u * pictureSide + y]!];
        a += re * cosine;
        b += im * sine;
        c += im * cosine;
        d += re * sine;
      }
      const [down, up] = [Math.hypot(a + b, c - d), Math.hypot(a - b, c + d)];
      const at = 2 * (u * frequencies + v);
      vector[at] = down + up;
      vector[at + 1] = Math.abs(down - up);
      squares += vector[at]! ** 2 + vector[at + 1]! ** 2;
    }
  const length = Math.sqrt(squares);
  for (let at = 0; at < shapeSize; at++) vector[at] = length > 0 ? Math.sqrt(vector[at]! / length) : 0;
}
