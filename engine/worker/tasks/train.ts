/** Tasks `train`, `find-learning-rate` and `measure-precision`: a run's training, and brief ones that leave nothing but their result. The loops are learning's. */
import { train as trainNetwork } from '#learning/training/loop/training-loop.ts';
import { findLearningRate } from '#learning/training/probes/learning-rate-finder.ts';
import { measureSteps } from '#learning/training/probes/measure-steps.ts';
import { beginningOf, featureStoreOf } from '../beginning.ts';
import { trainingData } from '../data.ts';
import { workerEngine } from '../engine.ts';
import type { ProbeInput, StepDone, TaskFunction } from '../protocol.ts';

export const train: TaskFunction<'train'> = async (input, { emit, signal }) => {
  const { folder, recipe, resume, initial, threads, holdAfter } = input;
  const { data, packed } = await trainingData(input, emit, signal);
  const engine = await workerEngine({ precision: recipe.training.precision, threads });
  const result = await trainNetwork(engine, recipe, data, {
    folder,
    onEvent: emit,
    signal,
    resume,
    store: featureStoreOf(input, signal),
    ...(await beginningOf(initial, recipe)),
    ...(holdAfter === null ? {} : { holdAfter }),
  });
  return {
    bestEpoch: result.bestEpoch,
    stopped: result.stopped,
    imagesPerSecond: result.imagesPerSecond,
    paces: { packed, ...result.paces },
  };
};

/** What both are told, and where they begin. */
const optionsOf = async (input: ProbeInput, emit: (event: StepDone) => void, signal: AbortSignal) => ({
  ...(await beginningOf(input.initial, input.recipe)),
  store: featureStoreOf(input, signal),
  signal,
  onProgress: (done: number, total: number) => emit({ kind: 'step', done, total, unit: 'steps' }),
});

/** In float32, whatever the recipe says: rates are the same in both, and every machine has it. */
export const rateSearch: TaskFunction<'find-learning-rate'> = async (input, { emit, signal }) => {
  const { data } = await trainingData(input, emit, signal);
  await workerEngine();
  return findLearningRate(input.recipe, data, await optionsOf(input, emit, signal));
};

export const measurePrecision: TaskFunction<'measure-precision'> = async (input, { emit, signal }) => {
  const { recipe, steps } = input;
  const { data } = await trainingData(input, emit, signal);
  const engine = await workerEngine({ precision: recipe.training.precision });
  return measureSteps(engine, recipe, data, { steps, ...(await optionsOf(input, emit, signal)) });
};
