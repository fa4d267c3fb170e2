/** The images most like each image, for all of them: exact, one product of matrices at a time. */
import type { VectorTable } from './vector-table.ts';

/** Images that all are compared with in one product. */
const comparedAtOnce = 512;

/** Of each image, those most like it. */
export interface Neighbours {
  /** Of each. */
  count: number;
  /** Places of the nearest others of each image, the nearest first, [images, count]; -1 where there are no more. */
  places: Int32Array;
  /** How alike they are, as cosines, [images, count]. */
  cosines: Float32Array;
}

/**
 * @param count of each image; itself is left out
 * @param afterEach is told how many images are done; what it throws ends the work
 */
export async function nearestOthers(
  table: VectorTable,
  count: number,
  afterEach: (done: number) => void = () => undefined,
): Promise<Neighbours> {
  const { length } = table;
  const places = new Int32Array(length * count).fill(-1);
  const cosines = new Float32Array(length * count).fill(-1);
  for (let from = 0; from < length; from += comparedAtOnce) {
    const some = Array.from({ length: Math.min(comparedAtOnce, length - from) }, (_, index) => from + index);
    // One more, since the image itself is among them.
    const blocks = await table.nearestIn(some, count + 1);
    some.forEach((place, row) => {
      const found: { other: number; cosine: number }[] = [];
      for (const { width, places: others, cosines: alike } of blocks)
        for (let at = row * width; at < (row + 1) * width; at += 1)
          if (others[at] !== place) found.push({ other: others[at]!, cosine: alike[at]! });
      found.sort((a, b) => b.cosine - a.cosine || a.other - b.other);
      found.slice(0, count).forEach(({ other, cosine }, rank) => {
        places[place * count + rank] = other;
        cosines[place * count + rank] = cosine;
      });
    });
    afterEach(from + some.length);
  }
  return { count, places, cosines };
}
