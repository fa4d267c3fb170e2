/** Task `train`: the pack and the run's snapshot in, events and the run's files out. The loop is learning's. */
import { train as trainNetwork } from '#learning/training/loop/training-loop.ts';
import { beginningOf, featureStoreOf } from '../beginning.ts';
import { trainingData } from '../data.ts';
import { workerEngine } from '../engine.ts';
import type { TaskFunction } from '../protocol.ts';

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
