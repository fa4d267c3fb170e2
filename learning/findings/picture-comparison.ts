/**
 * How alike two small pictures are once one is moved, mirrored and made as bright as the other: what decides between a copy and a
 * look-alike. Pure; which pairs are worth it is left to picture-candidates.ts.
 */
import { pictureCount, picturePixels, pictureSide } from './grey-picture.ts';

/** Pixels that one may be moved by to lie on the other, across and down: a tenth of the side, and what rounding adds. */
const furthest = 4;
/** Pixels along the edge that are left out: there something else may have moved in. */
const margin = 2;

export interface Comparison {
  /** Pearson correlation of the pictures where they overlap. */
  correlation: number;
  /** The same of their detail: what is finer than about five pixels. */
  detail: number;
  /** What the one does not explain of the other, root mean square, in grey levels of 255. */
  residual: number;
  mirrored: boolean;
  /** How many times as much contrast the one has as the other, at least 1. */
  gain: number;
  /** √((1 − correlation)(1 − detail)): 0 for copies. */
  distance: number;
}

type Shift = readonly [right: number, down: number];

export class PictureComparer {
  /** Standard deviation of each picture, in grey levels. */
  readonly deviations: Float32Array;
  readonly #own = { place: -1, pictures: [] as Uint8Array[], details: [] as (Float32Array | null)[] };

  /** @param pictures [n, 32, 32] */
  constructor(private readonly pictures: Uint8Array) {
    this.deviations = Float32Array.from({ length: pictureCount(pictures) }, (_, at) =>
      deviationOf(this.#picture(at)),
    );
  }

  #picture(place: number): Uint8Array {
    return this.pictures.subarray(place * picturePixels, (place + 1) * picturePixels);
  }

