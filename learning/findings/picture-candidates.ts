/**
 * Which pictures may be copies of which: of those whose shapes are nearest, by which shift and whether mirrored, as their sketches tell. Pure;
 * finding the nearest is left to embeddings/nearest-others.ts, whether they are copies to picture-comparison.ts.
 */
import type { Neighbours } from '#learning/embeddings/nearest-others.ts';
import { dot } from './dot.ts';
import { pictureCount } from './grey-picture.ts';
import { mirrorSketch, sketchPicture, sketchSize } from './sketch.ts';

export interface Candidate {
  place: number;
  mirrored: boolean;
  /** By about how many pixels the picture, mirrored where that is so, is to be moved to lie on the candidate. */
  shift: [number, number];
  /** Cosine of the sketches at that shift, about. */
  cosine: number;
}

/** Shifts looked at, in pixels of 32: what lies between them is near enough, up to a tenth of the side. */
const step = 2;
const shifts = [-step, 0, step];
const queries = 2 * shifts.length ** 2;
/** Worth a comparison of pixels: where sketches are less alike at their best shift, pictures are too. */
const leastCosine = 0.86;

export class PictureCandidates {
  readonly #sketches: Float32Array;
  readonly #norms: Float32Array;
  /** Of the picture in question, [queries, 64], and their norms. */
  readonly #queries = new Float32Array(queries * sketchSize);
  readonly #queryNorms = new Float32Array(queries);

  /**
   * @param pictures [n, 32, 32]
   * @param neighbours of each picture, by shapeVectors
   */
  constructor(
    private readonly pictures: Uint8Array,
    private readonly neighbours: Pick<Neighbours, 'count' | 'places'>,
  ) {
    const count = pictureCount(pictures);
    this.#sketches = new Float32Array(count * sketchSize);
    for (let at = 0; at < count; at++) sketchPicture(pictures, at, [0, 0], this.#sketches, at * sketchSize);
    this.#norms = Float32Array.from({ length: count }, (_, at) => normOf(this.#sketches, at * sketchSize));
  }

  /** The candidates for a picture, the likeliest first; one may be there twice, as it is and mirrored. */
  of(place: number): Candidate[] {
    this.#sketch(place);
    const { count, places } = this.neighbours;
    const candidates: Candidate[] = [];
    for (let at = place * count; at < (place + 1) * count; at++)
      if (places[at]! >= 0)
        for (const mirrored of [false, true]) {
          const candidate = this.#closest(places[at]!, mirrored);
          if (candidate.cosine >= leastCosine) candidates.push(candidate);
        }
    return candidates.sort((a, b) => b.cosine - a.cosine);
  }

  #sketch(place: number): void {
    let at = 0;
    for (const down of shifts)
      for (const right of shifts) {
        const [plain, mirror] = [at * sketchSize, (at + queries / 2) * sketchSize];
        sketchPicture(this.pictures, place, [right, down], this.#queries, plain);
        this.#queries.copyWithin(mirror, plain, plain + sketchSize);
        mirrorSketch(this.#queries.subarray(mirror, mirror + sketchSize));
        this.#queryNorms[at] = this.#queryNorms[at + queries / 2] = normOf(this.#queries, plain);
        at++;
      }
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
    const sum = dot(this.#queries, query * sketchSize, this.#sketches, place * sketchSize, sketchSize);
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
  return Math.sqrt(dot(values, first, values, first, sketchSize));
}
