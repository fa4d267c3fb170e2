/** What is measured is what SciPy measures, and what is odd is named with its value. */
import { describe, expect, it } from 'vitest';
import { golden, made } from './golden/golden.ts';
import { type ImageFacts, imageFacts } from './image-facts.ts';
import { median } from '#recipe/statistics/median.ts';
import { robustSpread } from './robust.ts';
import { unusualImages } from './unusual-images.ts';

describe('facts of an image', () => {
  it("are SciPy's", () => {
    const facts = imageFacts(made(1024, 7), 32, 32, 1);
    expect(facts.contrast).toBeCloseTo(golden.contrast, 3);
    expect(facts.sharpness / golden.sharpness).toBeCloseTo(1, 5);
    expect(facts.entropy).toBeCloseTo(golden.entropy, 10);
  });

  it('tell the colours: brightness by luma, the commonest one, and the edge', () => {
    const [width, height] = [6, 4];
    const pixels = Uint8Array.from({ length: width * height }, (_, at) => {
      const [x, y] = [at % width, Math.floor(at / width)];
      return Number(x > 0 && x < width - 1 && y > 0 && y < height - 1);
    });
    const coloured = Uint8Array.from(
      [...pixels].flatMap((inner) => (inner ? [0, 0, 255, 9] : [255, 0, 0, 9])),
    );
    const facts = imageFacts(coloured, width, height, 4, { width: 600, height: 400 });
    expect(facts.brightness).toBeCloseTo((16 * 0.299 * 255 + 8 * 0.114 * 255) / 24, 3);
    expect(facts.commonest).toBeCloseTo(16 / 24, 10);
    expect(facts.entropy).toBeCloseTo(-(2 / 3) * Math.log2(2 / 3) - (1 / 3) * Math.log2(1 / 3), 10);
    expect([facts.border, facts.width, facts.height]).toEqual([[255, 0, 0], 600, 400]);
  });

  it('are had of a single pixel, and refused where sizes disagree', () => {
    expect(imageFacts(Uint8Array.of(255), 1, 1, 1)).toEqual({
      ...{
        width: 1,
        height: 1,
        contrast: 0,
        sharpness: 0,
        commonest: 1,
        entropy: 0,
        border: [255, 255, 255],
      },
      brightness: expect.closeTo(255, 3) as number,
    });
    expect(() => imageFacts(new Uint8Array(5), 2, 2, 1)).toThrow(
      'Expected 2×2 pixels of 1 channels, received 5 values',
    );
  });

  it('have a median and a spread that a few values do not move', () => {
    expect(robustSpread(made(101, 3))).toEqual({
      median: golden.median,
      deviation: expect.closeTo(golden.deviation, 9) as number,
    });
    expect([median([4, 1]), median([3, 1, 2]), median([])]).toEqual([2.5, 2, NaN]);
  });
});

describe('unusual images', () => {
  const draws = made(4000, 17);
  const usual = (at: number): ImageFacts => ({
    ...{ width: 512, height: 384 + (draws[at]! % 5), brightness: 110 + (draws[at + 100]! % 40) },
    ...{ contrast: 50, sharpness: 300 + draws[at + 200]!, commonest: 0.2 + draws[at + 300]! / 1000 },
    ...{ entropy: 7, border: [0, 0, 0] },
  });
  const plain = Array.from({ length: 80 }, (_, at) => usual(at));
  const named = (odd: Partial<ImageFacts>[]) =>
    unusualImages([...plain, ...odd.map((facts, at) => ({ ...usual(at), ...facts }))]);

  it('are named by what is odd, with the value and what is usual', () => {
    expect(named([])).toEqual([]);
    const found = named([
      ...[{ brightness: 20 }, { brightness: 245 }, { sharpness: 5 }],
      ...[
        { commonest: 0.97, contrast: 12 },
        { width: 80, height: 60 },
        { width: 1600, height: 200 },
      ],
    ]);
    expect(found.map(({ place, kind }) => [place, kind])).toEqual([
      ...[
        [80, 'dark'],
        [81, 'bright'],
        [82, 'blurry'],
        [83, 'single-colour'],
        [84, 'odd-size'],
        [85, 'odd-aspect'],
      ],
    ]);
    expect([found[0]!.value, found[0]!.usual > 100, found[0]!.score > 3.5]).toEqual([20, true, true]);
    expect(found[4]!.value).toBe(4800);
  });

  it('are none where all are so, but for what is nothing anywhere', () => {
    const night = plain.map((facts) => ({ ...facts, brightness: facts.brightness / 8 }));
    expect(unusualImages(night)).toEqual([]);
    const black = { ...usual(0), brightness: 0, contrast: 0, sharpness: 0, commonest: 1 };
    expect(unusualImages([...night, black]).map(({ kind }) => kind)).toEqual(['dark', 'single-colour']);
    expect(unusualImages([black]).map(({ kind }) => kind)).toEqual(['dark', 'single-colour']);
    expect(unusualImages([])).toEqual([]);
  });

  it('differ by more than a little, however alike the others are', () => {
    const same = Array.from({ length: 30 }, () => usual(0));
    expect(
      unusualImages([...same, { ...usual(0), width: 513, brightness: usual(0).brightness + 3 }]),
    ).toEqual([]);
    const [found] = unusualImages([...same, { ...usual(0), width: 100, height: 75 }]);
    expect([found!.kind, found!.score]).toEqual(['odd-size', Infinity]);
  });
});
