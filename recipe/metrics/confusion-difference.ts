/** Two confusion matrices of the same classes: what the second has more and less of than the first. */
import { type Normalization, normalize } from './normalize.ts';

/**
 * A matrix in another order of its classes.
 * @param classIds in the order wanted
 * @param givenIds in the order of `confusion`
 * @returns null where they are not the same classes
 */
export function inOrderOf(
  classIds: readonly number[],
  givenIds: readonly number[],
  confusion: readonly (readonly number[])[],
): number[][] | null {
  const places = new Map(givenIds.map((id, place) => [id, place]));
  const order = classIds.map((id) => places.get(id));
  if (classIds.length !== givenIds.length || order.includes(undefined)) return null;
  return order.map((actual) => order.map((predicted) => confusion[actual!]![predicted!]!));
}

/**
 * Each normalised by itself, so that parts of another size can be told apart by shares.
 * @returns second less first: counts, or shares from -1 to 1
 */
export function confusionDifference(
  first: readonly (readonly number[])[],
  second: readonly (readonly number[])[],
  by: Normalization,
): number[][] {
  const before = normalize(first, by);
  return normalize(second, by).map((row, actual) =>
    row.map((value, predicted) => value - before[actual]![predicted]!),
  );
}
