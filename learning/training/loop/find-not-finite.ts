/**
 * Where a loss that is not finite came from: the steps since the last checkpoint are taken once more, which gives
 * the same numbers, and the failing batch is looked at layer by layer. That is as many steps as lie between two
 * checkpoints at most, and about twenty more. What is said ends the run; ending it is left to training-loop.ts.
 */
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import type { Mode, Network } from '#learning/model/network.ts';
import { normalise } from '#learning/model/preprocessing.ts';
import { foldSeed } from '#learning/tensorflow/random.ts';
import type { TrainState, VariableValues } from '#learning/training/checkpoint/checkpoint.ts';
import type { Trainer } from './trainer.ts';
import type { CheckpointManager } from '#learning/training/checkpoint/checkpoint-manager.ts';
import { dropoutStream, prepareBatch } from '#learning/training/step/step.ts';
import {
  firstNotFinite,
  type NotFinite,
  readVariables,
  writeVariables,
} from '#learning/training/checkpoint/variables.ts';

interface Finding {
  /** Of the run, from 1. */
  step: number;
  /** The plan's name of the operation; null where none is to blame, or none could be found. */
  layer: string | null;
  /** What was the first to be not finite: a layer's output, what the step's update left of it, or the loss alone; null where it is not known. */
  what: 'output' | NotFinite['part'] | 'loss' | null;
  /** The optimizer's slot, where its memory is to blame. */
  slot?: string;
  /** Why it is not known, as the end of a sentence. */
  because?: string;
}

/** Steps that are repeated between two looks at all weights, which cost as much as several steps. */
const stretch = 20;

/**
 * The error of a run that cannot go on. Leaves the variables at some step before.
 * @param failing first step whose loss was not finite, from 1; one more than were taken where the weights already are not
 * @param signal leaves it at what is known
 */
export async function stepNotFinite(
  trainer: Trainer,
  checkpoints: Pick<CheckpointManager, 'restore'>,
  trainState: TrainState,
  failing: number,
  signal: AbortSignal,
): Promise<AtelierError> {
  const open = { step: Math.min(failing, trainState.stepsDone), layer: null, what: null };
  let finding: Finding;
  try {
    const stepsDone = await checkpoints.restore();
    finding =
      stepsDone === null
        ? { ...open, because: 'no checkpoint could be read' }
        : ((await repeat(trainer, stepsDone, trainState, failing, signal)) ?? {
            ...open,
            because: 'the search was cancelled',
          });
  } catch {
    // The run has failed for a reason that is known; where it came from stays open.
    finding = { ...open, because: 'the search failed' };
  }
  return lossNotFinite(trainer, trainState, finding, false);
}

/** @returns null where the signal ended it */
async function repeat(
  trainer: Trainer,
  stepsDone: number,
  trainState: TrainState,
  failing: number,
  signal: AbortSignal,
): Promise<Finding | null> {
  const { variables } = trainer;
  let whole = { step: stepsDone, values: await readVariables(variables) };
  let broken: { step: number; found: NotFinite } | null = null;
  // What is not finite stays so, hence the first step is found by stretches, and by halves within one.
  while (whole.step < (broken?.step ?? failing) - 1) {
    const step: number = broken
      ? Math.floor((whole.step + broken.step) / 2)
      : Math.min(whole.step + stretch, failing - 1);
    if (broken) writeVariables(variables, whole.values);
    const values = await valuesAfter(trainer, whole.step, step, trainState, signal);
    if (!values) return null;
    const found = await firstNotFinite(values);
    if (found) broken = { step, found };
    else whole = { step, values };
  }
  if (signal.aborted) return null;
  if (broken) {
    const { name, part, slot } = broken.found;
    return { step: broken.step, layer: operationOf(variables.network, name), what: part, slot };
  }
  const step = Math.min(failing, trainState.stepsDone);
  if (failing > trainState.stepsDone) return { step, layer: null, what: 'loss' };
  const layer = await firstNotFiniteOutput(variables.network, () => {
    const { parts } = trainer;
    const indices = trainer.rowsOf(step, trainState);
    const answers = indices.map((index) => parts.labels[index]!);
    const seed = tf.tensor1d(trainer.seedOf(step, trainState), 'int32');
    const { x } = prepareBatch(parts, tf.tensor1d(indices, 'int32'), tf.tensor1d(answers, 'int32'), seed);
    const mode: Mode = {
      training: true,
      seed: foldSeed(seed, dropoutStream),
      batchNorm: trainer.parts.recipe.training.batchNorm,
    };
    return parts.network.outputs(x, mode, parts.features?.count);
  });
  return { step, layer, what: layer === null ? 'loss' : 'output' };
}

