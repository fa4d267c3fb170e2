/**
 * What corruptions do to the pixels of one image at the network's size, uint8 [height, width, channels]: after Hendrycks and Dietterich's ImageNet-C (2019),
 * whose amounts in pixels are scaled from 224. Pure but for a stream of random numbers. JPEG needs an encoder, and is left to the worker.
 */
import type { CorruptionName } from '#contract/robustness.ts';
import { normal, type RandomStream } from '../random-numbers.ts';

export interface Picture {
  pixels: Uint8Array;
  height: number;
  width: number;
  channels: number;
}

type Corrupt = (picture: Picture, amount: number, uniform: RandomStream) => Uint8Array;

/** The side that amounts in pixels are of. */
const amountSide = 224;
/** Deviations in pixels that a blur has at least, by its amount: those of CIFAR-10-C, since scaled ones do nothing to small images. */
const leastBlur = new Map([
  [1, 0.4],
  [2, 0.6],
  [3, 0.7],
  [4, 0.8],
  [6, 1],
]);

const clip = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));

export const corruptPixels: Record<Exclude<CorruptionName, 'jpeg'>, Corrupt> = {
  'gaussian-noise'({ pixels }, amount, uniform) {
    const draw = normal(uniform);
    return pixels.map((value) => clip(value + 255 * amount * draw()));
  },
  'impulse-noise': ({ pixels }, amount, uniform) =>
    pixels.map((value) => {
      const drawn = uniform();
      return drawn >= amount ? value : drawn < amount / 2 ? 0 : 255;
    }),
  blur(picture, amount) {
    const scaled = (amount * Math.max(picture.height, picture.width)) / amountSide;
    return blurred(picture, Math.max(scaled, leastBlur.get(amount) ?? 0));
  },
  brightness: (picture, amount) => withValue(picture, 255 * amount),
  darkness: (picture, amount) => withValue(picture, -255 * amount),
  contrast({ pixels, channels }, amount) {
    const means = Array.from({ length: channels }, (_, channel) => {
      let sum = 0;
      for (let at = channel; at < pixels.length; at += channels) sum += pixels[at]!;
      return sum / (pixels.length / channels);
    });
    return pixels.map((value, at) => {
      const mean = means[at % channels]!;
      return clip((value - mean) * amount + mean);
    });
  },
  pixelate: (picture, amount) => pixelated(picture, amount),
  rotation(picture, amount, uniform) {
    const angle = ((uniform() < 0.5 ? -1 : 1) * amount * Math.PI) / 180;
    const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
    const [middleX, middleY] = [(picture.width - 1) / 2, (picture.height - 1) / 2];
    return moved(picture, (x, y) => [
      cosine * (x - middleX) - sine * (y - middleY) + middleX,
      sine * (x - middleX) + cosine * (y - middleY) + middleY,
    ]);
  },
  shift(picture, amount, uniform) {
    const angle = 2 * Math.PI * uniform();
    const [right, down] = [
      amount * picture.width * Math.cos(angle),
      amount * picture.height * Math.sin(angle),
    ];
    return moved(picture, (x, y) => [x - right, y - down]);
  },
};

/** Adds to the value of HSV, the greatest of the channels, and keeps hue and saturation; black becomes grey. */
function withValue({ pixels, channels }: Picture, by: number): Uint8Array {
  const result = new Uint8Array(pixels.length);
  for (let at = 0; at < pixels.length; at += channels) {
    let value = 0;
    for (let channel = 0; channel < channels; channel += 1) value = Math.max(value, pixels[at + channel]!);
    const wanted = Math.max(0, Math.min(255, value + by));
    for (let channel = 0; channel < channels; channel += 1)
      result[at + channel] = clip(value === 0 ? wanted : (pixels[at + channel]! * wanted) / value);
  }
  return result;
}

/** Gaussian, along each axis; beyond the border there is its value. */
function blurred({ pixels, height, width, channels }: Picture, sigma: number): Uint8Array {
  const radius = Math.max(1, Math.ceil(3 * sigma));
  const weights = Array.from({ length: 2 * radius + 1 }, (_, at) =>
    Math.exp(-((at - radius) ** 2) / (2 * sigma * sigma)),
  );
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const along = (from: ArrayLike<number>, side: number, other: number, step: number, otherStep: number) => {
    const result = new Float32Array(from.length);
    for (let line = 0; line < other; line += 1)
      for (let place = 0; place < side; place += 1)
        for (let channel = 0; channel < channels; channel += 1) {
          let sum = 0;
          for (let at = -radius; at <= radius; at += 1) {
            const near = Math.max(0, Math.min(side - 1, place + at));
            sum += weights[at + radius]! * from[line * otherStep + near * step + channel]!;
          }
          result[line * otherStep + place * step + channel] = sum / whole;
        }
    return result;
  };
  const across = along(pixels, width, height, channels, width * channels);
  const both = along(across, height, width, width * channels, channels);
  return Uint8Array.from(both, clip);
}

/** Means of boxes, of so many to a side as is left of it, each drawn as large as it was. */
function pixelated({ pixels, height, width, channels }: Picture, part: number): Uint8Array {
  const [rows, columns] = [Math.max(1, Math.round(height * part)), Math.max(1, Math.round(width * part))];
  const sums = new Float64Array(rows * columns * channels);
  const counts = new Int32Array(rows * columns);
  const boxOf = (y: number, x: number) =>
    Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const box = boxOf(y, x);
      counts[box]! += 1;
      for (let channel = 0; channel < channels; channel += 1)
        sums[box * channels + channel]! += pixels[(y * width + x) * channels + channel]!;
    }
  const result = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const box = boxOf(y, x);
      for (let channel = 0; channel < channels; channel += 1)
        result[(y * width + x) * channels + channel] = clip(sums[box * channels + channel]! / counts[box]!);
    }
  return result;
}

/** Each pixel from the place that `from` names, bilinear; beyond the border there is its value. */
function moved(
  { pixels, height, width, channels }: Picture,
  from: (x: number, y: number) => [number, number],
): Uint8Array {
  const result = new Uint8Array(pixels.length);
  const within = (value: number, side: number) => Math.max(0, Math.min(side - 1, value));
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const [sourceX, sourceY] = from(x, y);
      const [left, top] = [within(sourceX, width), within(sourceY, height)];
      const [x0, y0] = [Math.floor(left), Math.floor(top)];
      const [x1, y1] = [Math.min(width - 1, x0 + 1), Math.min(height - 1, y0 + 1)];
      const [across, down] = [left - x0, top - y0];
      for (let channel = 0; channel < channels; channel += 1) {
        const of = (row: number, column: number) => pixels[(row * width + column) * channels + channel]!;
        const upper = of(y0, x0) * (1 - across) + of(y0, x1) * across;
        const lower = of(y1, x0) * (1 - across) + of(y1, x1) * across;
        result[(y * width + x) * channels + channel] = clip(upper * (1 - down) + lower * down);
      }
    }
  return result;
}
