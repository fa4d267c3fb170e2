/**
 * What each augmentation does to pixels, against arithmetic of another kind. Where pixels are taken from is read from
 * ramps, pictures whose value is their own column or row; what is taken there, from a plain sampler.
 */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Augmentation } from '#recipe/augmentation.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { augment } from './index.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const run = (
  values: ArrayLike<number>,
  shape: [number, number, number, number],
  settings: Augmentation,
  at = 1,
) =>
  tf.tidy(() => [
    ...augment(
      tf.tensor4d(Float32Array.from(values), shape),
      null,
      [settings],
      tf.tensor1d([at, 7], 'int32'),
    ).images.dataSync(),
  ]);
const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value));

describe('whole pixels', () => {
  // A picture of 4×4 whose pixel (row, column) is 10·row + column + 1.
  const picture = Array.from({ length: 16 }, (_, i) => 10 * Math.floor(i / 4) + (i % 4) + 1);
  const apply = (settings: Augmentation, at = 1) => run(picture, [1, 4, 4, 1], settings, at);

  test('flips mirror', () => {
    expect(apply({ kind: 'horizontal-flip', probability: 1 }).slice(0, 4)).toEqual([4, 3, 2, 1]);
    expect(apply({ kind: 'vertical-flip', probability: 1 }).slice(0, 4)).toEqual([31, 32, 33, 34]);
  });

  test('crop and shift move by whole pixels; crop fills with black, shift continues the border', () => {
    const moved = (settings: Augmentation, at: number, outside: (row: number, column: number) => number) => {
      const result = apply(settings, at);
      for (let down = -2; down <= 2; down += 1) {
        for (let right = -2; right <= 2; right += 1) {
          const expected = picture.map((_, i) => outside(Math.floor(i / 4) + down, (i % 4) + right));
          if (expected.every((value, i) => value === result[i])) return `${down},${right}`;
        }
      }
      return `nowhere: ${result.join(' ')}`;
    };
    const black = (row: number, column: number) =>
      row < 0 || row > 3 || column < 0 || column > 3 ? 0 : 10 * row + column + 1;
    const border = (row: number, column: number) => black(clamp(row, 3), clamp(column, 3));
    const seeds = Array.from({ length: 200 }, (_, i) => i);
    const crops = new Set(seeds.map((at) => moved({ kind: 'crop', probability: 1, padding: 2 }, at, black)));
    expect(crops.size).toBe(25);
    const shifts = new Set(
      seeds.map((at) => moved({ kind: 'shift', probability: 1, fraction: 0.5 }, at, border)),
    );
    expect(shifts.size).toBe(25);
    expect([...crops, ...shifts].filter((place) => place.startsWith('nowhere'))).toEqual([]);
  });

  test('erasing covers about the share it says, with noise', () => {
    const white = new Float32Array(64 * 784).fill(255);
    const values = run(white, [64, 28, 28, 1], {
      kind: 'random-erasing',
      probability: 1,
      minimum: 0.25,
      maximum: 0.25,
    });
    const covered = values.filter((value) => value !== 255);
    expect(covered.length / values.length).toBeGreaterThan(0.2);
    expect(covered.length / values.length).toBeLessThan(0.27);
    expect(covered.reduce((sum, value) => sum + value, 0) / covered.length).toBeCloseTo(127.5, -1);
  });

  test('cutout blackens a square of that share of the shorter side, cut at the border, anywhere', () => {
    const [height, width, square] = [20, 30, 9];
    const sizes = new Set<string>();
    const centres = { rows: new Set<number>(), columns: new Set<number>() };
    for (let at = 0; at < 150; at += 1) {
      const values = run(
        new Float32Array(height * width).fill(9),
        [1, height, width, 1],
        { kind: 'cutout', probability: 1, fraction: 0.45 },
        at,
      );
      const black = values.flatMap((value, i) =>
        value === 0 ? [[Math.floor(i / width), i % width] as const] : [],
      );
      const span = (axis: 0 | 1) => {
        const places = black.map((place) => place[axis]);
        return [Math.min(...places), Math.max(...places)] as const;
      };
      const [[top, bottom], [left, right]] = [span(0), span(1)];
      expect(black.length).toBe((bottom - top + 1) * (right - left + 1));
      // Shorter only where the border cuts it.
      if (top > 0 && bottom < height - 1) expect(bottom - top + 1).toBe(square);
      if (left > 0 && right < width - 1) expect(right - left + 1).toBe(square);
      expect(Math.max(bottom - top, right - left)).toBeLessThan(square);
      sizes.add(`${bottom - top}×${right - left}`);
      centres.rows.add(top).add(bottom);
      centres.columns.add(left).add(right);
    }
    expect(sizes.size).toBeGreaterThan(4);
    expect(centres.rows.has(0) && centres.rows.has(height - 1)).toBe(true);
    expect(centres.columns.has(0) && centres.columns.has(width - 1)).toBe(true);
  });
});

