/**
 * Which epoch's weights are kept, and when to stop waiting for better ones (docs/decisions/0007-best-epoch.md). Pure.
 */
import { scoreForComparison, bestEpochMetrics } from './index.ts';
import { type EpochScores, validationKey } from './stored.ts';

const monitorValues = (epoch: EpochScores) =>
  bestEpochMetrics.map((metric) => scoreForComparison(metric, epoch[validationKey(metric)]));

/** By the bestEpochMetrics in their order: higher accuracy is better; where it is equal, lower loss; where both are, the earlier. */
export function isBetter(epoch: EpochScores, than: EpochScores | undefined): boolean {
  if (!than) return true;
  const [merits, before] = [monitorValues(epoch), monitorValues(than)];
  const first = merits.findIndex((value, index) => value !== before[index]);
  return first >= 0 && merits[first]! > before[first]!;
}

/** The best of the epochs so far; undefined where there is none. */
export const bestOf = <E extends EpochScores>(epochs: readonly E[]): E | undefined =>
  epochs.reduce<E | undefined>((best, epoch) => (isBetter(epoch, best) ? epoch : best), undefined);

/** True once the last `patience` epochs brought nothing better by any monitor. */
export function shouldStopEarly(epochs: readonly EpochScores[], patience: number | undefined): boolean {
  if (patience === undefined) return false;
  let highest: number[] = bestEpochMetrics.map(() => -Infinity);
  let best: EpochScores | undefined;
  let waited = 0;
  for (const epoch of epochs) {
    const merits = monitorValues(epoch);
    const better = isBetter(epoch, best);
    waited = better || merits.some((value, index) => value > highest[index]!) ? 0 : waited + 1;
    if (better) best = epoch;
    highest = highest.map((value, index) => Math.max(value, merits[index]!));
  }
  return waited >= patience;
}
