/** Error slices: tests beside scipy's, slices that were planted, and none where none were; k-means. */
import { describe, expect, test } from 'vitest';
import { generator, normal } from '../random-numbers.ts';
import { finish } from '../work-in-turns.ts';
import { type Candidate, endsOf, groupsOf } from './candidates.ts';
import { falseDiscoveryRate, findSlices, leastImages } from './find-slices.ts';
import { benjaminiHochberg, fisherGreater } from './fisher.ts';
import { kMeans, shortened } from './k-means.ts';

describe('Fisher’s exact test', () => {
  // scipy.stats.fisher_exact([[wrong, images - wrong], [allWrong - wrong, …]], alternative='greater'), scipy.stats.hypergeom.sf.
  test.each([
    [{ wrong: 8, images: 10, allWrong: 10, all: 20 }, 0.011507],
    [{ wrong: 1, images: 10, allWrong: 2, all: 20 }, 0.763158],
    [{ wrong: 3, images: 3, allWrong: 3, all: 20 }, 1 / 1140],
    [{ wrong: 0, images: 5, allWrong: 3, all: 20 }, 1],
    [{ wrong: 12, images: 10 + 5, allWrong: 17, all: 20 }, 1],
  ])('of %o is %f', (counts, expected) => expect(fisherGreater(counts)).toBeCloseTo(expected, 5));

  test('is the share of all ways to draw the slice: counted one by one', () => {
    // Every slice of 3 of 7 images, of which the first 3 are wrong.
    let [ways, asMany] = [0, 0];
    for (let a = 0; a < 7; a += 1)
      for (let b = a + 1; b < 7; b += 1)
        for (let c = b + 1; c < 7; c += 1) {
          ways += 1;
          if ([a, b, c].filter((at) => at < 3).length >= 2) asMany += 1;
        }
    expect(fisherGreater({ wrong: 2, images: 3, allWrong: 3, all: 7 })).toBeCloseTo(asMany / ways, 12);
  });
});

test('p-values are adjusted as by Benjamini and Hochberg: the example of their paper keeps four of fifteen', () => {
  const values = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
    0.759, 1,
  ];
  const adjusted = benjaminiHochberg([...values].reverse()).reverse();
  expect(adjusted.filter((value) => value <= 0.05)).toHaveLength(4);
  expect(adjusted[0]).toBeCloseTo(0.0015, 10);
  expect(adjusted[3]).toBeCloseTo((0.0095 * 15) / 4, 10);
  adjusted.slice(1).forEach((value, at) => expect(value).toBeGreaterThanOrEqual(adjusted[at]!));
});

interface Images {
  facts: Record<string, Float64Array>;
  classes: Int32Array;
  folders: string[];
  wrong: Uint8Array;
}

/** Images of five facts, ten classes and six folders; `share` says how probably one is wrong. */
function imagesOf(seed: number, count: number, share: (images: Images, at: number) => number): Images {
  const uniform = generator(seed, count);
  const bell = normal(uniform);
  const names = ['brightness', 'contrast', 'sharpness', 'size', 'aspect'];
  const images: Images = {
    facts: Object.fromEntries(names.map((name) => [name, Float64Array.from({ length: count }, bell)])),
    classes: Int32Array.from({ length: count }, () => Math.floor(uniform() * 10)),
    folders: Array.from({ length: count }, () => `folder ${Math.floor(uniform() * 6)}`),
    wrong: new Uint8Array(count),
  };
  for (let at = 0; at < count; at += 1) images.wrong[at] = Number(uniform() < share(images, at));
  return images;
}

const candidatesOf = ({ facts, classes, folders }: Images): Candidate<string>[] => [
  ...Object.entries(facts).flatMap(([name, values]) =>
    endsOf(values).map(({ condition: { side, share }, places }) => ({
      condition: `${name} ${side} ${share}`,
      places,
      family: `${name} ${side}`,
    })),
  ),
  ...groupsOf(classes).map(({ condition, places }) => ({ condition: `class ${condition}`, places })),
  ...groupsOf(folders),
];
const slicesOf = (images: Images) => findSlices(images.wrong, images.classes, candidatesOf(images));

const darkest = ({ facts: { brightness } }: Images, at: number, share = 0.1) =>
  brightness!.filter((value) => value < brightness![at]!).length < share * brightness!.length;