describe('warps', () => {
  const [height, width] = [25, 33];
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const texture = (x: number, y: number) =>
    127 + 60 * Math.sin(x * 1.7 + y) + 60 * Math.cos(y * 2.3 - x * 0.4);
  const ramps = Float32Array.from({ length: height * width * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return [4 * x, 4 * y, texture(x, y)][i % 3]!;
  });

  interface Pixel {
    /** From the centre, as are the places below. */
    x: number;
    y: number;
    /** Where it was taken from, cut at the border. */
    fromX: number;
    fromY: number;
    /** By more than rounding can. */
    inside: boolean;
  }
  /** Where each pixel came from; that its value is the one of that place is checked on the way. */
  function warped(settings: Augmentation, at: number): Pixel[] {
    const values = run(ramps, [1, height, width, 3], settings, at);
    let worst = 0;
    const pixels = Array.from({ length: height * width }, (_, i) => {
      const [fromX, fromY] = [values[3 * i]! / 4, values[3 * i + 1]! / 4];
      const [left, top] = [Math.min(Math.floor(fromX), width - 2), Math.min(Math.floor(fromY), height - 2)];
      const [right, down] = [fromX - left, fromY - top];
      const expected =
        (1 - down) * ((1 - right) * texture(left, top) + right * texture(left + 1, top)) +
        down * ((1 - right) * texture(left, top + 1) + right * texture(left + 1, top + 1));
      worst = Math.max(worst, Math.abs(values[3 * i + 2]! - expected));
      return {
        x: (i % width) - middleX,
        y: Math.floor(i / width) - middleY,
        fromX: fromX - middleX,
        fromY: fromY - middleY,
        inside: fromX > 0.01 && fromX < width - 1.01 && fromY > 0.01 && fromY < height - 1.01,
      };
    });
    expect(worst).toBeLessThan(0.02);
    return pixels;
  }
  /** That every pixel came from where this map says, cut at the border. */
  function expectMap(pixels: Pixel[], map: (x: number, y: number) => [number, number]): void {
    const worst = pixels.map(({ x, y, fromX, fromY }) => {
      const [toX, toY] = map(x, y);
      const [cutX, cutY] = [
        Math.min(middleX, Math.max(-middleX, toX)),
        Math.min(middleY, Math.max(-middleY, toY)),
      ];
      return Math.max(Math.abs(cutX - fromX), Math.abs(cutY - fromY));
    });
    expect(Math.max(...worst)).toBeLessThan(1e-3);
  }
  const pixelAt = (pixels: Pixel[], x: number, y: number) =>
    pixels.find((pixel) => pixel.x === x && pixel.y === y)!;
  const seeds = Array.from({ length: 60 }, (_, at) => at);

  test('rotation turns about the centre, within its angle', () => {
    const angles = seeds.map((at) => {
      const pixels = warped({ kind: 'rotation', probability: 1, degrees: 30 }, at);
      const right = pixelAt(pixels, 8, 0);
      const angle = Math.atan2(right.fromY, right.fromX);
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
      expectMap(pixels, (x, y) => [cosine * x - sine * y, sine * x + cosine * y]);
      return (angle * 180) / Math.PI;
    });
    expect(Math.max(...angles)).toBeLessThan(30.01);
    expect(Math.min(...angles)).toBeGreaterThan(-30.01);
    expect(Math.max(...angles)).toBeGreaterThan(20);
    expect(Math.min(...angles)).toBeLessThan(-20);
  });

  test('scale enlarges about the centre, evenly on the logarithm', () => {
    const factors = seeds.map((at) => {
      const pixels = warped({ kind: 'scale', probability: 1, minimum: 0.5, maximum: 4 }, at);
      const factor = 2 / pixelAt(pixels, 2, 0).fromX;
      expectMap(pixels, (x, y) => [x / factor, y / factor]);
      return Math.log2(factor);
    });
    expect(Math.min(...factors)).toBeGreaterThan(-1.001);
    expect(Math.max(...factors)).toBeLessThan(2.001);
    for (const third of [-1, 0, 1]) {
      const share = factors.filter((value) => value >= third && value < third + 1).length / factors.length;
      expect(share).toBeGreaterThan(0.15);
      expect(share).toBeLessThan(0.55);
    }
  });

  test('shear slants along one axis or the other, either way, within its angle', () => {
    const slants = seeds.map((at) => {
      const pixels = warped({ kind: 'shear', probability: 1, degrees: 40 }, at);
      const alongX = pixelAt(pixels, 0, 4).fromX / 4;
      const alongY = pixelAt(pixels, 4, 0).fromY / 4;
      expectMap(pixels, (x, y) => [x + alongX * y, y + alongY * x]);
      expect(Math.min(Math.abs(alongX), Math.abs(alongY))).toBeLessThan(1e-6);
      return { alongX, alongY };
    });
    const most = Math.tan((40 * Math.PI) / 180) + 1e-3;
    for (const axis of ['alongX', 'alongY'] as const) {
      const values = slants.map((slant) => slant[axis]);
      expect(Math.max(...values)).toBeLessThan(most);
      expect(Math.min(...values)).toBeGreaterThan(-most);
      expect(Math.max(...values)).toBeGreaterThan(0.4);
      expect(Math.min(...values)).toBeLessThan(-0.4);
    }
  });

  test.each([0.3, 0.9])(
    'perspective of %f moves each corner inwards, no further, and keeps lines straight',
    (share) => {
      let [far, bent] = [0, 0];
      for (const at of seeds) {
        const pixels = warped({ kind: 'perspective', probability: 1, fraction: share }, at);
        // The map of four pixels that came from the inside decides all others.
        const inside = pixels.filter((pixel) => pixel.inside);
        expect(inside.length).toBeGreaterThan(40);
        const spread = [(p: Pixel) => p.fromX + p.fromY, (p: Pixel) => p.fromX - p.fromY].flatMap((by) => {
          const sorted = [...inside].sort((p, q) => by(p) - by(q));
          return [sorted[0]!, sorted.at(-1)!];
        });
        const map = perspectiveOf(spread.map((p) => [p.x, p.y, p.fromX, p.fromY]));
        const worst = inside.map((p) => {
          const [x, y] = map(p.x, p.y);
          return Math.hypot(x - p.fromX, y - p.fromY);
        });
        expect(Math.max(...worst)).toBeLessThan(0.02);
        // Backwards: where the image's corners went.
        const back = perspectiveOf(spread.map((p) => [p.fromX, p.fromY, p.x, p.y]));
        for (const [signX, signY] of [
          [-1, -1],
          [1, -1],
          [1, 1],
          [-1, 1],
        ] as const) {
          const [x, y] = back(signX * middleX, signY * middleY);
          const inwards = [1 - (signX * x) / middleX, 1 - (signY * y) / middleY];
          expect(Math.min(...inwards)).toBeGreaterThan(-0.01);
          expect(Math.max(...inwards)).toBeLessThan(share + 0.01);
          far = Math.max(far, ...inwards);
        }
        const [x, y] = map(0, 0);
        bent = Math.max(bent, Math.hypot(x, y));
      }
      expect(far).toBeGreaterThan(share * 0.9);
      expect(bent).toBeGreaterThan(0.5);
    },
  );
});

/** The perspective map that takes each [x, y] to its [toX, toY]: eight unknowns, eliminated by Gauss. */
function perspectiveOf(pairs: number[][]): (x: number, y: number) => [number, number] {
  const rows = pairs.flatMap(([x, y, toX, toY]) => [
    [x!, y!, 1, 0, 0, 0, -x! * toX!, -y! * toX!, toX!],
    [0, 0, 0, x!, y!, 1, -x! * toY!, -y! * toY!, toY!],
  ]);
  for (let column = 0; column < 8; column += 1) {
    const pivot = rows
      .slice(column)
      .reduce((best, row) => (Math.abs(row[column]!) > Math.abs(best[column]!) ? row : best));
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(column, 0, pivot);
    for (const row of rows) {
      if (row === pivot) continue;
      const times = row[column]! / pivot[column]!;
      for (let k = column; k < 9; k += 1) row[k] = row[k]! - times * pivot[k]!;
    }
  }
  const [a, b, c, d, e, f, g, h] = rows.map((row, i) => row[8]! / row[i]!) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return (x, y) => {
    const depth = g * x + h * y + 1;
    return [(a * x + b * y + c) / depth, (d * x + e * y + f) / depth];
  };
}
