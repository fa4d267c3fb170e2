/**
 * Stages of a run to be saved one after the other: model and checkpoint of its first epochs, with no engine, and
 * large enough that each is written in several pieces.
 */
import { AtelierError } from '#contract/errors.ts';
import { isDeepStrictEqual } from 'node:util';
import { epochOf } from '#contract/testing.ts';
import type { WriteFile } from '#learning/files/durable-file.ts';
import { loadModel, type Model, saveModel } from '#learning/model/model-file.ts';
import type { Weights } from '#learning/model/network.ts';
import { planNetwork } from '#recipe/plan.ts';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from '#learning/training/checkpoint/checkpoint.ts';
import { recipeOf } from './scenarios.ts';

const base = recipeOf('one-cycle');
const recipe = {
  ...base,
  model: {
    ...base.model,
    parameterBudget: 1_000_000,
    layers: [
      { kind: 'flatten' as const },
      { kind: 'dense' as const, units: 180, activation: 'relu' as const },
    ],
  },
};
const classCount = 10;
const plan = planNetwork(recipe.model, [28, 28, 1], classCount);
const trained = plan.weights.filter(({ trainable }) => trainable);
const layout = { weights: plan.weights, trained };
const identity = 'torture';
const stepsPerEpoch = 8;

/** What is there before the save that is struck, and what it saves: the first checkpoint is then one too many. */
export const stagesBefore = [1, 2];
export const stageSaved = 3;
const [, stageBefore] = stagesBefore;

const filled = (value: number, of = plan.weights): Weights =>
  new Map(
    of.map(({ name, shape }) => [
      name,
      new Float32Array(shape.reduce((product, side) => product * side, 1)).fill(value),
    ]),
  );

function modelOf(stage: number): Model {
  const normalisation = { mean: [0.3], std: [0.35] };
  return { recipe, classCount, normalisation, weights: filled(stage), epoch: stage };
}

function checkpointOf(stage: number): Checkpoint {
  return {
    identity,
    stepsDone: stage * stepsPerEpoch,
    stepsBefore: 0,
    totals: { loss: 0, correct: 0, steps: 0, firstNotFinite: 0 },
    elapsed: { training: 0, validation: 0, lastValidation: 0.5, measuredSteps: 6, measuredSeconds: 1 },
    epochs: Array.from({ length: stage }, (_, index) =>
      epochOf(index + 1, { trainLoss: 1 / (index + 1), validationLoss: 1 / 3, validationAccuracy: 0.6 }),
    ),
    engine: null,
    bestEpoch: stage,
    weights: filled(stage + 0.1),
    average: null,
    optimizerState: new Map([['velocity', filled(stage + 0.2, trained)]]),
    best: filled(stage),
  };
}

/** As training-loop.ts does at the end of an epoch. @param stage from 1 */
export async function saveStage(folder: string, stage: number, write: WriteFile): Promise<void> {
  await saveModel(folder, modelOf(stage), write);
  await saveCheckpoint(folder, layout, checkpointOf(stage), write);
}

/** What is wrong with the folder after a struck save; null where the stage before or the saved one is there, whole. */
export async function lossIn(folder: string): Promise<{ loss: string | null; stage: number }> {
  const rejected: string[] = [];
  try {
    const checkpoint = await loadCheckpoint(folder, layout, identity, (file, reason) =>
      rejected.push(`${file}: ${reason}`),
    );
    // A kill leaves nothing damaged under a final name; only a disk does.
    if (rejected.length > 0) return { loss: `passed over ${rejected.join(', ')}`, stage: 0 };
    if (!checkpoint) return { loss: 'no checkpoint is left', stage: 0 };
    const stage = checkpoint.stepsDone / stepsPerEpoch;
    if (stage !== stageBefore && stage !== stageSaved)
      return { loss: `stage ${stage} is what is left`, stage };
    if (!isDeepStrictEqual(checkpoint, checkpointOf(stage)))
      return { loss: 'the checkpoint is another', stage };
    const model = await loadModel(folder);
    const expected = [stage, stageSaved].some((epoch) => isDeepStrictEqual(model, modelOf(epoch)));
    return { loss: expected ? null : 'the model is another', stage };
  } catch (error) {
    const what = error instanceof AtelierError ? error.code : String(error);
    return { loss: what, stage: 0 };
  }
}
