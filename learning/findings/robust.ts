/** Where values lie and how far they spread, whatever a few of them are. */

/** Of a sorted copy: the middle value, or the mean of the two in the middle; NaN of none. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Median, and the median distance from it (MAD; Hampel 1974), as the standard deviation that normal values with it have. 0 where more
 * than half of the values are the same.
 */
export function robustSpread(values: ArrayLike<number>): { median: number; deviation: number } {
  const middle = median(values);
  return {
    median: middle,
    deviation: 1.4826022185056018 * median(Float64Array.from(values, (value) => Math.abs(value - middle))),
  };
}
