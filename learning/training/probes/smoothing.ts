/** Smoothing of curves of losses. Pure. */

/**
 * Exponential moving average, each value divided by the weights it has seen so far, so that the first ones are not
 * drawn towards zero (as Adam corrects its averages).
 * @param beta weight of the past, 0..1; the average lags by about beta / (1 - beta) values
 */
export function smoothed(values: readonly number[], beta: number): number[] {
  let average = 0;
  return values.map((value, index) => {
    average = beta * average + (1 - beta) * value;
    return average / (1 - beta ** (index + 1));
  });
}
