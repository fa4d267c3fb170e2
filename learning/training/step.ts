/**
 * One training step as one traced function: gather → augment → normalise → network → cross-entropy → gradients
 * → optimizer → average. Everything that changes from step to step is an input, so it is traced once.
 * The order of steps, epochs and files are left to train.ts.
 */
import * as tf from '@tensorflow/tfjs';
import type { Recipe } from '#contract/recipe.ts';
import { augment } from '#learning/augment/index.ts';
import type { NamedVariable, Network } from '#learning/model/network.ts';
import { type Normalisation, normalise } from '#learning/model/preprocessing.ts';
import type { ResidentImages } from '#learning/tensorflow/operations.ts';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { trace } from '#learning/tensorflow/trace.ts';
import { decayed, updateRule } from './optimizers.ts';

/** Sums since the last reset, over the training images as they were trained on. */
export interface Totals {
  /** Sum over steps of the batch's mean cross-entropy, without label smoothing. */
  loss: number;
  correct: number;
  steps: number;
  /** Number of the first step whose loss was NaN or infinite, 0 where none was. */
  firstNotFinite: number;
}

export interface Step {
  /** Trains on the images at `indices` (int32 [batch]). @param number of the step in the run, from 1 */
  run(indices: Int32Array, learningRate: number, number: number): void;
  /** Waits for the engine to finish what it was given. */
  totals(): Promise<Totals>;
  resetTotals(): void;
  /** What the optimizer remembers: by slot name, then weight name. */
  slots: Map<string, NamedVariable[]>;
  dispose(): void;
}

export interface StepParts {
  recipe: Recipe;
  network: Network;
  /** Holds the moving average of all weights; null where the recipe does not average. */
  average: Network | null;
  images: ResidentImages;
  /** Class index of every resident image. */
  labels: Int32Array;
  normalisation: Normalisation;
}

type Four<T> = [T, T, T, T];

const dropoutStream = 0;
const augmentationStream = 1;

export function openStep({ recipe, network, average, images, labels, normalisation }: StepParts): Step {
  const { training } = recipe;
  const { classCount } = network.plan;
  const rule = updateRule(training.optimizer);
  const trainable = network.variables.filter(({ weight }) => weight.trainable);
  const slots = new Map(rule.slots.map((slot) => [slot, trainable.map(zerosLike)]));
  const totals = tf.tidy(() => tf.variable(tf.zeros([4]), false));

  /** Mean loss to be lowered; counts what was seen on the way. */
  const lossOf = (x: tf.Tensor4D, answers: tf.Tensor1D, seed: tf.Tensor1D, number: tf.Scalar): tf.Scalar => {
    const logits = network.apply(x, { training: true, seed });
    const logProbabilities = tf.logSoftmax(logits);
    const oneHot = tf.cast(tf.oneHot(answers, classCount), 'float32');
    const crossEntropy = tf.neg(tf.mean(tf.sum(tf.mul(oneHot, logProbabilities), 1))) as tf.Scalar;
    const correct = tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), answers), 'float32'));
    count(totals, crossEntropy, correct, number);
    if (training.labelSmoothing === 0) return crossEntropy;
    // Smoothed targets are (1 - s) of the one and s spread evenly over all classes (Szegedy et al. 2015).
    const spread = tf.neg(tf.mean(logProbabilities));
    const { labelSmoothing: s } = training;
    return tf.add(tf.mul(crossEntropy, 1 - s), tf.mul(spread, s)) as tf.Scalar;
  };

  const traced = trace(
    (...inputs) => {
      const [indices, answers, seed, numbers] = inputs as tf.Tensor1D[] as Four<tf.Tensor1D>;
      const [number, learningRate, averaging, ...corrections] = tf.unstack(numbers) as tf.Scalar[];
      const pixels = augment(images.gather(indices), recipe.augmentation, foldSeed(seed, augmentationStream));
      const x = normalise(pixels, normalisation);

      const { grads, value } = tf.variableGrads(
        () => lossOf(x, answers, foldSeed(seed, dropoutStream), number!),
        trainable.map(({ variable }) => variable),
      );
      trainable.forEach(({ weight, variable }, position) => {
        const remembered = rule.slots.map((slot) => slots.get(slot)![position]!.variable);
        const decay = weight.role === 'kernel' ? training.weightDecay : 0;
        const updated = rule.update(
          decayed(variable, learningRate!, decay),
          grads[variable.name]!,
          remembered,
          learningRate!,
          corrections,
        );
        variable.assign(updated.weight);
        remembered.forEach((slot, index) => slot.assign(updated.slots[index]!));
      });
      average?.variables.forEach(({ variable }, position) => {
        const current = network.variables[position]!.variable;
        variable.assign(tf.add(variable, tf.mul(tf.sub(current, variable), tf.sub(1, averaging!))));
      });
      return [value];
    },
    () => [
      totals,
      ...network.variables.map(({ variable }) => variable),
      ...[...slots.values()].flat().map(({ variable }) => variable),
      ...(average?.variables ?? []).map(({ variable }) => variable),
    ],
  );

  return {
    slots,
    run(indices, learningRate, number) {
      // A young average follows closely, or it would hold on to the first weights.
      const averaging = Math.min(training.weightAveraging ?? 0, (1 + number) / (10 + number));
      const inputs = [
        tf.tensor1d(indices, 'int32'),
        // Looked up here: tfjs's gather reads its indices, which a traced step cannot.
        tf.tensor1d(
          indices.map((index) => labels[index]!),
          'int32',
        ),
        tf.tensor1d([training.seed, number], 'int32'),
        tf.tensor1d([number, learningRate, averaging, ...rule.corrections(number)]),
      ];
      tf.dispose([traced(...inputs), inputs]);
    },
    async totals() {
      const [loss, correct, steps, firstNotFinite] = (await totals.data()) as Float32Array;
      return { loss: loss!, correct: correct!, steps: steps!, firstNotFinite: firstNotFinite! };
    },
    resetTotals: () => tf.tidy(() => totals.assign(tf.zeros([4]))),
    dispose() {
      traced.dispose();
      tf.dispose([totals, ...[...slots.values()].flat().map(({ variable }) => variable)]);
    },
  };
}

/** Adds a batch to the totals inside the trace, so that reading them can wait. */
function count(totals: tf.Variable, loss: tf.Scalar, correct: tf.Tensor, number: tf.Scalar): void {
  const [lossSum, correctSum, steps, first] = tf.unstack(totals as tf.Tensor) as tf.Scalar[];
  const finite = tf.less(tf.abs(loss), Infinity);
  const stillFinite = tf.logicalOr(finite, tf.greater(first!, 0));
  totals.assign(
    tf.stack([
      tf.add(lossSum!, tf.where(finite, loss, 0)),
      tf.add(correctSum!, correct),
      tf.add(steps!, 1),
      tf.where(stillFinite, first!, number),
    ]),
  );
}

function zerosLike({ name, weight }: NamedVariable): NamedVariable {
  return { name, weight, variable: tf.tidy(() => tf.variable(tf.zeros([...weight.shape]), false)) };
}