describe('error slices', () => {
  test('a planted one is found, and stands first: the darkest tenth wrong at 45 % among 10 %', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const images = imagesOf(seed, 600, (all, at) => (darkest(all, at) ? 0.45 : 0.1));
      const [first] = slicesOf(images).slices;
      expect(first).toMatchObject({ condition: expect.stringMatching(/^brightness low/), found: true });
      expect(first!.rest.wrong + first!.wrong).toBe(images.wrong.reduce((a, b) => a + b, 0));
      expect(first!.interval.low).toBeLessThan(first!.wrong / first!.places.length);
      expect(first!.adjusted).toBeGreaterThanOrEqual(first!.p);
    }
  });

  test('where none is planted, none is told as found in at least 95 of 100 data sets', () => {
    const sets = 400;
    let [told, tried] = [0, 0];
    for (let seed = 0; seed < sets; seed += 1) {
      const found = slicesOf(imagesOf(seed, 400, () => 0.12));
      ({ tried } = found);
      if (found.slices.some(({ found: sure }) => sure)) told += 1;
    }
    // 5 ends of 2 × 2, ten classes and six folders.
    expect(tried).toBe(36);
    // 0.05 is promised; a fair coin of that weight lands above 0.08 once in 200 such tests.
    expect(told / sets).toBeLessThan(falseDiscoveryRate + 0.03);
  });

  test('what a class explains is told beside it: a folder of the hard class alone', () => {
    const images = imagesOf(1, 800, ({ classes }, at) => (classes[at] === 3 ? 0.5 : 0.05));
    // Half of the hard class lies in a folder of its own.
    images.folders = images.folders.map((name, at) =>
      images.classes[at] === 3 && at % 2 === 0 ? 'hard' : name,
    );
    const { slices } = slicesOf(images);
    expect(slices[0]).toMatchObject({ condition: 'class 3', found: true, expected: null });
    const folder = slices.find(({ condition }) => condition === 'hard')!;
    expect(folder.found).toBe(true);
    expect(Math.abs(folder.expected! - 0.5)).toBeLessThan(0.2);
  });

  test('slices of much the same images are told as one; few images, and nearly all, are no slice; the same images are one try', () => {
    const images = imagesOf(2, 300, (all, at) => (darkest(all, at, 0.25) ? 0.6 : 0.05));
    images.facts['contrast'] = images.facts['brightness']!.map((value) => value + 1e-3);
    const { slices, tried } = slicesOf(images);
    expect(slices[0]!.condition).toMatch(/^brightness low/);
    expect(slices[0]!.alike.every((condition) => /low/.test(condition))).toBe(true);
    expect(slices.filter(({ condition }) => /contrast low/.test(condition))).toEqual([]);
    const places = (count: number) => Int32Array.from({ length: count }, (_, at) => at);
    const small = [leastImages - 1, 300 - leastImages + 1].map((count) => ({
      condition: 'x',
      places: places(count),
    }));
    expect(findSlices(images.wrong, images.classes, small).tried).toBe(0);
    const both = [50, 50].map((count) => ({ condition: 'x', places: places(count) }));
    expect(findSlices(images.wrong, images.classes, both).tried).toBe(1);
    expect(tried).toBeGreaterThan(20);
  });

  test('an end with too many equal values, and what is not a number, is none', () => {
    expect(endsOf(new Float64Array(100).fill(28))).toEqual([]);
    const values = Float64Array.from({ length: 100 }, (_, at) => (at < 40 ? NaN : at));
    expect(
      endsOf(values).map(({ condition: { side, share }, places }) => [side, share, places.length]),
    ).toEqual([
      ['low', 0.1, 6],
      ['high', 0.1, 6],
      ['low', 0.25, 15],
      ['high', 0.25, 15],
    ]);
  });
});

test('k-means tells three heaps apart, whatever the seed, and is the same for the same seed', () => {
  const uniform = generator(5);
  const heaps = [0, 1, 2].flatMap((heap) => Array.from({ length: 40 }, () => heap));
  const vectors = Float32Array.from(
    heaps.flatMap((heap) => [0, 1, 2].map((axis) => (axis === heap ? 5 : 0) + uniform())),
  );
  for (let seed = 0; seed < 5; seed += 1) {
    const found = finish(kMeans(vectors.slice(), 3, 3, seed));
    expect(found).toEqual(finish(kMeans(vectors.slice(), 3, 3, seed)));
    for (const heap of [0, 1, 2]) {
      const own = new Set(heaps.flatMap((each, at) => (each === heap ? [found[at]!] : [])));
      expect(own.size).toBe(1);
    }
    expect(new Set(found).size).toBe(3);
  }
});

test('long vectors keep their distances when they are shortened, and short ones stay as they are', () => {
  const draw = normal(generator(9));
  const size = 1000;
  const vectors = Float32Array.from({ length: 6 * size }, draw);
  const short = finish(shortened(vectors, size, 0));
  expect(short.size).toBe(64);
  const apart = (values: Float32Array, length: number, a: number, b: number) =>
    Math.hypot(...Array.from({ length }, (_, at) => values[a * length + at]! - values[b * length + at]!));
  for (let other = 1; other < 6; other += 1) {
    const ratio = apart(short.vectors, 64, 0, other) / (8 * apart(vectors, size, 0, other));
    expect(Math.abs(ratio - 1)).toBeLessThan(0.35);
  }
  expect(finish(shortened(vectors, 100, 0))).toEqual({ vectors, size: 100 });
});
