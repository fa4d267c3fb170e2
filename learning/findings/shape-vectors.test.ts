/** A vector of a shape is that of the Fourier transform, and stays where a picture is moved, mirrored or made brighter. */
import { describe, expect, it } from 'vitest';
import { generator } from '#learning/random-numbers.ts';
import { dot } from './dot.ts';
import { picturePixels, pictureSide } from './grey-picture.ts';
import { shapeSize, shapeVectors } from './shape-vectors.ts';
import { together } from './testing.ts';

/** A few blots on a ground of 40, well within the picture. */
function blots(seed: number, right = 0, down = 0): Uint8Array {
  const random = generator(seed);
  const picture = new Uint8Array(picturePixels).fill(40);
  for (let blot = 0; blot < 30; blot++) {
    const [x, y, level] = [
      8 + Math.floor(15 * random()),
      8 + Math.floor(15 * random()),
      60 + Math.floor(190 * random()),
    ];
    picture[(y + down) * pictureSide + x + right] = level;
  }
  return picture;
}
const mirrored = (picture: Uint8Array) =>
  picture.map((_, at) => picture[at - (at % pictureSide) + pictureSide - 1 - (at % pictureSide)]!);

describe('vectors of shapes', () => {
  const plain = blots(1);
  const others = Array.from({ length: 20 }, (_, at) => blots(at + 2));
  const vectors = shapeVectors(
    together([plain, blots(1, 3, -2), mirrored(plain), plain.map((level) => level / 2), ...others]),
  );
  const cosine = (a: number, b: number) => {
    const product = (p: number, q: number) => dot(vectors, p * shapeSize, vectors, q * shapeSize, shapeSize);
    return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
  };

  it('are the same of a picture moved, mirrored and darkened, and others of others', () => {
    expect(cosine(0, 1)).toBeGreaterThan(0.9999);
    expect(cosine(0, 2)).toBeGreaterThan(0.9999);
    expect(cosine(0, 3)).toBeGreaterThan(0.99);
    for (let other = 4; other < 24; other++) expect(cosine(0, other)).toBeLessThan(0.8);
  });

  it('are sizes of frequencies: one wave across is one number and its mirrored one', () => {
    const wave = Uint8Array.from({ length: picturePixels }, (_, at) =>
      Math.round(128 + 100 * Math.cos((2 * Math.PI * 3 * (at % pictureSide)) / pictureSide)),
    );
    const flat = new Uint8Array(picturePixels).fill(128);
    const [first] = [shapeVectors(together([wave, flat])).subarray(0, shapeSize)];
    const sizes = [...first].map((value, at) => ({ value, at })).sort((a, b) => b.value - a.value);
    // Frequency (0, 0) is by how much the mean differs from the edge.
    expect(sizes.find(({ at }) => at > 1)!.at).toBe(2 * (3 * 10 + 0));
  });

  it('are refused of what is no picture', () => {
    expect(() => shapeVectors(new Uint8Array(1000))).toThrow(
      'Expected pictures of 32×32, received 1000 values',
    );
  });
});
