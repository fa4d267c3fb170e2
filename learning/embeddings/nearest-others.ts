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
  afterEach: (done: number) => unknown = () => undefined,
): Promise<Neighbours> {
  const all = Int32Array.from({ length: table.length }, (_, place) => place);
  // One more, since the image itself is among them.
  return nearest(table, all, table, count + 1, count, (place, other) => place !== other, afterEach);
}

/**
 * The images of another table that are most like some of this one.
 * @param places of `table`
 * @param others whose places the answer names
 */
export const nearestAmong = (
  table: VectorTable,
  places: Int32Array,
  others: VectorTable,
  count: number,
  afterEach: (done: number) => unknown = () => undefined,
): Promise<Neighbours> => nearest(table, places, others, count, count, () => true, afterEach);

async function nearest(
  table: VectorTable,
  queries: Int32Array,
  among: VectorTable,
  asked: number,
  count: number,
  counts: (place: number, other: number) => boolean,
  afterEach: (done: number) => unknown,
): Promise<Neighbours> {
  const { length } = queries;
  const places = new Int32Array(length * count).fill(-1);
  const cosines = new Float32Array(length * count).fill(-1);
  for (let from = 0; from < length; from += comparedAtOnce) {
    const some = queries.subarray(from, from + comparedAtOnce);
    const vectors = table.gather(some);
    const blocks = await among.nearestIn(vectors, asked).finally(() => vectors.dispose());
    some.forEach((place, row) => {
      const found: { other: number; cosine: number }[] = [];
      for (const { width, places: others, cosines: alike } of blocks)
        for (let at = row * width; at < (row + 1) * width; at += 1)
          if (counts(place, others[at]!)) found.push({ other: others[at]!, cosine: alike[at]! });
      found.sort((a, b) => b.cosine - a.cosine || a.other - b.other);
      found.slice(0, count).forEach(({ other, cosine }, rank) => {
        places[(from + row) * count + rank] = other;
        cosines[(from + row) * count + rank] = cosine;
      });
    });
    await afterEach(from + some.length);
  }
  return { count, places, cosines };
}
