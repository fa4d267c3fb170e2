/** Occlusion of networks whose answer is known beforehand, and what it does to shapes and borders; nearest vectors; overlays. */
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { heatColour } from '#contract/heat-colours.ts';
import type { Predictor } from '#learning/evaluation/predict.ts';
import { NearestVectors } from './nearest.ts';
import { occlude, planOcclusion } from './occlusion.ts';
import { overlayPng } from './overlay.ts';

/** Its first class is as probable as its one pixel is bright. */
const looksAt = (place: number, size: number): Predictor => ({
  predict: (pixels, indices) =>
    Promise.resolve(
      Float32Array.from({ length: indices.length * 2 }, (_, at) => {
        const share = pixels[indices[at >> 1]! * size + place]! / 255;
        return at % 2 === 0 ? share : 1 - share;
      }),
    ),
  dispose: () => undefined,
});

describe('occlusion', () => {
  test('finds the one pixel that a classifier looks at: the probability falls where the patch covers it, and nowhere else', async () => {
    const [height, width] = [28, 28];
    const pixels = new Uint8Array(height * width).fill(40);
    const [y, x] = [9, 20];
    pixels[y * width + x] = 255;
    const asked = { classIndex: 0, classCount: 2, probability: 1 };
    const found = await occlude(
      looksAt(y * width + x, height * width),
      { mean: [0.2], std: [1] },
      pixels,
      [height, width, 1],
      asked,
    );
    expect(found).toMatchObject({ height: 14, width: 14, patchHeight: 7, patchWidth: 7 });
    found.values.forEach((value, cell) => {
      const [middleY, middleX] = [2 * Math.floor(cell / 14) + 1, 2 * (cell % 14) + 1];
      const [top, left] = [Math.round(middleY - 3.5), Math.round(middleX - 3.5)];
      const covers = y >= top && y < top + 7 && x >= left && x < left + 7;
      expect(value).toBeCloseTo(covers ? 0.8 : 0, 6);
    });
    // Asked about the other class, covering the pixel helps.
    const other = await occlude(
      looksAt(y * width + x, height * width),
      { mean: [0.2], std: [1] },
      pixels,
      [height, width, 1],
      { classIndex: 1, classCount: 2, probability: 0 },
    );
    expect(Math.min(...other.values)).toBeCloseTo(-0.8, 6);
  });

  test('has cells that tile the image, whatever its shape, and a patch of a quarter of each side', () => {
    expect(planOcclusion([224, 224, 3])).toEqual({ height: 14, width: 14, patchHeight: 56, patchWidth: 56 });
    expect(planOcclusion([32, 64, 3])).toEqual({ height: 7, width: 14, patchHeight: 8, patchWidth: 16 });
    expect(planOcclusion([4, 4, 1])).toEqual({ height: 4, width: 4, patchHeight: 1, patchWidth: 1 });
    expect(planOcclusion([1, 30, 1])).toEqual({ height: 1, width: 14, patchHeight: 1, patchWidth: 8 });
  });

  test('says where answers are no probabilities', async () => {
    const broken: Predictor = {
      predict: (_, indices) => Promise.resolve(new Float32Array(indices.length * 2).fill(NaN)),
      dispose: () => undefined,
    };
    await expect(
      occlude(broken, { mean: [0], std: [1] }, new Uint8Array(16), [4, 4, 1], {
        classIndex: 0,
        classCount: 2,
        probability: 1,
      }),
    ).rejects.toThrow(/no|NaN|probabilit/);
  });
});

describe('nearest vectors', () => {
  test('are those of the greatest cosine, of however many blocks, equals in their order', () => {
    const near = new NearestVectors(Float32Array.of(1, 0), 3);
    near.add([10, 11, 12], Float32Array.of(0, 1, 5, 0, 1, 1));
    near.add([13, 14], Float32Array.of(0, 0, 2, 0));
    expect(near.best.map(({ id }) => id)).toEqual([11, 14, 12]);
    expect(near.best.map(({ similarity }) => similarity)).toEqual([1, 1, expect.closeTo(Math.SQRT1_2, 6)]);
  });
});

describe('an overlay', () => {
  test('is the image enlarged by a whole factor, untouched without heat, and in the heat’s colour where it is greatest', async () => {
    const pixels = new Uint8Array(4 * 4).fill(100);
    const values = new Float32Array(16);
    values[15] = 2;
    const png = overlayPng(pixels, [4, 4, 1], { height: 4, width: 4, values });
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([448, 448, 3]);
    expect([...data.subarray(0, 3)]).toEqual([100, 100, 100]);
    const last = [...data.subarray(data.length - 3)];
    heatColour(1).forEach((value, channel) =>
      expect(last[channel]).toBe(Math.round(100 + (value - 100) * 0.7)),
    );
  });
});
