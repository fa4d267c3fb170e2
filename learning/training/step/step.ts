/**
 * One training step as one traced function: gather → augment → normalise → network → loss → gradients → clipping
 * → optimizer → average. Everything that changes from step to step is an input, so it is traced once.
 * The order of steps, epochs and files are left to training-loop.ts; formulas are losses.ts and optimizers.ts.
 */
import * as tf from '@tensorflow/tfjs';
import type { Augmentation } from '#recipe/augmentation.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { augment } from '#learning/augment/index.ts';
import { mixFeatures } from '#learning/augment/mixup.ts';
import type { Mode, NamedVariable, Network } from '#learning/model/network.ts';
import { type Normalisation, normalise } from '#learning/model/preprocessing.ts';
import { regularisation } from '#learning/model/regularisation.ts';
import { inFloat32, type ResidentImages } from '#learning/tensorflow/operations.ts';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { trace } from '#learning/tensorflow/trace.ts';
import type { KeptFeatures } from '#learning/training/frozen/kept-features.ts';
import { type BatchLoss, batchLoss } from './losses.ts';
import { clipped, decayed, updateRule, withDecay } from './optimizers.ts';

/** Sums since the last reset, over the training images as they were trained on. */
export interface Totals {
  /** Sum over steps of the batch's mean cross-entropy against the targets as augmentation left them: no label smoothing, focus, class weights or penalties. */
  loss: number;
  /** Images whose most probable class is that of their heaviest target. */
  correct: number;
  steps: number;
  /** Number of the first step whose loss, with all that the recipe adds to it, was NaN or infinite; 0 where none was. */
  firstNotFinite: number;
}

export interface Step {
  /** Trains on the images at `indices` (int32 [batch]). @param number of the step in the run, from 1 */
  run(indices: Int32Array, learningRate: number, number: number): void;
  /** Waits for the engine to finish what it was given. */
  totals(): Promise<Totals>;
  resetTotals(): void;
  /** Goes on from totals read earlier, bit for bit: what `totals()` gave is float32, and so is what is kept. */
  setTotals(totals: Totals): void;
  /** What the optimizer remembers: by slot name, then weight name. */
  optimizerState: Map<string, NamedVariable[]>;
  dispose(): void;
}

export interface StepParts {
  recipe: Recipe;
  network: Network;
  /** Holds the moving average of all weights; null where the recipe does not average. */
  average: Network | null;
  /** What a batch is gathered from; null where `features` are. */
  images: ResidentImages | null;
  /** What frozen layers give, where it is kept: a step begins behind them. */
  features?: KeptFeatures | null;
  /** Class index of every resident image, or row of features. */
  labels: Int32Array;
  normalisation: Normalisation;
  /** Of class-weights.ts; null where all classes weigh alike. */
  classWeights: Float32Array | null;
}

type Four<T> = [T, T, T, T];

/** Which stream of a step's seed dropout draws from. */
export const dropoutStream = 0;
const augmentationStream = 1;

/**
 * A batch as the network gets it: gathered, augmented, normalised. May be traced; the step runs this very function.
 * @param indices of the images, or rows of features, int32 [batch]
 * @param answers their class indices, int32 [batch]
 * @param seed of the step, int32 [2]: the recipe's seed and the step's number, from 1
 * @returns x float32 [batch, height, width, channels], or the kept features, targets float32 [batch, classCount], one-hot unless mixed
 */
export function prepareBatch(
  {
    recipe,
    network,
    images,
    features,
    normalisation,
  }: Pick<StepParts, 'recipe' | 'network' | 'images' | 'features' | 'normalisation'>,
  indices: tf.Tensor1D,
  answers: tf.Tensor1D,
  seed: tf.Tensor1D,
): { x: tf.Tensor; targets: tf.Tensor2D } {
  const oneHot = tf.cast(tf.oneHot(answers, network.plan.classCount), 'float32') as tf.Tensor2D;
  const drawn = foldSeed(seed, augmentationStream);
  if (features) return mixed(features.gather(indices), oneHot, recipe.augmentation, drawn);
  const batch = augment(images!.gather(indices), oneHot, recipe.augmentation, drawn);
  return { x: normalise(batch.images, normalisation), targets: batch.targets };
}

/** What features are mixed by; their images have been changed by all else. */
function mixed(
  features: tf.Tensor,
  targets: tf.Tensor2D,
  augmentation: readonly Augmentation[],
  seed: tf.Tensor1D,
): { x: tf.Tensor; targets: tf.Tensor2D } {
  return augmentation.reduce(
    (batch, settings, position) => {
      if (settings.kind !== 'mixup') return batch;
      const mix = mixFeatures(batch.x, batch.targets, settings, foldSeed(seed, position));
      return { x: mix.features, targets: mix.targets };
    },
    { x: features, targets },
  );
}

