/** What is joined and why; names of all shapes; sequences found in what is one, and not in what is none. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generator, normal } from '#learning/random-numbers.ts';
import { mergeGroups } from '#learning/search/folds.ts';
import { groupImages, reasonsOfGroups } from './groups.ts';
import { folderOf, patternKey, prefixOf } from './name-keys.ts';
import { findSequences, numberedNeighbours } from './sequences.ts';

describe('groups', () => {
  it('join over all reasons, and keep those that hold each together', () => {
    const found = groupImages(7, {
      nearDuplicates: [
        { a: 0, b: 1, similarity: 0.9 },
        { a: 1, b: 0, similarity: 0.99 },
      ],
      sequences: [{ a: 1, b: 2, similarity: 0.8 }],
      column: ['', '', 'x', 'x', '', '', ''],
      folder: ['', 'f', 'f', '', '', 'g', 'g'],
    });
    expect([...found.groups]).toEqual([0, 0, 0, 0, 1, 2, 2]);
    expect(found.count).toBe(3);
    expect(found.joins).toEqual([
      { a: 1, b: 0, reason: 'near-duplicate', similarity: 0.99, key: null },
      { a: 1, b: 2, reason: 'sequence', similarity: 0.8, key: null },
      { a: 2, b: 3, reason: 'column', similarity: null, key: 'x' },
      { a: 5, b: 6, reason: 'folder', similarity: null, key: 'g' },
    ]);
    const counts = reasonsOfGroups(found);
    expect([...counts.keys()]).toEqual([0, 2]);
    expect(counts.get(0)).toMatchObject({ 'near-duplicate': 1, sequence: 1, column: 1, folder: 0 });
  });

  it('are those of merged keys, and have one join less than images', () => {
    const keys = fc.array(fc.tuple(fc.constantFrom('', 'a', 'b', 'c'), fc.constantFrom('', 'x', 'y')), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(keys, (list) => {
        const [column, prefix] = [list.map(([key]) => key), list.map(([, key]) => key)];
        const { groups, count, joins } = groupImages(list.length, { column, prefix });
        expect(groups).toEqual(mergeGroups(list.length, [column, prefix]));
        expect(joins).toHaveLength(list.length - count);
        for (const { a, b } of joins) expect(groups[a]).toBe(groups[b]);
      }),
    );
  });

  it('refuse pairs of images that are not there, and keys that are not one for each', () => {
    expect(() => groupImages(3, { nearDuplicates: [{ a: 0, b: 3, similarity: 1 }] })).toThrow(
      expect.objectContaining({
        code: 'BAD_REQUEST',
        message: expect.stringContaining('from 0 to 2, received 3'),
      }),
    );
    expect(() => groupImages(3, { folder: ['a'] })).toThrow('a folder for each of 3 images, received 1');
  });
});

describe('keys of names', () => {
  it('are folders, prefixes, and what a pattern captures', () => {
    expect([folderOf('a/b/c.png'), folderOf('c.png')]).toEqual(['a/b', '']);
    expect([prefixOf('a/b/p12_3.png', '_'), prefixOf('p12.png', '_'), prefixOf('_x.png', '_')]).toEqual([
      'p12',
      'p12',
      '_x',
    ]);
    const patient = patternKey(String.raw`patient(\d+)`);
    expect(['x/patient12_3.png', 'x/other.png'].map(patient)).toEqual(['12', '']);
    expect(patternKey('(a)(?<group>b)')('ab')).toBe('b');
    expect(patternKey('(a)?b')('b')).toBe('');
  });

  it('are what a template says stands for the group', () => {
    const key = patternKey('{group}_*.jpg');
    expect(['a/p12_3.jpg', 'p7_1_2.jpg', 'a/p12.jpg', 'p1_2.png'].map(key)).toEqual(['p12', 'p7', '', '']);
    expect(patternKey('scan (1)-{group}.*')('x/scan (1)-heart.png')).toBe('heart');
    expect(() => patternKey('{group}-{group}')).toThrow('{group} once');
  });

  it('refuse what is no pattern, or captures nothing', () => {
    expect(() => patternKey('(')).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
    expect(() => patternKey('a(?:b)')).toThrow('a part in parentheses');
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, name) => {
        try {
          expect(typeof patternKey(pattern)(name)).toBe('string');
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_REQUEST' });
        }
      }),
    );
  });
});

describe('sequences', () => {
  it('are of one folder, with names alike but for a number, in natural order', () => {
    const names = ['a/f10.png', 'a/f9.png', 'b/f11.png', 'a/f11.jpg', 'a/f8.png', 'a/g7.png', 'a/x.png'];
    expect(numberedNeighbours(names)).toEqual([
      [4, 1],
      [1, 0],
    ]);
  });

  it('follow the usual step of a series, and any number of a name', () => {
    expect(numberedNeighbours(['f000.png', 'f005.png', 'f010.png', 'f100.png'])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(numberedNeighbours(['clip3_shot7_2x.png', 'clip3_shot8_2x.png'])).toEqual([[0, 1]]);
    expect(numberedNeighbours(['12345678901234567890.png', '12345678901234567891.png', ''])).toEqual([]);
  });

  /** Scenes of several images each, around centres of their class; `scene` 1 is none. */
  function scenes(scene: number) {
    const draw = normal(generator(3, scene));
    const size = 16;
    const vector = (spread: number, around?: readonly number[]) =>
      Array.from({ length: size }, (_, at) => (around?.[at] ?? 0) + spread * draw());
    const centres = [vector(1), vector(1)];
    const names: string[] = [];
    const labels: number[] = [];
    const vectors: number[][] = [];
    for (const [label, centre] of centres.entries()) {
      let shown: number[] = [];
      for (let at = 0; at < 120; at += 1) {
        if (at % scene === 0) shown = vector(1, centre);
        vectors.push(vector(scene === 1 ? 0 : 0.2, shown));
        names.push(`class ${label}/img${at}.jpg`);
        labels.push(label);
      }
    }
    const similarity = (a: number, b: number) =>
      -Math.hypot(...vectors[a]!.map((value, at) => value - vectors[b]![at]!));
    return { names, labels, similarity, seed: 1 };
  }

  it('are joined where neighbours look more alike than others of their class', () => {
    const { pairs, neighbours, thresholds } = findSequences(scenes(4));
    expect(neighbours).toBe(238);
    const right = pairs.filter(({ a, b }) => Math.floor(a / 4) === Math.floor(b / 4));
    // Of the neighbours, three of four show one scene.
    expect(right.length).toBeGreaterThan(170);
    expect(pairs.length - right.length).toBeLessThan(0.25 * pairs.length);
    for (const label of [0, 1]) expect(thresholds.get(label)).toBeLessThan(0);
  });

  it('are hardly found where numbers mean nothing', () => {
    const { pairs } = findSequences(scenes(1));
    expect(pairs.length).toBeLessThan(5);
  });

  it('are none where a class has nothing to compare with', () => {
    const { pairs, thresholds } = findSequences({
      names: ['a1.png', 'a2.png'],
      labels: [0, 0],
      similarity: () => 1,
      seed: 1,
    });
    expect(pairs).toEqual([]);
    expect(thresholds.get(0)).toBeNull();
  });

  it('do not depend on the order of images', () => {
    const images = scenes(4);
    const reversed = [...images.names.keys()].reverse();
    const other = findSequences({
      ...images,
      names: reversed.map((at) => images.names[at]!),
      labels: reversed.map((at) => images.labels[at]!),
      similarity: (a, b) => images.similarity(reversed[a]!, reversed[b]!),
    });
    const named = (pairs: readonly { a: number; b: number }[], of: (at: number) => number) =>
      pairs.map(({ a, b }) => [of(a), of(b)].sort((p, q) => p - q).join()).sort();
    expect(named(other.pairs, (at) => reversed[at]!)).toEqual(named(findSequences(images).pairs, (at) => at));
  });
});
