/** What an answer must be before it is believed: probabilities. What becomes of one that is none is the caller's. */

/** How far from one the sum of an answer may be: float32 rounding over thousands of classes stays far below it. */
export const sumTolerance = 1e-3;

/**
 * Why values are not probabilities of so many classes, as the end of a sentence that begins "it answered …"; null where
 * they are: as many as there are classes (or a multiple: several answers in a row), each finite and from 0 to 1, each
 * answer's sum within `sumTolerance` of one.
 */
export function whyNoProbabilities(values: ArrayLike<number>, classCount: number): string | null {
  if (values.length === 0 || values.length % classCount !== 0)
    return `${values.length} numbers where ${classCount} probabilities were expected`;
  for (let start = 0; start < values.length; start += classCount) {
    let sum = 0;
    for (let index = start; index < start + classCount; index += 1) {
      const value = values[index]!;
      // Not a number is neither.
      if (!(value >= 0 && value <= 1 + sumTolerance))
        return `${value} where a probability from 0 to 1 was expected`;
      sum += value;
    }
    if (Math.abs(sum - 1) > sumTolerance) return `probabilities that sum to ${sum} where one was expected`;
  }
  return null;
}
