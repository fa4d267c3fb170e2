/**
 * Which epoch's weights are kept, and when to stop waiting for better ones (docs/decisions/0007-best-epoch.md). Pure.
 */
import type { Epoch } from '#contract/run.ts';

/** Higher validation accuracy is better; where it is equal, lower validation loss; where both are, the earlier. */
export function isBetter(epoch: Epoch, than: Epoch | undefined): boolean {
  if (!than) return true;
  if (epoch.validationAccuracy !== than.validationAccuracy) {
    return epoch.validationAccuracy > than.validationAccuracy;
  }
  return epoch.validationLoss < than.validationLoss;
}

/** True once the last `patience` epochs brought neither a better accuracy nor a lower loss. */
export function outOfPatience(epochs: readonly Epoch[], patience: number | undefined): boolean {
  if (patience === undefined) return false;
  let lowestLoss = Infinity;
  let best: Epoch | undefined;
  let waited = 0;
  for (const epoch of epochs) {
    waited = isBetter(epoch, best) || epoch.validationLoss < lowestLoss ? 0 : waited + 1;
    if (isBetter(epoch, best)) best = epoch;
    lowestLoss = Math.min(lowestLoss, epoch.validationLoss);
  }
  return waited >= patience;
}
