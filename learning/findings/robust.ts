/** Where values lie and how far they spread, whatever a few of them are. */
import { median } from '#recipe/statistics/median.ts';

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
