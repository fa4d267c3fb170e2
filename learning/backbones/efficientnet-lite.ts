/**
 * EfficientNet-Lite (Tan and Le 2019, without squeeze-and-excitation and with ReLU6) as layers of a recipe, and which
 * tensor of the published PyTorch weights is which weight of the plan. Pure; reading the file is torch-file.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import type { PublishedBackbone } from '#contract/backbone-name.ts';
import { Layer, Model } from '#contract/recipe.ts';
import { product, type Weight } from '#learning/model/operation.ts';
import { kernelFromOihw } from '#learning/onnx/kernels.ts';
import { planNetwork } from '#learning/model/plan.ts';
import type { Weights } from '#learning/model/network.ts';
import type { TorchTensor } from './torch-file.ts';

interface Scaling {
  width: number;
  depth: number;
}

/** [expand, kernel, stride of the first, filters, repeats] of each stage, before scaling. */
const stages = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
] as const;

export const scalings: Record<PublishedBackbone, Scaling> = {
  'efficientnet-lite0': { width: 1, depth: 1 },
  'efficientnet-lite2': { width: 1.1, depth: 1.2 },
};

/** Filters come in eights; rounding may not take more than a tenth. */
function scaledFilters(filters: number, { width }: Scaling): number {
  const wanted = filters * width;
  const rounded = Math.max(8, Math.floor((wanted + 4) / 8) * 8);
  return rounded < 0.9 * wanted ? rounded + 8 : rounded;
}

/** The layers up to the features, [1280]: stem, inverted residuals, head and global pool. Lite keeps stem and head, first and last stage as they are. */
export function backboneLayers(name: PublishedBackbone): Layer[] {
  const scaling = scalings[name];
  const layers: unknown[] = [{ kind: 'conv', filters: 32, kernel: 3, stride: 2, activation: 'relu6' }];
  for (const [index, [expand, kernel, stride, filters, repeats]] of stages.entries()) {
    const fixed = index === 0 || index === stages.length - 1;
    const count = fixed ? repeats : Math.ceil(repeats * scaling.depth);
    for (let repeat = 0; repeat < count; repeat += 1) {
      layers.push({
        kind: 'inverted-residual',
        filters: scaledFilters(filters, scaling),
        expand,
        kernel,
        stride: repeat === 0 ? stride : 1,
      });
    }
  }
  layers.push(
    { kind: 'conv', filters: 1280, kernel: 1, activation: 'relu6' },
    { kind: 'global-average-pool' },
  );
  return layers.map((layer) => Layer.parse(layer));
}

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
  return kernelFromOihw(data, area, inputs, outputs);
}
