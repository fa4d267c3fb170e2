/**
 * The plan: a recipe's layer list expanded into primitive operations with names, shapes and weights.
 * Pure arithmetic, no tensors. The network that trains, the summary, the parameter budget and every
 * exporter walk this one plan, so that they cannot disagree on what the network is.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Layer, LayerKind } from './layer.ts';
import { layerOperations } from './layer-operations.ts';
import type { Model } from './model.ts';
import type { Recipe } from './recipe.ts';
import { PlanWriter } from './plan-writer.ts';
import type { Plan, Shape, Weight } from './operation.ts';
import { product } from './shape.ts';

export type { Operation, OperationKind, Plan, Shape, Weight, WeightRole } from './operation.ts';

/**
 * @param inputShape [height, width, channels] after preprocessing
 * @throws RECIPE_INVALID where a layer cannot follow the one before it, naming the layer
 */
export function planNetwork(model: Model, inputShape: Shape, classCount: number): Plan {
  const writer = new PlanWriter(inputShape);
  for (const layer of model.layers) {
    write(writer, layer);
    writer.layer += 1;
  }
  // The classifier follows by itself, and so does what it needs before it.
  if (writer.shape.length === 3) writer.globalAveragePool('pool');
  writer.dense('classifier', classCount);

  const { operations } = writer;
  return {
    inputShape,
    classCount,
    operations,
    weights: operations.flatMap((operation) => operation.weights),
  };
}

/** The plan of a recipe's network. @throws RECIPE_INVALID as `planNetwork` */
export const planOf = (
  { preprocessing: { height, width, channels }, model }: Pick<Recipe, 'preprocessing' | 'model'>,
  classCount: number,
): Plan => planNetwork(model, [height, width, channels], classCount);

function write<K extends LayerKind>(writer: PlanWriter, layer: Layer & { kind: K }): void {
  const { expects, write: operations } = layerOperations[layer.kind as K];
  const expected = expects?.(writer.shape, layer as never);
  if (expected)
    throw new AtelierError(
      'RECIPE_INVALID',
      `Layer ${writer.layer + 1} (${layer.kind}) expects ${expected}, but receives [${writer.shape.join(', ')}]. Change or remove this layer, or the one before it.`,
      { layer: writer.layer, kind: layer.kind, shape: [...writer.shape] },
    );
  operations(writer, `${writer.layer + 1}.${layer.kind}`, layer as never);
}

/** Numbers in all these weights, trainable or not. */
export const countParameters = (weights: readonly Weight[]): number =>
  weights.reduce((total, { shape }) => total + product(shape), 0);

/** Operations up to what the classifier looks at; dropout before it does nothing to images that are looked at. */
export function featureOperations({ operations }: Plan): number {
  let count = operations.length - 1;
  while (count > 1 && operations[count - 1]!.kind === 'dropout') count -= 1;
  return count;
}