  /**
   * @param start by how many whole pixels the first picture, mirrored where that is asked, is to be moved to lie on the second, about
   * @param most residual above which the detail is not looked at, and counts as nothing
   */
  compare(first: number, second: number, mirrored: boolean, start: Shift, most = Infinity): Comparison {
    this.#take(first);
    const side = mirrored ? 1 : 0;
    const other = this.#picture(second);
    const picture = this.#own.pictures[side]!;
    const [shift, correlation] = climb(picture, other, clamped(start));
    const [own, others] = [this.deviations[first]!, this.deviations[second]!];
    const size = Math.sqrt(own * others);
    const gain = Math.max(own, others) / Math.max(1e-6, Math.min(own, others));
    const residual = size * Math.sqrt(Math.max(0, 1 - correlation ** 2));
    let detail = 0;
    if (residual <= most && correlation > 0)
      detail = climb((this.#own.details[side] ??= detailOf(picture)), detailOf(other), shift)[1];
    const distance = Math.sqrt((1 - correlation) * (1 - Math.max(0, detail)));
    return { correlation, detail, residual, mirrored, gain, distance };
  }

  /** The correlation from a quarter of the pixels, and the shift: which pairs are worth `compare`, and from where. */
  glance(first: number, second: number, mirrored: boolean, start: Shift): [Shift, number] {
    this.#take(first);
    return climb(this.#own.pictures[mirrored ? 1 : 0]!, this.#picture(second), clamped(start), 2);
  }

  /** Many are compared with the same one. */
  #take(place: number): void {
    const own = this.#own;
    if (own.place === place) return;
    const picture = this.#picture(place);
    const mirror = picture.map(
      (_, at) => picture[at - (at % pictureSide) + pictureSide - 1 - (at % pictureSide)]!,
    );
    Object.assign(own, { place, pictures: [picture, mirror], details: [null, null] });
  }
}

const clamped = ([right, down]: Shift): Shift => [clamp(right), clamp(down)];
const clamp = (shift: number) => Math.max(-furthest, Math.min(furthest, Math.round(shift)));

function deviationOf(values: Uint8Array): number {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return Math.sqrt(Math.max(0, squares / values.length - mean * mean));
}

/** Correlation of the second with the first moved, on what they share. */
function correlate(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  right: number,
  down: number,
  step: number,
): number {
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
  const [top, bottom] = [Math.max(0, down) + margin, Math.min(pictureSide, pictureSide + down) - margin];
  const [left, end] = [Math.max(0, right) + margin, Math.min(pictureSide, pictureSide + right) - margin];
  const back = down * pictureSide + right;
  for (let y = top; y < bottom; y += step)
    for (let at = y * pictureSide + left; at < y * pictureSide + end; at += step) {
      const p = first[at - back]!;
      const q = second[at]!;
      a += p;
      b += q;
      aa += p * p;
      bb += q * q;
      ab += p * q;
    }
  const count = Math.ceil((bottom - top) / step) * Math.ceil((end - left) / step);
  const spread = (aa - (a * a) / count) * (bb - (b * b) / count);
  return spread > 1e-3 ? (ab - (a * b) / count) / Math.sqrt(spread) : 0;
}

/**
 * The shift of whole pixels where they are most alike, uphill from where it starts; and the height of the parabolas through it and its
 * neighbours, since copies are not moved by whole pixels of a smaller picture.
 */
function climb(first: ArrayLike<number>, second: ArrayLike<number>, start: Shift, step = 1): [Shift, number] {
  known.fill(unknown);
  const at = (right: number, down: number) => {
    const key = (right + furthest + 1) * knownSide + down + furthest + 1;
    if (known[key] === unknown) known[key] = correlate(first, second, right, down, step);
    return known[key]!;
  };
  let [right, down] = start;
  for (;;) {
    let [bestRight, bestDown, best] = [right, down, at(right, down)];
    for (const [across, along] of neighbours) {
      const [x, y] = [right + across, down + along];
      if (Math.abs(x) > furthest || Math.abs(y) > furthest || at(x, y) <= best) continue;
      [bestRight, bestDown, best] = [x, y, at(x, y)];
    }
    if (bestRight === right && bestDown === down) break;
    [right, down] = [bestRight, bestDown];
  }
  const top = at(right, down);
  const above = (before: number, after: number) => {
    const bend = 2 * top - Math.min(top, before) - Math.min(top, after);
    return bend > 0 ? (Math.min(top, before) - Math.min(top, after)) ** 2 / (8 * bend) : 0;
  };
  const peak =
    top + above(at(right - 1, down), at(right + 1, down)) + above(at(right, down - 1), at(right, down + 1));
  return [[right, down], Math.min(1, peak)];
}

/** Correlations by shift, of one climb at a time. */
const knownSide = 2 * furthest + 3;
const known = new Float64Array(knownSide ** 2);
const unknown = 2;

const neighbours = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const;

/** A picture without what is wider than about five pixels, and without the noise of single ones. */
function detailOf(picture: Uint8Array): Float32Array {
  const smooth = boxBlur(picture, 1);
  const coarse = boxBlur(smooth, 2);
  for (let at = 0; at < smooth.length; at++) smooth[at]! -= coarse[at]!;
  return smooth;
}

const half = new Float32Array(picturePixels);

function boxBlur(values: ArrayLike<number>, radius: number): Float32Array {
  const result = new Float32Array(picturePixels);
  blurLines(values, half, radius, 1, pictureSide);
  blurLines(half, result, radius, pictureSide, 1);
  return result;
}

/** The mean around each value along lines, by a running sum; edges repeat. */
function blurLines(
  from: ArrayLike<number>,
  to: Float32Array,
  radius: number,
  step: number,
  stride: number,
): void {
  const last = pictureSide - 1;
  const share = 1 / (2 * radius + 1);
  for (let line = 0; line < pictureSide; line++) {
    const first = line * stride;
    let sum = from[first]! * radius;
    for (let at = 0; at <= radius; at++) sum += from[first + at * step]!;
    for (let at = 0; at <= last; at++) {
      to[first + at * step] = sum * share;
      sum +=
        from[first + Math.min(last, at + radius + 1) * step]! -
        from[first + Math.max(0, at - radius) * step]!;
    }
  }
}
