/**
 * The network: a plan and its weights as variables of the engine, applied to tensors. Walks the same plan as
 * the summary and the exporters. What an operation does is apply.ts; training, files and engines are left to
 * the floors above.
 */
import * as tf from '@tensorflow/tfjs';
import type { Recipe } from '#contract/recipe.ts';
import { inFloat32, relu } from '#learning/tensorflow/operations.ts';
import { applyOperation, type Mode, type OperationWeights } from './apply.ts';
import { initialValues } from './initialisers.ts';
import { type Plan, product, type Weight } from './operation.ts';
import { planOf } from './plan.ts';
import { finish, inTurns, type Work } from './turns.ts';

export type { Mode } from './apply.ts';

export interface NamedVariable {
  name: string;
  weight: Weight;
  variable: tf.Variable;
}

export interface Network {
  plan: Plan;
  /** All of them, in the plan's order. */
  variables: NamedVariable[];
  /** What training may change by gradients: not the running statistics, and nothing of the recipe's frozen layers. */
  trainable: NamedVariable[];
  /** @param x preprocessed float32 [batch, height, width, channels] @returns logits [batch, classCount] */
  apply(x: tf.Tensor4D, mode: Mode): tf.Tensor2D;
  /**
   * What every operation gives, in the plan's order, [batch, ...outputShape] each; `apply` is the last of them.
   * An operation that does nothing, such as dropout outside training, gives its input, the same tensor.
   */
  outputs(x: tf.Tensor4D, mode: Mode): tf.Tensor[];
  dispose(): void;
}

/** By the plan's weight name; shapes come from the plan. */
export type Weights = Map<string, Float32Array>;

/**
 * Deterministic: first values come from `recipe.training.seed` and the plan alone. Of the recipe's first
 * `training.frozenLayers` layers, batch norm uses its running statistics in training too, and leaves them be;
 * dropout in them still drops.
 * @param first values to start with, in place of those: copied
 * @throws RECIPE_INVALID where layers do not fit; RangeError where `first` lacks a weight or has another size of it
 */
export function buildNetwork(recipe: Recipe, classCount: number, first?: Weights): Network {
  const plan = planOf(recipe, classCount);
  const values = first ?? initialWeights(recipe, classCount);
  for (const weight of plan.weights) valuesFor(weight, values);
  // The classifier's layer index is the layer count: it is never frozen, however many layers are asked for.
  const frozenLayers = Math.min(recipe.training.frozenLayers, recipe.model.layers.length);
  const variables = plan.weights.map((weight): NamedVariable => ({
    name: weight.name,
    weight,
    variable: variableOf(valuesFor(weight, values).slice(), weight),
  }));
  const byName = new Map(variables.map(({ name, variable }) => [name, variable]));
  const operations = plan.operations.map((operation) => ({
    operation,
    frozen: operation.layer < frozenLayers,
    weights: Object.fromEntries(
      operation.weights.map(({ name, role }) => [role, byName.get(name)!]),
    ) as OperationWeights,
  }));
  const frozen = new Set(
    operations.flatMap((each) => (each.frozen ? each.operation.weights.map(({ name }) => name) : [])),
  );

  const late = rectifiedLate(plan);
  /** @param postponed ReLUs that are applied to what the pool after them gives; theirs is then not among the outputs */
  const walk = (x: tf.Tensor4D, mode: Mode, postponed: ReadonlySet<number>): tf.Tensor[] => {
    const done: tf.Tensor[] = [];
    operations.forEach(({ operation, frozen, weights }, position) => {
      const inputs = operation.inputs.map((index) => (index < 0 ? x : done[index]!));
      if (postponed.has(position)) return void done.push(inputs[0]!);
      const own: Mode = frozen && operation.kind === 'batch-norm' ? { training: false } : mode;
      const output = applyOperation(operation, inputs, weights, own, position);
      done.push(postponed.has(position - 1) ? relu(output) : output);
    });
    return done;
  };
  return {
    plan,
    variables,
    trainable: variables.filter(({ name, weight }) => weight.trainable && !frozen.has(name)),
    outputs: (x, mode) => walk(x, mode, new Set()),
    // Losses and probabilities are float32's, whatever the network computed in.
    apply: (x, mode) => inFloat32(walk(x, mode, late).at(-1) as tf.Tensor2D),
    dispose: () => variables.forEach(({ variable }) => variable.dispose()),
  };
}

/**
 * Where a ReLU stands right before a max-pool and nothing else looks at it. The largest of a window is the same, and in
 * the same place, before and after ReLU: pooled first there is a quarter or less to rectify, both ways.
 */
function rectifiedLate({ operations }: Plan): ReadonlySet<number> {
  const asked = operations.flatMap(({ inputs }) => inputs);
  const positions = operations.flatMap((operation, position) => {
    const next = operations[position + 1];
    const alone = next?.inputs[0] === position && asked.filter((index) => index === position).length === 1;
    const rectifies = operation.kind === 'activation' && operation.activation === 'relu';
    return rectifies && alone && next.kind === 'max-pool' ? [position] : [];
  });
  return new Set(positions);
}

function* drawWeights({ weights }: Plan, { model, training }: Recipe): Work<Weights> {
  const drawn: Weights = new Map();
  for (const [position, weight] of weights.entries()) {
    drawn.set(weight.name, yield* initialValues(weight, model.initialiser, training.seed, position));
  }
  return drawn;
}

/** What a network of this recipe starts with: minutes of work for the largest orthogonal kernels. @throws RECIPE_INVALID */
export const initialWeights = (recipe: Recipe, classCount: number): Weights =>
  finish(drawWeights(planOf(recipe, classCount), recipe));

/** The same as `initialWeights`, in turns with other work. @throws RECIPE_INVALID, CANCELLED */
export const initialWeightsInTurns = (
  recipe: Recipe,
  classCount: number,
  signal?: AbortSignal,
): Promise<Weights> =>
  inTurns(drawWeights(planOf(recipe, classCount), recipe), 'the first weights were drawn', signal);

/** @throws RangeError where they are missing or of another size */
function valuesFor({ name, shape }: Weight, weights: Weights): Float32Array {
  const values = weights.get(name);
  const size = product(shape);
  if (values?.length === size) return values;
  throw new RangeError(
    `${name} expects ${size} values for shape [${shape.join(', ')}], received ${values?.length ?? 'none'}`,
  );
}

function variableOf(values: Float32Array, weight: Weight): tf.Variable {
  const initial = tf.tensor(values, [...weight.shape]);
  const variable = tf.variable(initial, weight.trainable);
  initial.dispose();
  return variable;
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
  for (const { weight, variable } of variables) {
    const tensor = tf.tensor(valuesFor(weight, weights).slice(), [...weight.shape]);
    variable.assign(tensor);
    tensor.dispose();
  }
}
