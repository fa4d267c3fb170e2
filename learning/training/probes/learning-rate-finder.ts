/**
 * The learning-rate finder (Smith 2015, "Cyclical Learning Rates for Training Neural Networks", section 3.3): a short
 * training whose rate climbs from far too low to far too high. What the losses say is rate-curve.ts.
 */
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { AtelierError } from '#contract/errors.ts';
import type { RateSearch } from '#contract/probes.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { TrainingData } from '#learning/training/loop/training-data.ts';
import { probe, type ProbeOptions } from './probe.ts';
import { hasDiverged, readCurve, searchRate, searchSteps } from './rate-curve.ts';

/**
 * Trains from 1e-6 to 10 over 140 steps of the recipe's own batches, augmentation, loss and optimizer, from the weights
 * that the run would begin with; its learning rate and schedule are not asked. Stops early once the loss has diverged.
 * Computes on the engine that is open: the same recipe, data, beginning and engine give the same answer.
 * @throws as train does before its first step; CANCELLED
 */
export const findLearningRate = (
  recipe: Recipe,
  data: TrainingData,
  options: ProbeOptions,
): Promise<RateSearch> =>
  probe(recipe, data, options, async ({ step, rowsOf }, trainState) => {
    const { signal, onProgress } = options;
    const losses: number[] = [];
    while (losses.length < searchSteps && !hasDiverged(losses)) {
      await turnOfEventLoop();
      if (signal.aborted)
        throw new AtelierError('CANCELLED', 'The search for a learning rate was cancelled.');
      const number = losses.length + 1;
      step.resetTotals();
      step.run(rowsOf(number, trainState), searchRate(number - 1), trainState.stepsBefore + number);
      const { loss, firstNotFinite } = await step.totals();
      losses.push(firstNotFinite > 0 ? NaN : loss);
      onProgress?.(number, searchSteps);
    }
    return readCurve(losses);
  });
