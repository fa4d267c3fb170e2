/** Hashes are what their papers say, and stay where a picture is the same to a person. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generator } from '#learning/random-numbers.ts';
import { golden, made } from './golden/golden.ts';
import { HashIndex } from './hash-index.ts';
import {
  bitCount,
  blockMeanHashes,
  hashBits,
  mirrorBlocks,
  mirrorSketch,
  perceptualHashes,
  pictureSide,
  signsOf,
  sketchPicture,
} from './perceptual-hash.ts';
import { drawScene, takePicture, together } from './testing.ts';

const sketchOf = (picture: Uint8Array, shift: [number, number] = [0, 0]) => {
  const sketch = new Float32Array(hashBits);
  sketchPicture(picture, 0, shift, sketch);
  return sketch;
};
const apart = (a: Uint32Array, b: Uint32Array) => bitCount(a[0]! ^ b[0]!) + bitCount(a[1]! ^ b[1]!);
const mirror = (picture: Uint8Array) =>
  picture.map((_, at) => picture[at - (at % pictureSide) + pictureSide - 1 - (at % pictureSide)]!);

describe('a sketch', () => {
  it("is SciPy's DCT of the middle", () => {
    const [first, ...others] = sketchOf(made(1024, 7));
    expect(first).toBeCloseTo(golden.sketch[64]!, 1);
    others.forEach((value, at) => expect(value).toBeCloseTo(golden.sketch[at + 1]!, 1));
  });

  it('moved is that of the moved picture, and mirrored that of the mirrored one', () => {
    const scene = drawScene(generator(3));
    for (const [right, down] of [
      [3, -3],
      [-2, 1],
      [0, 2],
    ] as const) {
      const moved = sketchOf(takePicture(scene, generator(1), { right, down }));
      sketchOf(takePicture(scene, generator(1)), [right, down]).forEach((value, at) =>
        expect(value).toBeCloseTo(moved[at]!, 2),
      );
    }
    const mirrored = sketchOf(takePicture(scene, generator(1)));
    mirrorSketch(mirrored);
    sketchOf(mirror(takePicture(scene, generator(1)))).forEach((value, at) =>
      expect(value).toBeCloseTo(mirrored[at]!, 1),
    );
  });
});

describe('hashes', () => {
  it('of copies are near, of other pictures far', () => {
    const random = generator(5);
    const scenes = Array.from({ length: 40 }, () => drawScene(random));
    const plain = together(scenes.map((scene) => takePicture(scene, random)));
    const copies = together(
      scenes.map((scene) => takePicture(scene, random, { brightness: 0.8, noise: 5, right: 0.5 })),
    );
    for (const hashesOf of [perceptualHashes, blockMeanHashes]) {
      const [a, b] = [hashesOf(plain), hashesOf(copies)];
      const bits = (first: number, second: number) =>
        apart(a.subarray(2 * first, 2 * first + 2), b.subarray(2 * second, 2 * second + 2));
      const same = scenes.map((_, at) => bits(at, at));
      const other = scenes.map((_, at) => bits(at, (at + 1) % scenes.length));
      expect(Math.max(...same)).toBeLessThan(18);
      expect(other.reduce((sum, value) => sum + value, 0) / other.length).toBeGreaterThan(20);
    }
  });

  it('of blocks are mirrored by turning rows round', () => {
    const picture = takePicture(drawScene(generator(8)), generator(1));
    const turned = blockMeanHashes(picture).map(mirrorBlocks);
    expect([...blockMeanHashes(mirror(picture))]).toEqual([...turned]);
  });

  it('are refused of what is no picture', () => {
    expect(() => perceptualHashes(new Uint8Array(1000))).toThrow(
      'Expected pictures of 32×32, received 1000 values',
    );
  });

  it('are counted bit by bit', () => {
    fc.assert(
      fc.property(fc.integer(), (word) => {
        expect(bitCount(word)).toBe((word >>> 0).toString(2).replaceAll('0', '').length);
      }),
    );
  });
});

describe('the index of hashes', () => {
  const random = generator(2);
  const count = 3000;
  const sketches = Float32Array.from({ length: count * hashBits }, () => random() - 0.5);
  const hashes = Uint32Array.from({ length: 2 * count }, (_, at) =>
    signsOf(sketches, (at >> 1) * hashBits, (at & 1) as 0 | 1),
  );

  it('finds what is as near as that, whichever bits differ, and nothing farther', () => {
    const index = new HashIndex(hashes, 2);
    for (let place = 0; place < 60; place++) {
      const query = sketches.slice(place * hashBits, (place + 1) * hashBits);
      // As many bits as parts, but for one: a part stays as it was (the pigeonhole of the paper).
      for (let turned = 0; turned < 5; turned++) query[Math.floor(random() * hashBits)]! *= -1;
      const found = new Map<number, number>();
      index.find(query, 16, (other, away) => found.set(other, away));
      const words = [signsOf(query, 0, 0), signsOf(query, 0, 1)] as const;
      const truly = (other: number) =>
        bitCount(hashes[2 * other]! ^ words[0]) + bitCount(hashes[2 * other + 1]! ^ words[1]);
      expect(found.has(place)).toBe(true);
      for (const [other, away] of found) expect(away).toBe(truly(other));
      for (const away of found.values()) expect(away).toBeLessThanOrEqual(16);
    }
  });

  it('also finds what differs in all parts, where those bits are not sure', () => {
    const few = new HashIndex(hashes, 0);
    const more = new HashIndex(hashes, 2);
    const query = sketches.slice(0, hashBits);
    // The least sure bit of each part of eleven or so.
    for (let first = 0; first < hashBits; first += 8) {
      let least = first;
      for (let bit = first; bit < first + 8; bit++)
        if (Math.abs(query[bit]!) < Math.abs(query[least]!)) least = bit;
      query[least] = -Math.sign(query[least]!) * 1e-6;
    }
    const finds = (index: HashIndex) => {
      let found = false;
      index.find(query, 16, (place) => (found ||= place === 0));
      return found;
    };
    expect([finds(few), finds(more)]).toEqual([false, true]);
  });
});