/** Slots at their initial values and the step's trace, which is recorded at its first run; `parts` stay the caller's to dispose. */
export function openStep(parts: StepParts): Step {
  const { recipe, network, average, classWeights } = parts;
  const { training } = recipe;
  const rule = updateRule(training.optimizer);
  const { trainable } = network;
  const optimizerState = new Map(
    rule.optimizerState.map(({ name, initial }) => [name, trainable.map((like) => filled(like, initial))]),
  );
  const factors = rateFactors(recipe, network);
  const totals = tf.tidy(() => tf.variable(tf.zeros([4]), false));

  /** The loss to be lowered; counts what was seen on the way. */
  const lossOf = (x: tf.Tensor, targets: tf.Tensor2D, seed: tf.Tensor1D, number: tf.Scalar): tf.Scalar => {
    const { features } = parts;
    const mode: Mode = { training: true, seed, batchNorm: training.batchNorm };
    const logits = features
      ? network.applyFrom(x, features.count, mode)
      : network.apply(x as tf.Tensor4D, mode);
    const batch = batchLoss(logits, targets, { ...training, classWeights });
    const penalty = regularisation(network, recipe.model);
    const trainingLoss = penalty ? (tf.add(batch.trainingLoss, penalty) as tf.Scalar) : batch.trainingLoss;
    count(totals, { ...batch, trainingLoss, number });
    return trainingLoss;
  };

  const traced = trace(
    (...inputs) => {
      const [indices, answers, seed, numbers] = inputs as tf.Tensor1D[] as Four<tf.Tensor1D>;
      const [number, learningRate, averaging, ...corrections] = tf.unstack(numbers) as tf.Scalar[];
      const { x, targets } = prepareBatch(parts, indices, answers, seed);

      const { grads, value } = tf.variableGrads(
        () => lossOf(x, targets, foldSeed(seed, dropoutStream), number!),
        trainable.map(({ variable }) => variable),
      );
      // Weights, averages and optimizerState change in float32, or small steps would be lost in rounding.
      const raw = trainable.map(({ variable }) => inFloat32(grads[variable.name]!));
      const gradients = training.gradientClipping === null ? raw : clipped(raw, training.gradientClipping);
      trainable.forEach(({ weight, variable }, position) => {
        const remembered = rule.optimizerState.map(
          ({ name }) => optimizerState.get(name)![position]!.variable,
        );
        const decay = weight.role === 'kernel' ? training.weightDecay : 0;
        const decoupled = rule.decay === 'decoupled';
        const factor = factors.get(weight.name)!;
        const rate = factor === 1 ? learningRate! : (tf.mul(learningRate!, factor) as tf.Scalar);
        const updated = rule.update(
          decoupled ? decayed(variable, rate, decay) : variable,
          decoupled ? gradients[position]! : withDecay(gradients[position]!, variable, decay),
          remembered,
          rate,
          corrections,
        );
        variable.assign(updated.weight);
        remembered.forEach((slot, index) => slot.assign(updated.optimizerState[index]!));
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
      ...[...optimizerState.values()].flat().map(({ variable }) => variable),
      ...(average?.variables ?? []).map(({ variable }) => variable),
    ],
  );

  return {
    optimizerState,
    run(indices, learningRate, number) {
      // A young average follows closely, or it would hold on to the first weights.
      const averaging = Math.min(training.weightAveraging ?? 0, (1 + number) / (10 + number));
      const inputs = [
        tf.tensor1d(indices, 'int32'),
        // Looked up here: tfjs's gather reads its indices, which a traced step cannot.
        tf.tensor1d(
          indices.map((index) => parts.labels[index]!),
          'int32',
        ),
        tf.tensor1d([training.seed, number], 'int32'),
        tf.tensor1d([number, learningRate, averaging, ...rule.corrections(number)]),
      ];
      try {
        tf.dispose(traced(...inputs));
      } finally {
        tf.dispose(inputs);
      }
    },
    async totals() {
      const [loss, correct, steps, firstNotFinite] = (await totals.data()) as Float32Array;
      return { loss: loss!, correct: correct!, steps: steps!, firstNotFinite: firstNotFinite! };
    },
    resetTotals: () => tf.tidy(() => totals.assign(tf.zeros([4]))),
    setTotals: ({ loss, correct, steps, firstNotFinite }) =>
      tf.tidy(() => totals.assign(tf.tensor1d([loss, correct, steps, firstNotFinite]))),
    dispose() {
      traced.dispose();
      tf.dispose([totals, ...[...optimizerState.values()].flat().map(({ variable }) => variable)]);
    },
  };
}

/** Of each weight: its layer's share of the learning rate. */
function rateFactors(
  { model, training: { layerDecay } }: Recipe,
  { plan }: Pick<Network, 'plan'>,
): ReadonlyMap<string, number> {
  return new Map(
    plan.operations.flatMap(({ layer, weights }) =>
      weights.map(({ name }) => [name, layerDecay ** (model.layers.length - layer)] as const),
    ),
  );
}

/** Adds a batch to the totals inside the trace, so that reading them can wait. */
function count(totals: tf.Variable, batch: BatchLoss & { number: tf.Scalar }): void {
  const { trainingLoss, crossEntropy, correct, number } = batch;
  const [lossSum, correctSum, steps, first] = tf.unstack(totals as tf.Tensor) as tf.Scalar[];
  const finite = tf.less(tf.abs(crossEntropy), Infinity);
  const allFinite =
    trainingLoss === crossEntropy ? finite : tf.less(tf.abs(tf.add(trainingLoss, crossEntropy)), Infinity);
  const stillFinite = tf.logicalOr(allFinite, tf.greater(first!, 0));
  totals.assign(
    tf.stack([
      tf.add(lossSum!, tf.where(finite, crossEntropy, 0)),
      tf.add(correctSum!, correct),
      tf.add(steps!, 1),
      tf.where(stillFinite, first!, number),
    ]),
  );
}

/** A slot of this weight's name and shape. */
function filled({ name, weight }: NamedVariable, initial: number): NamedVariable {
  return { name, weight, variable: tf.tidy(() => tf.variable(tf.fill([...weight.shape], initial), false)) };
}
