/**
 * The network: a plan and its weights as variables of the engine, applied to tensors. Walks the same plan as
 * the summary and the exporters. Training, files and engines are left to the floors above.
 *
 * Conventions that an exporter must keep: feature maps are [batch, height, width, channels], so flatten gives
 * height-major, channel-last vectors; convolutions pad as TensorFlow's SAME (ONNX SAME_UPPER); leaky ReLU
 * has slope 0.01 (ONNX's default); ELU has alpha 1; GELU is the exact one, x·(1 + erf(x/√2))/2; SiLU is
 * x·sigmoid(x); dropout is the identity outside training.
 */
import * as tf from '@tensorflow/tfjs';
import type { Activation, Recipe } from '#contract/recipe.ts';
import { fusedBatchNorm, relu } from '#learning/tensorflow/operations.ts';
import { foldSeed, statelessUniform } from '#learning/tensorflow/random.ts';
import { initialValues } from './initialisers.ts';
import { type Operation, type Plan, planNetwork, type Weight, type WeightRole } from './plan.ts';

export interface NamedVariable {
  name: string;
  weight: Weight;
  variable: tf.Variable;
}

/** Training draws dropout from `seed` (int32 [2]), uses the batch's statistics and moves the running ones. */
export type Mode = { training: true; seed: tf.Tensor1D } | { training: false };

export interface Network {
  plan: Plan;
  variables: NamedVariable[];
  /** @param x preprocessed float32 [batch, height, width, channels] @returns logits [batch, classCount] */
  apply(x: tf.Tensor4D, mode: Mode): tf.Tensor2D;
  dispose(): void;
}

/** By the plan's weight name; shapes come from the plan. */
export type Weights = Map<string, Float32Array>;

const leakySlope = 0.01;

/**
 * Deterministic: first values come from `recipe.training.seed` and the plan alone.
 * @throws RECIPE_INVALID where layers do not fit
 */
export function buildNetwork(recipe: Recipe, classCount: number): Network {
  const { height, width, channels } = recipe.preprocessing;
  const plan = planNetwork(recipe.model, [height, width, channels], classCount);
  const variables = plan.weights.map((weight, position): NamedVariable => {
    const values = initialValues(weight, recipe.model.initialiser, recipe.training.seed, position);
    return { name: weight.name, weight, variable: variableOf(values, weight) };
  });
  const byName = new Map(variables.map(({ name, variable }) => [name, variable]));
  const weightsOf = (operation: Operation) =>
    Object.fromEntries(operation.weights.map(({ name, role }) => [role, byName.get(name)!])) as Record<
      WeightRole,
      tf.Variable
    >;

  return {
    plan,
    variables,
    apply(x, mode) {
      const outputs: tf.Tensor[] = [];
      plan.operations.forEach((operation, position) => {
        const inputs = operation.inputs.map((index) => (index < 0 ? x : outputs[index]!));
        outputs.push(operate(operation, inputs, weightsOf(operation), mode, position));
      });
      return outputs.at(-1) as tf.Tensor2D;
    },
    dispose: () => variables.forEach(({ variable }) => variable.dispose()),
  };
}

function variableOf(values: Float32Array, weight: Weight): tf.Variable {
  const initial = tf.tensor(values, [...weight.shape]);
  const variable = tf.variable(initial, weight.trainable);
  initial.dispose();
  return variable;
}

