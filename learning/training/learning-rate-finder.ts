/**
 * The learning-rate finder (Smith 2015, "Cyclical Learning Rates for Training Neural Networks", section 3.3): a short
 * training whose rate climbs from far too low to far too high. Weights are thrown away, nothing is written.
 * What the losses say is rate-curve.ts.
 */
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import type { RateSearch } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import type { Recipe } from '#contract/recipe.ts';
import { keepBudget, summarise } from '#learning/model/summary.ts';
import type { Engine } from '#learning/tensorflow/engine.ts';
import { checkData, type TrainingData } from './data.ts';
import { openLearner } from './learner.ts';
import type { ProbeOptions } from './measure-steps.ts';
import { hasDiverged, readCurve, searchRate, searchSteps } from './rate-curve.ts';

/**
 * Trains from 1e-6 to 10 over 140 steps of the recipe's own batches, augmentation, loss and optimizer; its learning
 * rate and schedule are not asked. Stops early once the loss has diverged. The same recipe, data and engine give
 * the same answer.
 * @param _engine that is open: its backend is what tfjs computes on
 * @throws as train does before it begins; CANCELLED
 */
export async function findLearningRate(
  _engine: Engine,
  recipe: Recipe,
  data: TrainingData,
  { signal, onProgress }: ProbeOptions,
): Promise<RateSearch> {
  keepBudget(summarise(recipe, data.classCount));
  checkData(recipe, data);
  const { step, batchOf, dispose } = await openLearner(recipe, data, signal);
  const losses: number[] = [];
  try {
    while (losses.length < searchSteps && !hasDiverged(losses)) {
      await turnOfEventLoop();
      if (signal.aborted)
        throw new AtelierError('CANCELLED', 'The search for a learning rate was cancelled.');
      const number = losses.length + 1;
      step.resetTotals();
      step.run(batchOf(number, { stepsBefore: 0 }), searchRate(number - 1), number);
      const { loss, firstNotFinite } = await step.totals();
      losses.push(firstNotFinite > 0 ? NaN : loss);
      onProgress?.(number, searchSteps);
    }
  } finally {
    dispose();
  }
  return readCurve(losses);
}
