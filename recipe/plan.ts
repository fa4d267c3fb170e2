/**
 * The plan: a recipe's layer list expanded into primitive operations with names, shapes and weights.
 * Pure arithmetic, no tensors. The network that trains, the summary, the parameter budget and every
 * exporter walk this one plan, so that they cannot disagree on what the network is.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Layer } from './layer.ts';
import type { Model } from './model.ts';
import type { Recipe } from './recipe.ts';
import { PlanWriter } from './blocks.ts';
import { writeImported } from './imported.ts';
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

function write(writer: PlanWriter, layer: Layer): void {
  const name = `${writer.layer + 1}.${layer.kind}`;
  const fail = (expected: string): never => {
    throw new AtelierError(
      'RECIPE_INVALID',
      `Layer ${writer.layer + 1} (${layer.kind}) expects ${expected}, but receives [${writer.shape.join(', ')}]. Change or remove this layer, or the one before it.`,
      { layer: writer.layer, kind: layer.kind, shape: [...writer.shape] },
    );
  };
  const needMap = (): void => {
    if (writer.shape.length !== 3) fail('an image or feature map [height, width, channels]');
  };

  switch (layer.kind) {
    case 'conv':
      needMap();
      writer.conv(name, layer.filters, layer.kernel, layer.stride, !layer.batchNorm);
      if (layer.batchNorm) writer.batchNorm(`${name}/norm`);
      return writer.activate(`${name}/activation`, layer.activation);
    case 'residual':
      needMap();
      return writer.residual(name, layer);
    case 'separable-conv':
      needMap();
      return writer.separable(name, layer);
    case 'inverted-residual':
      needMap();
      return writer.invertedResidual(name, layer);
    case 'squeeze-excite':
      needMap();
      return writer.squeezeExcite(name, layer.ratio);
    case 'batch-norm':
      return writer.batchNorm(name);
    case 'layer-norm':
      return writer.layerNorm(name);
    case 'activation':
      return writer.activate(name, layer.activation);
    case 'max-pool':
    case 'average-pool': {
      needMap();
      const [height, width, channels] = writer.shape as [number, number, number];
      const { size } = layer;
      if (height < size || width < size) fail(`at least ${size}×${size} pixels`);
      const out = [Math.floor(height / size), Math.floor(width / size), channels];
      return writer.push({ kind: layer.kind, size }, name, out);
    }
    case 'global-average-pool':
      needMap();
      return writer.globalAveragePool(name);
    case 'flatten':
      needMap();
      return writer.push({ kind: 'flatten' }, name, [product(writer.shape)]);
    case 'dropout':
    case 'spatial-dropout':
      return writer.push({ kind: layer.kind, rate: layer.rate }, name, writer.shape);
    case 'dense':
      if (writer.shape.length !== 1) fail('a vector: put flatten or global-average-pool before it');
      writer.dense(name, layer.units);
      return writer.activate(`${name}/activation`, layer.activation);
    case 'imported':
      return writeImported(writer, name, layer.operations);
    default:
      layer satisfies never;
  }
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
