/**
 * The network: a plan and its weights as variables of the engine, applied to tensors. Walks the same plan as
 * the summary and the exporters. What an operation does is operations/; training, files and engines are left to
 * the floors above.
 */
import * as tf from '@tensorflow/tfjs';
import type { Recipe } from '#recipe/recipe.ts';
import { inFloat32, relu } from '#learning/tensorflow/operations.ts';
import type { Mode, OperationWeights } from '#learning/operations/operation.ts';
import { applyOperation } from '#learning/operations/operations.ts';
import { applyNormalised } from '#learning/operations/windows.ts';
import { initialValues } from './initialisers.ts';
import type { Plan, Weight } from '#recipe/operation.ts';
import { product } from '#recipe/shape.ts';
import { planOf } from '#recipe/plan.ts';
import { isFrozen } from '#recipe/frozen.ts';
import { finish, inTurns, type Work } from '#learning/work-in-turns.ts';

export type { Mode } from '#learning/operations/operation.ts';

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
  /** Names of what no step changes: all weights of the recipe's frozen layers. */
  frozen: ReadonlySet<string>;
  /** @param x preprocessed float32 [batch, height, width, channels] @returns logits [batch, classCount] */
  apply(x: tf.Tensor4D, mode: Mode): tf.Tensor2D;
  /**
   * What the first `count` operations give, outside training: the features that a head learns from.
   * @param x as of `apply`, or what the operation before `from` gave @returns float32 [batch, ...outputShape] of operation `count - 1`
   */
  featuresOf(x: tf.Tensor, count: number, from?: number): tf.Tensor;
  /**
   * `apply`, from what `featuresOf(x, count)` gave. Where those operations are frozen, the same logits but for rounding; in
   * training, dropout of many numbers is coarse: steps are so brief here that drawing them was a third of the time.
   */
  applyFrom(features: tf.Tensor, count: number, mode: Mode): tf.Tensor2D;
  /**
   * What every operation gives, in the plan's order, [batch, ...outputShape] each; `apply` is the last of them.
   * An operation that does nothing, such as dropout outside training, gives its input, the same tensor.
   * @param from operations before it are left out, and x is what the last of them gave
   */
  outputs(x: tf.Tensor, mode: Mode, from?: number): tf.Tensor[];
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
  const variables = plan.weights.map((weight): NamedVariable => ({
    name: weight.name,
    weight,
    variable: variableOf(valuesFor(weight, values).slice(), weight),
  }));
  const byName = new Map(variables.map(({ name, variable }) => [name, variable]));
  const operations = plan.operations.map((operation) => ({
    operation,
    frozen: isFrozen(operation, recipe),
    weights: Object.fromEntries(
      operation.weights.map(({ name, role }) => [role, byName.get(name)!]),
    ) as OperationWeights,
  }));
  const frozen = new Set(
    operations.flatMap((each) => (each.frozen ? each.operation.weights.map(({ name }) => name) : [])),
  );

  const late = rectifiedLate(plan);
  const folded = normalisedAtOnce(plan);
  /** All that is asked for at once, for speed: some operations then give what the next one is to have. */
  const shortcuts = (mode: Mode, position: number): 'rectified-late' | 'normalised' | null => {
    if (late.has(position)) return 'rectified-late';
    const foldable = mode.training ? mode.batchNorm === 'running' : mode.folded;
    return foldable && folded.has(position) ? 'normalised' : null;
  };
  /**
   * @param fast leaves out what nobody looks at: outputs of some operations are then not their own
   * @param from the operations before it are left out, and x is what the last of them gave
   * @param to the operations from it on are left out
   */
  const walk = (
    x: tf.Tensor,
    asked: Mode,
    { fast = false, from = 0, to = operations.length } = {},
  ): tf.Tensor[] => {
    const mode: Mode = asked.training && from > 0 ? { ...asked, coarse: true } : asked;
    const done: tf.Tensor[] = [];
    for (let position = from; position < to; position += 1) {
      const { operation, frozen, weights } = operations[position]!;
      const inputs = operation.inputs.map((index) => (index < from ? x : done[index]!));
      const shortcut = fast ? shortcuts(mode, position) : null;
      if (shortcut === 'rectified-late') {
        done[position] = inputs[0]!;
      } else if (shortcut === 'normalised' && position + 1 < to) {
        const norm = operations[position + 1]!;
        done[position] = inputs[0]!;
        position += 1;
        done[position] = applyNormalised(operation, inputs[0]!, weights, norm.operation, norm.weights);
      } else {
        const running = frozen || (mode.training && mode.batchNorm === 'running');
        const own: Mode = running && operation.kind === 'batch-norm' ? { training: false } : mode;
        const output = applyOperation(operation, inputs, weights, own, position);
        done[position] = fast && late.has(position - 1) ? relu(output) : output;
      }
    }
    return done;
  };
  return {
    plan,
    variables,
    frozen,
    trainable: variables.filter(({ name, weight }) => weight.trainable && !frozen.has(name)),
    outputs: (x, mode, from = 0) => walk(x, mode, { from }).slice(from),
    // Losses and probabilities are float32's, whatever the network computed in.
    apply: (x, mode) => inFloat32(walk(x, mode, { fast: true }).at(-1) as tf.Tensor2D),
    featuresOf: (x, count, from = 0) =>
      // Where nothing lies between, the features are what was given.
      inFloat32(walk(x, { training: false, folded: true }, { fast: true, from, to: count }).at(-1) ?? x),
    applyFrom: (features, count, mode) =>
      inFloat32(walk(features, mode, { fast: true, from: count }).at(-1) as tf.Tensor2D),
    dispose: () => variables.forEach(({ variable }) => variable.dispose()),
  };
}

/**
 * Convolutions whose only reader is a batch norm: by running statistics it is a multiplication and an addition of each
 * channel, which the kernel takes over.
 */
function normalisedAtOnce({ operations }: Plan): ReadonlySet<number> {
  const asked = operations.flatMap(({ inputs }) => inputs);
  const positions = operations.flatMap(({ kind }, position) => {
    if (kind !== 'conv' && kind !== 'depthwise-conv') return [];
    const next = operations[position + 1];
    const alone = asked.filter((index) => index === position).length === 1;
    return next?.kind === 'batch-norm' && next.inputs[0] === position && alone ? [position] : [];
  });
  return new Set(positions);
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

/** What is known of a weight beforehand, so that it need not be drawn; null where nothing is. */
export type Known = (weight: Weight) => Float32Array | null;

function* drawWeights(
  { weights }: Plan,
  { model, training }: Recipe,
  known: Known = () => null,
): Work<Weights> {
  const drawn: Weights = new Map();
  for (const [position, weight] of weights.entries()) {
    const values =
      known(weight) ?? (yield* initialValues(weight, model.initialiser, training.seed, position));
    drawn.set(weight.name, values);
  }
  return drawn;
}

/** What a network of this recipe starts with: minutes of work for the largest orthogonal kernels. @throws RECIPE_INVALID */
export const initialWeights = (recipe: Recipe, classCount: number): Weights =>
  finish(drawWeights(planOf(recipe, classCount), recipe));

/**
 * The same as `initialWeights`, in turns with other work.
 * @param known is taken in place of what would be drawn: a backbone has millions, which its file brings
 * @throws RECIPE_INVALID, CANCELLED
 */
export const initialWeightsInTurns = (
  recipe: Recipe,
  classCount: number,
  signal?: AbortSignal,
  known?: Known,
): Promise<Weights> =>
  inTurns(drawWeights(planOf(recipe, classCount), recipe, known), 'the first weights were drawn', signal);

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