/** @param position of the operation: dropout layers draw from streams of their own */
function operate(
  operation: Operation,
  [x, other]: tf.Tensor[],
  weights: Record<WeightRole, tf.Variable>,
  mode: Mode,
  position: number,
): tf.Tensor {
  const input = x!;
  switch (operation.kind) {
    case 'conv': {
      const kernel = weights.kernel as tf.Tensor as tf.Tensor4D;
      const map = tf.conv2d(input as tf.Tensor4D, kernel, operation.stride, 'same');
      return operation.bias ? tf.add(map, weights.bias) : map;
    }
    case 'batch-norm':
      return batchNorm(input, weights, operation, mode);
    case 'activation':
      return activate(input, operation.activation);
    case 'max-pool':
      return tf.maxPool(input as tf.Tensor4D, operation.size, operation.size, 'valid');
    case 'average-pool':
      return tf.avgPool(input as tf.Tensor4D, operation.size, operation.size, 'valid');
    case 'global-average-pool':
      return tf.mean(input, [1, 2]);
    case 'flatten':
      return tf.reshape(input, [input.shape[0]!, -1]);
    case 'dropout':
      return mode.training ? dropout(input, operation.rate, foldSeed(mode.seed, position)) : input;
    case 'dense':
      return tf.add(
        tf.matMul(input as tf.Tensor2D, weights.kernel as tf.Tensor as tf.Tensor2D),
        weights.bias,
      );
    case 'add':
      return tf.add(input, other!);
    default:
      return operation satisfies never;
  }
}

function batchNorm(
  x: tf.Tensor,
  { scale, offset, mean, variance }: Record<WeightRole, tf.Variable>,
  { epsilon, momentum }: { epsilon: number; momentum: number },
  mode: Mode,
): tf.Tensor {
  if (!mode.training) {
    // One multiplication and one addition, which exporters can fold into the convolution before it.
    const factor = tf.mul(tf.rsqrt(tf.add(variance, epsilon)), scale);
    return tf.add(tf.mul(x, factor), tf.sub(offset, tf.mul(mean, factor)));
  }
  const { y, batchMean, batchVariance } = fusedBatchNorm(
    x as tf.Tensor4D,
    scale as tf.Tensor as tf.Tensor1D,
    offset as tf.Tensor as tf.Tensor1D,
    epsilon,
  );
  for (const [running, batch] of [
    [mean, batchMean],
    [variance, batchVariance],
  ] as const) {
    running.assign(tf.add(tf.mul(running, momentum), tf.mul(batch, 1 - momentum)));
  }
  return y;
}

/** Keeps each value with 1 - rate and scales it up, so that sums stay as they were (Srivastava et al. 2014). */
function dropout(x: tf.Tensor, rate: number, seed: tf.Tensor1D): tf.Tensor {
  if (rate === 0) return x;
  const kept = tf.greaterEqual(statelessUniform(x.shape, seed), rate);
  return tf.mul(x, tf.mul(tf.cast(kept, 'float32'), 1 / (1 - rate)));
}

function activate(x: tf.Tensor, activation: Activation): tf.Tensor {
  switch (activation) {
    case 'linear':
      return x;
    case 'relu':
      return relu(x);
    case 'leaky-relu':
      return tf.leakyRelu(x, leakySlope);
    case 'elu':
      return tf.elu(x);
    case 'gelu':
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
    case 'silu':
      return tf.mul(x, tf.sigmoid(x));
    default:
      return activation satisfies never;
  }
}

/** The weights as they are now. */
export async function readWeights({ variables }: Pick<Network, 'variables'>): Promise<Weights> {
  const weights: Weights = new Map();
  // Copied: a tensor that the engine has not taken yet hands out the very array it was made of.
  for (const { name, variable } of variables)
    weights.set(name, (await variable.data()).slice() as Float32Array);
  return weights;
}

/** @throws RangeError where a weight is missing or has another size */
export function writeWeights({ variables }: Pick<Network, 'variables'>, weights: Weights): void {
  for (const { name, weight, variable } of variables) {
    const values = weights.get(name);
    if (values?.length !== variable.size) {
      throw new RangeError(
        `${name} expects ${variable.size} values for shape [${weight.shape.join(', ')}], received ${values?.length ?? 'none'}`,
      );
    }
    const tensor = tf.tensor(values.slice(), [...weight.shape]);
    variable.assign(tensor);
    tensor.dispose();
  }
}
