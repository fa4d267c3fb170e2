/**
 * The first steps of a recipe, taken for their losses and their speed. What two such measurements say of two precisions
 * is compare-precisions.ts.
 */
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { AtelierError } from '#contract/errors.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { Engine } from '#learning/tensorflow/engine.ts';
import type { StepMeasurement } from './compare-precisions.ts';
import { checkPrecision, type TrainingData } from '#learning/training/loop/training-data.ts';
import { probe, type ProbeOptions } from './probe.ts';

/**
 * Takes the steps that a training of this recipe would begin with: same weights, batches, augmentation, rates and seeds.
 * Speed is that of the median step, the first tenth left out: the first one records the trace, and the next few
 * find memory and kernels.
 * @param steps at least 1
 * @returns losses: mean cross-entropy of each batch; fewer than `steps` where one was not finite and ended it
 * @throws as train does before its first step; CANCELLED; ENGINE_FAILED where the engine computes in another precision
 */
export async function measureSteps(
  engine: Pick<Engine, 'info'>,
  recipe: Recipe,
  data: TrainingData,
  options: ProbeOptions & { steps: number },
): Promise<StepMeasurement> {
  checkPrecision(engine, recipe);
  return probe(recipe, data, options, async (trainer, trainState) => {
    const { steps, signal, onProgress } = options;
    const losses: number[] = [];
    const seconds: number[] = [];
    for (let number = 1; number <= steps; number += 1) {
      await turnOfEventLoop();
      if (signal.aborted) throw new AtelierError('CANCELLED', 'The measurement was cancelled.');
      trainer.step.resetTotals();
      const started = performance.now();
      trainer.trainStep(number, trainState);
      const { loss, firstNotFinite } = await trainer.step.totals();
      seconds.push((performance.now() - started) / 1000);
      if (firstNotFinite > 0) break;
      losses.push(loss);
      onProgress?.(number, steps);
    }
    const settled = seconds.slice(Math.min(Math.ceil(steps / 10), seconds.length - 1));
    return { losses, imagesPerSecond: trainer.batchSize / median(settled) };
  });
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
