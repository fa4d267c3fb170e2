/**
 * Linear probing before fine-tuning (Kumar et al. 2022): the classifier begins with the logistic regression on what the
 * layers before it give, so that its first, large gradients do not spoil what those layers know. Whether it does is the
 * recipe's, and when is training-loop.ts.
 */
import * as tf from '@tensorflow/tfjs';
import type { Recipe } from '#recipe/recipe.ts';
import { openFeatureReader } from '#learning/evaluation/features.ts';
import { type Network, type Weights, writeWeights } from '#learning/model/network.ts';
import { product } from '#recipe/shape.ts';
import { featureOperations } from '#recipe/plan.ts';
import { probedViews } from '#recipe/planned-features.ts';
import { LogisticRegression } from '#learning/regression/logistic-regression.ts';
import { openBehindFeatures } from './behind-features.ts';
import { pixelsOf } from '#learning/training/loop/training-data.ts';
import type { Initial } from '#learning/training/checkpoint/initial.ts';
import type { KeptFeatures } from './kept-features.ts';
import type { Trainer } from '#learning/training/loop/trainer.ts';

/** Of half the squared weights against the mean loss: where other images are answered best. */
const decay = 0.01;
const evaluations = 100;
const batchSize = 64;

/** A run that is continued has a classifier that learned on. */
export const beginsProbed = ({ training }: Recipe, initial: Initial | null): boolean =>
  training.linearProbe && initial?.how !== 'continue';

/**
 * Gives the classifier of a trainer the weights of that regression; begun from nothing, so that it may be done again.
 * @param trainer prepared, with the weights of the beginning
 * @throws CANCELLED
 */
export async function fitClassifier(trainer: Trainer, signal: AbortSignal): Promise<void> {
  const { network, average } = trainer.variables;
  const { train, labels, classCount } = trainer.data;
  const count = featureOperations(network.plan);
  const size = product(network.plan.operations[count - 1]!.outputShape);
  const { features } = trainer.parts;
  const views = features ? Math.min(probedViews, features.views) : 1;
  const values = features
    ? await ofKept(network, features, { count, size }, { train, views, signal })
    : await ofPixels(trainer, network, count, signal);
  const targets = Array.from({ length: views }, () => Array.from(train, (image) => labels[image]!)).flat();

  const regression = new LogisticRegression(size);
  const table = tf.tensor2d(values, [targets.length, size]);
  try {
    await regression.learn(table, targets, {
      decay: decay * targets.length,
      evaluations,
      // What the steps lower, so that they need not undo it.
      labelSmoothing: trainer.recipe.training.labelSmoothing,
    });
  } finally {
    table.dispose();
  }
  const { kernel, bias } = regression.weights();
  const learned = (await kernel.data()) as Float32Array;
  kernel.dispose();
  const weights: Weights = new Map();
  for (const { name, role } of network.plan.operations.at(-1)!.weights) {
    const [from, rows] = role === 'kernel' ? [learned, size] : [Float32Array.from(bias), 1];
    weights.set(name, spread(from, rows, regression.classIds, classCount));
  }
  for (const each of average ? [network, average] : [network]) {
    writeWeights({ variables: each.variables.filter(({ name }) => weights.has(name)) }, weights);
  }
}

/** Columns of the classes that have training images, among those of all. */
function spread(
  learned: Float32Array,
  rows: number,
  columns: readonly number[],
  classCount: number,
): Float32Array {
  const all = new Float32Array(rows * classCount);
  for (let row = 0; row < rows; row += 1)
    for (const [at, column] of columns.entries())
      all[row * classCount + column] = learned[row * columns.length + at]!;
  return all;
}

/** Of the images as they are. */
async function ofPixels(
  { data, parts }: Trainer,
  network: Network,
  count: number,
  signal: AbortSignal,
): Promise<Float32Array> {
  const reader = openFeatureReader(network, parts.normalisation, count);
  try {
    return await reader.read(await pixelsOf(data), data.train, null, { signal });
  } finally {
    reader.dispose();
  }
}

/** Of the first views, from what the frozen layers gave. */
async function ofKept(
  network: Network,
  features: KeptFeatures,
  { count, size }: { count: number; size: number },
  { train, views, signal }: { train: Int32Array; views: number; signal: AbortSignal },
): Promise<Float32Array> {
  const rows = Int32Array.from({ length: views * train.length }, (_, at) =>
    features.rowOf(train[at % train.length]!, Math.floor(at / train.length)),
  );
  const behind = openBehindFeatures(network, features, {
    apply: (x) => network.featuresOf(x, count, features.count),
    width: size,
    name: 'Fitting the classifier',
  });
  try {
    return await behind.read(rows, batchSize, { signal });
  } finally {
    behind.dispose();
  }
}
