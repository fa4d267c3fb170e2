/**
 * Which tensor of the published PyTorch weights of an EfficientNet-Lite is which weight of the plan. Pure; its layers are
 * recipe/efficientnet-lite.ts, reading the file is torch-file.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import type { PublishedBackbone } from '#recipe/backbone-name.ts';
import { backboneLayers } from '#recipe/efficientnet-lite.ts';
import { Model } from '#recipe/model.ts';
import type { Weight } from '#recipe/operation.ts';
import { product } from '#recipe/shape.ts';
import { reorderedKernel } from '#learning/onnx/kernels.ts';
import { planNetwork } from '#recipe/plan.ts';
import type { Weights } from '#learning/model/network.ts';
import type { TorchTensor } from './torch-file.ts';

/** Torch's name of a batch norm's numbers. */
const normParts = { scale: 'weight', offset: 'bias', mean: 'running_mean', variance: 'running_var' } as const;

/** The published name of a weight of the plan, such as "2.inverted-residual/norm2/scale". */
function torchName({ name, role }: Weight, layerCount: number): string {
  const [layer = '', part = ''] = name.split('/');
  const index = Number.parseInt(layer, 10) - 1;
  const norm = role in normParts ? normParts[role as keyof typeof normParts] : null;
  if (index === 0) return norm ? `_bn0.${norm}` : '_conv_stem.weight';
  if (index === layerCount - 2) return norm ? `_bn1.${norm}` : '_conv_head.weight';
  const block = `_blocks.${index - 1}`;
  if (norm) return `${block}._bn${Number(part.replace('norm', '')) - 1}.${norm}`;
  return `${block}._${part}_conv.weight`;
}

/**
 * The plan's weights out of the published ones; its classifier of 1,000 ImageNet classes beside them, for checks.
 * @throws CHECKPOINT_DAMAGED where one is missing or has another shape
 */
export function convertWeights(name: PublishedBackbone, tensors: ReadonlyMap<string, TorchTensor>): Weights {
  const layers = backboneLayers(name);
  const plan = planNetwork(Model.parse({ layers }), [64, 64, 3], 1000);
  const weights: Weights = new Map();
  for (const weight of plan.weights) {
    const from =
      weight.name === 'classifier/kernel'
        ? '_fc.weight'
        : weight.name === 'classifier/bias'
          ? '_fc.bias'
          : torchName(weight, layers.length);
    const tensor = tensors.get(from);
    if (!(tensor?.data instanceof Float32Array) || tensor.data.length !== product(weight.shape)) {
      throw new AtelierError(
        'CHECKPOINT_DAMAGED',
        `Expected ${from} of ${product(weight.shape)} numbers in the weights of ${name}, received ${tensor ? `[${tensor.shape.join(', ')}]` : 'nothing'}. Fetch the file again.`,
        { name: from },
      );
    }
    weights.set(weight.name, arranged(weight, tensor.data));
  }
  return weights;
}

/** Torch keeps kernels as [outputs, inputs / groups, height, width], and dense ones as [outputs, inputs]. */
function arranged({ shape, role, groups }: Weight, data: Float32Array): Float32Array {
  if (role !== 'kernel') return data;
  const [area, inputs, outputs] =
    shape.length === 2
      ? [1, shape[0]!, shape[1]!]
      : groups === undefined
        ? [shape[0]! * shape[1]!, shape[2]!, shape[3]!]
        : [shape[0]! * shape[1]!, 1, shape[2]!];
  return reorderedKernel(data, 'hwio', area, inputs, outputs);
}
