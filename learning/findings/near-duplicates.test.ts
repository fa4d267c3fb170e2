/** Copies are found whatever was done to them, look-alikes are not, and each cluster says why. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generator } from '#learning/random-numbers.ts';
import { finish } from '#learning/work-in-turns.ts';
import { embeddingDuplicates } from './embedding-duplicates.ts';
import { greyPicture } from './grey-picture.ts';
import {
  alikePictures,
  chooseDuplicates,
  clusterDuplicates,
  type DuplicatePair,
  exactDuplicates,
} from './near-duplicates.ts';
import { pairKey } from './audit.ts';
import { shapeSize, shapeVectors } from './shape-vectors.ts';
import { type Change, drawPictures, nearest } from './testing.ts';

const random = generator(9);
const changes: Change[] = Array.from({ length: 40 }, () => ({
  right: 6.4 * (random() - 0.5),
  down: 6.4 * (random() - 0.5),
  brightness: 0.8 + 0.35 * random(),
  mirrored: random() < 0.5,
  noise: 2,
}));
const keys = (pairs: readonly DuplicatePair[]) =>
  pairs.map(({ first, second }) => pairKey(first, second)).sort();

describe('near duplicates among pictures', () => {
  const pictures = drawPictures(200, changes);
  const planted = changes.map((_, at) => pairKey(at, 200 + at)).sort();

  const neighbours = nearest(shapeVectors(pictures), shapeSize, 48);
  const find = (...ranges: { from?: number; to?: number }[]) =>
    chooseDuplicates(ranges.flatMap((range) => finish(alikePictures(pictures, neighbours, range))));

  it('are found moved, mirrored, brighter or darker and with noise, and nothing else is', () => {
    const found = find({});
    expect(keys(found)).toEqual(planted);
    for (const { first, mirrored, kind, similarity } of found) {
      expect([mirrored, kind]).toEqual([changes[first]!.mirrored, 'hash']);
      expect(similarity).toBeGreaterThan(0.94);
    }
  });

  it('are the same found in parts as at once', () => {
    expect(keys(find({ to: 100 }, { from: 100 }))).toEqual(planted);
  });

  it('are none among pictures of one colour', () => {
    const plain = new Uint8Array(5 * 1024).fill(200);
    const near = nearest(shapeVectors(plain), shapeSize, 4);
    expect(chooseDuplicates(finish(alikePictures(plain, near)))).toEqual([]);
    expect(shapeVectors(new Uint8Array(0))).toHaveLength(0);
  });

  it('must stand out from look-alikes', () => {
    const comparison = (distance: number) => ({
      ...{ correlation: 1, detail: 1, residual: 5, mirrored: false, gain: 1 },
      distance,
    });
    const pair = (second: number, distance: number) => ({
      first: 0,
      second,
      comparison: comparison(distance),
    });
    const alike = [2, 3, 4, 5].map((other) => pair(other, 0.05));
    expect(keys(chooseDuplicates([...alike, pair(1, 0.01)]))).toEqual(['0 1']);
    expect(keys(chooseDuplicates([...alike, pair(1, 0.03)]))).toEqual([]);
    const poor = { first: 0, second: 1, comparison: { ...comparison(0.01), residual: 40 } };
    expect(keys(chooseDuplicates([poor]))).toEqual([]);
    const dark = { first: 0, second: 1, comparison: { ...comparison(0.01), gain: 2.5 } };
    expect(keys(chooseDuplicates([dark]))).toEqual([]);
  });
});

describe('clusters', () => {
  it('hold what pairs join, with all evidence, the most alike first', () => {
    const exact = exactDuplicates(['a', 'b', '', 'a', '', 'a']);
    expect(exact.map(({ first, second, kind }) => [first, second, kind])).toEqual([
      [0, 3, 'exact'],
      [0, 5, 'exact'],
    ]);
    const near: DuplicatePair = { first: 1, second: 4, kind: 'hash', similarity: 0.97, mirrored: true };
    const weak: DuplicatePair = { first: 2, second: 3, kind: 'embedding', similarity: 0.95, mirrored: false };
    const clusters = clusterDuplicates(6, [weak, near, ...exact]);
    expect(clusters.map(({ members }) => members)).toEqual([
      [0, 2, 3, 5],
      [1, 4],
    ]);
    expect(clusters[0]!.evidence.map(({ kind }) => kind)).toEqual(['exact', 'exact', 'embedding']);
  });
});

describe('a small picture', () => {
  it('keeps the pixels of a small image, on the ground of its edge', () => {
    const grey = new Uint8Array(28 * 28).fill(7);
    grey[14 * 28 + 3] = 200;
    const picture = greyPicture(grey, 28, 28);
    expect([picture.length, picture[16 * 32 + 5], picture[0]]).toEqual([1024, 200, 7]);
    expect(picture.filter((value) => value !== 7)).toHaveLength(1);
  });

  it('has the mean of the area under each pixel of a large one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 33, max: 90 }), fc.integer({ min: 1, max: 90 }), (width, height) => {
        const grey = Uint8Array.from({ length: width * height }, (_, at) => (2 * (at % width)) & 255);
        const picture = greyPicture(grey, width, height);
        const centre = (x: number) => (2 * (x + 0.5) * width) / 32 - 1;
        for (const x of [0, 13, 31])
          for (const y of [0, 17, 31])
            expect(Math.abs(picture[y * 32 + x]! - centre(x))).toBeLessThanOrEqual(1);
      }),
    );
    expect(() => greyPicture(new Uint8Array(5), 2, 2)).toThrow('Expected 2×2 grey values, received 5');
  });
});

describe('near duplicates among embeddings', () => {
  it('are those whose cosine is that great, each pair once', () => {
    const size = 100;
    const count = 500;
    const draw = generator(4);
    const values = Float32Array.from({ length: count * size }, () => 1 + draw());
    for (let at = 0; at < 50; at++) {
      const [from, to] = [at * size, (count - 1 - at) * size];
      for (let number = 0; number < size; number++)
        values[to + number] = values[from + number]! + 0.2 * (draw() - 0.5);
    }
    const found = embeddingDuplicates(
      nearest(
        values.map((value) => value - 1.5),
        size,
        3,
      ),
      0.9,
    );
    expect(keys(found)).toEqual(Array.from({ length: 50 }, (_, at) => pairKey(at, count - 1 - at)).sort());
  });
});
