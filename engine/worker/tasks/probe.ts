/** Tasks `find-learning-rate` and `measure-precision`: brief trainings that leave nothing but their answer. */
import { findLearningRate } from '#learning/training/learning-rate-finder.ts';
import { measureSteps } from '#learning/training/measure-steps.ts';
import { trainingData } from '../data.ts';
import { workerEngine } from '../engine.ts';
import type { StepDone, TaskFunction } from '../protocol.ts';

/** What both are told, and where they begin. */
const optionsOf = (initial: string | null, emit: (event: StepDone) => void, signal: AbortSignal) => ({
  ...(initial === null ? {} : { initial }),
  signal,
  onProgress: (done: number, total: number) => emit({ kind: 'step', done, total, unit: 'steps' }),
});

/** In float32, whatever the recipe says: rates are the same in both, and every machine has it. */
export const rateSearch: TaskFunction<'find-learning-rate'> = async (input, { emit, signal }) => {
  const data = await trainingData(input, emit, signal);
  await workerEngine();
  return findLearningRate(input.recipe, data, optionsOf(input.initial, emit, signal));
};

export const measurePrecision: TaskFunction<'measure-precision'> = async (input, { emit, signal }) => {
  const { recipe, steps, initial } = input;
  const data = await trainingData(input, emit, signal);
  const engine = await workerEngine({ precision: recipe.training.precision });
  return measureSteps(engine, recipe, data, { steps, ...optionsOf(initial, emit, signal) });
};
