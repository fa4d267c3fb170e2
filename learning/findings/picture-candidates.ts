/**
 * Which pictures may be copies of which: the best few for each, found by their hashes, moved and mirrored, in nearly linear time. Pure;
 * whether they are copies is left to picture-comparison.ts.
 */
import { dot } from './dot.ts';
import { HashIndex } from './hash-index.ts';
import { hashBits, mirrorSketch, perceptualHashes, pictureCount, sketchPicture } from './perceptual-hash.ts';

export interface Candidate {
  place: number;
  mirrored: boolean;
  /** By about how many pixels the picture, mirrored where that is so, is to be moved to lie on the candidate. */
  shift: [number, number];
  /** Cosine of the sketches at that shift, about. */
  cosine: number;
}

/** Shifts looked up, in pixels of 32: what lies between them is near enough, up to a tenth of the side. */
const step = 2;
const shifts = [-step, 0, step];
const queries = 2 * shifts.length ** 2;
/** Bits of 64 in which copies differ at most, moved by what lies between two shifts and encoded anew. */
const furthest = 14;
/** Bits of a part of a hash that are looked up both ways. */
const unsureBits = 2;
/** Of those found, compared more closely: those with the fewest bits apart. */
const closest = 160;
/** Worth a comparison of pixels: where sketches are less alike at their best shift, pictures are too. */
const leastCosine = 0.92;

export class PictureCandidates {
  readonly #sketches: Float32Array;
  readonly #norms: Float32Array;
  readonly #index: HashIndex | null;
  /** Of the picture in question, [queries, 64], and their norms. */
  readonly #queries = new Float32Array(queries * hashBits);
  readonly #queryNorms = new Float32Array(queries);
  /** Bits apart of each picture from the one in question; `furthest + 1` where it was not found. */
  readonly #apart: Uint8Array;
  readonly #found: number[] = [];

  /**
   * @param pictures [n, 32, 32]
   * @param few up to so many pictures each is compared with each
   */
  constructor(
    private readonly pictures: Uint8Array,
    few: number,
  ) {
    const count = pictureCount(pictures);
    this.#sketches = new Float32Array(count * hashBits);
    for (let at = 0; at < count; at++) sketchPicture(pictures, at, [0, 0], this.#sketches, at * hashBits);
    this.#norms = Float32Array.from({ length: count }, (_, at) => normOf(this.#sketches, at * hashBits));
    this.#index = count <= few ? null : new HashIndex(perceptualHashes(pictures), unsureBits);
    this.#apart = new Uint8Array(count).fill(furthest + 1);
  }

  /**
   * The candidates for a picture, the likeliest first; one may be there twice, as it is and mirrored.
   * @param most at most so many
   */
  of(place: number, most: number): Candidate[] {
    this.#sketch(place);
    const candidates: Candidate[] = [];
    for (const other of this.#places(place))
      for (const mirrored of [false, true]) {
        const candidate = this.#closest(other, mirrored);
        if (candidate.cosine >= leastCosine) candidates.push(candidate);
      }
    return candidates.sort((a, b) => b.cosine - a.cosine).slice(0, most);
  }

  #sketch(place: number): void {
    let at = 0;
    for (const down of shifts)
      for (const right of shifts) {
        const [plain, mirror] = [at * hashBits, (at + queries / 2) * hashBits];
        sketchPicture(this.pictures, place, [right, down], this.#queries, plain);
        this.#queries.copyWithin(mirror, plain, plain + hashBits);
        mirrorSketch(this.#queries.subarray(mirror, mirror + hashBits));
        this.#queryNorms[at] = this.#queryNorms[at + queries / 2] = normOf(this.#queries, plain);
        at++;
      }
  }

  /** Pictures with few bits apart from the one that was sketched. */
  #places(place: number): number[] {
    if (!this.#index)
      return Array.from({ length: this.#norms.length }, (_, at) => at).filter((at) => at !== place);
    const found = this.#found;
    const apart = this.#apart;
    found.length = 0;
    const note = (other: number, bits: number) => {
      if (bits >= apart[other]!) return;
      if (apart[other] === furthest + 1) found.push(other);
      apart[other] = bits;
    };
    for (let query = 0; query < queries; query++)
      this.#index.find(this.#queries.subarray(query * hashBits, (query + 1) * hashBits), furthest, note);
    const counts = new Int32Array(furthest + 2);
    for (const other of found) counts[apart[other]!]!++;
    let [limit, within] = [0, counts[0]!];
    while (limit < furthest && within < closest) within += counts[++limit]!;
    const places = found.filter((other) => apart[other]! <= limit && other !== place);
    for (const other of found) apart[other] = furthest + 1;
    return places;
  }

  /** At the shift where the sketches are most alike, with what parabolas say lies between those looked at. */
  #closest(place: number, mirrored: boolean): Candidate {
    const side = shifts.length;
    const first = mirrored ? side * side : 0;
    const cosines: number[] = [];
    let best = 0;
    for (let at = 0; at < side * side; at++) {
      cosines.push(this.#cosine(first + at, place));
      if (cosines[at]! > cosines[best]!) best = at;
    }
    const top = cosines[best]!;
    const [column, row] = [best % side, Math.floor(best / side)];
    const across = peakOf(cosines, row * side, 1, column);
    const along = peakOf(cosines, column, side, row);
    const right = shifts[column]! + step * across.place;
    return {
      place,
      mirrored,
      // The sketch was moved first and mirrored then.
      shift: [mirrored ? -right : right, shifts[row]! + step * along.place],
      cosine: top + across.rise + along.rise,
    };
  }

  #cosine(query: number, place: number): number {
    const sum = dot(this.#queries, query * hashBits, this.#sketches, place * hashBits, hashBits);
    const norms = this.#queryNorms[query]! * this.#norms[place]!;
    return norms > 0 ? sum / norms : 0;
  }
}

/** Where a parabola through three values is highest, in steps from the highest of them, and by how much it is higher there. */
function peakOf(
  values: readonly number[],
  first: number,
  stride: number,
  best: number,
): { place: number; rise: number } {
  const [before, middle, after] = [values[first]!, values[first + stride]!, values[first + 2 * stride]!];
  const bend = 2 * middle - before - after;
  if (bend <= 0) return { place: 0, rise: 0 };
  // From the middle; beyond the outer ones only as far as a copy may be moved.
  const vertex = Math.max(-1.6, Math.min(1.6, (after - before) / (2 * bend)));
  const height = middle + (vertex * (after - before)) / 2 - (vertex * vertex * bend) / 2;
  return { place: vertex + 1 - best, rise: height - values[first + best * stride]! };
}

function normOf(values: Float32Array, first: number): number {
  return Math.sqrt(dot(values, first, values, first, hashBits));
}
