/** The images most like each image, for all of them: exact, one product of matrices at a time. */
import { largest, type VectorTable } from './vector-table.ts';

/** Images that all are compared with in one product. */
const comparedAtOnce = 64;

/**
 * @param count of each image; itself is left out
 * @returns places [images, count], the nearest first, -1 where there are no more, and their cosines
 */
export async function nearestOthers(
  table: VectorTable,
  count: number,
): Promise<{ count: number; places: Int32Array; cosines: Float32Array }> {
  const { length } = table;
  const places = new Int32Array(length * count).fill(-1);
  const cosines = new Float32Array(length * count).fill(-1);
  const column = new Float32Array(length);
  for (let from = 0; from < length; from += comparedAtOnce) {
    const some = Array.from({ length: Math.min(comparedAtOnce, length - from) }, (_, index) => from + index);
    const all = await table.cosinesWith(some);
    some.forEach((place, index) => {
      for (let other = 0; other < length; other += 1) column[other] = all[other * some.length + index]!;
      largest(column, count, (other) => other !== place).forEach((other, rank) => {
        places[place * count + rank] = other;
        cosines[place * count + rank] = column[other]!;
      });
    });
  }
  return { count, places, cosines };
}