/**
 * The error of a run whose steps went well and whose answers to validation images are no numbers.
 * @param probabilities [validation images, classCount]
 */
export async function validationNotFinite(
  trainer: Trainer,
  trainState: TrainState,
  probabilities: Float32Array,
): Promise<AtelierError> {
  const { evaluated, parts, data } = trainer;
  const { plan } = evaluated;
  const bad = probabilities.findIndex((value) => !Number.isFinite(value));
  const image = data.validation[Math.floor(Math.max(bad, 0) / plan.classCount)]!;
  const layer = await firstNotFiniteOutput(evaluated, () => {
    const { images, features, normalisation } = parts;
    const gather = (row: number) => (features ?? images!).gather(tf.tensor1d([row], 'int32'));
    if (features)
      return evaluated.outputs(gather(features.rowOf(image, 0)), { training: false }, features.count);
    return evaluated.outputs(normalise(gather(image) as tf.Tensor4D, normalisation), { training: false });
  });
  const finding: Finding = { step: trainState.stepsDone, layer, what: layer === null ? 'loss' : 'output' };
  return lossNotFinite(trainer, trainState, finding, true);
}

/** Name of the first operation with an output that is not finite; null where there is none. */
async function firstNotFiniteOutput({ plan }: Network, outputs: () => tf.Tensor[]): Promise<string | null> {
  let first = 0;
  // A number for each is all that is read: 1 where it is finite.
  const verdicts = tf.tidy(() => {
    const all = outputs();
    first = plan.operations.length - all.length;
    return tf.stack(all.map((output) => tf.all(tf.less(tf.abs(output), Infinity))));
  });
  const finite = await verdicts.data();
  verdicts.dispose();
  return (finite.includes(0) && plan.operations[first + finite.indexOf(0)]?.name) || null;
}

/** Takes the steps after `from` up to `to`. @returns what the variables hold then; null where the signal ended it */
async function valuesAfter(
  trainer: Trainer,
  from: number,
  to: number,
  trainState: TrainState,
  signal: AbortSignal,
): Promise<VariableValues | null> {
  for (let step = from + 1; step <= to; step += 1) {
    await turnOfEventLoop();
    if (signal.aborted) return null;
    trainer.trainStep(step, trainState);
  }
  return readVariables(trainer.variables);
}

const operationOf = ({ plan }: Network, weight: string): string | null =>
  plan.operations.find(({ weights }) => weights.some(({ name }) => name === weight))?.name ?? null;

function lossNotFinite(
  trainer: Trainer,
  trainState: TrainState,
  { step, layer, what, slot, because }: Finding,
  validating: boolean,
): AtelierError {
  const { bestEpoch } = trainState;
  const epoch = Math.ceil(step / trainer.stepsPerEpoch);
  const batch = step - (epoch - 1) * trainer.stepsPerEpoch;
  const rate = trainer.rateOf(step, trainState);
  const where = validating
    ? `in the validation of epoch ${epoch}, after step ${step}`
    : `in epoch ${epoch}, at step ${step} (batch ${batch} of the epoch)`;
  const kept =
    bestEpoch > 0 ? `The weights of epoch ${bestEpoch} are kept.` : 'No epoch was finished before.';
  const parts = [
    `The loss became infinite or not a number ${where}, with learning rate ${rate.toPrecision(3)}.`,
    layer !== null && what === 'output' && `The first layer with such an output is ${layer}.`,
    layer !== null &&
      what === 'weights' &&
      `The weights of ${layer} are the first to be so, after that step.`,
    layer !== null &&
      what === 'average' &&
      `The average of the weights of ${layer} is the first to be so, after that step.`,
    layer !== null &&
      what === 'memory' &&
      `What the optimizer remembers of ${layer} (${slot}) is the first to be so, after that step.`,
    because && `The layer it came from was not found: ${because}.`,
    kept,
    'Lower the learning rate, warm up longer, or clip gradients.',
  ];
  return new AtelierError('LOSS_NOT_FINITE', parts.filter(Boolean).join(' '), {
    epoch,
    step,
    batch,
    layer,
    what,
    learningRate: rate,
    bestEpoch,
  });
}
