/**
 * The operations that each layer is made of, and what it can follow: one entry a layer. How an operation gets its place, shape
 * and weights is left to plan-writer.ts. Never rename or reorder: checkpoints know weights by name, first weights are drawn by place.
 */
import { writeImported } from './imported.ts';
import type { Layer, LayerKind } from './layer.ts';
import type { Shape } from './operation.ts';
import type { PlanWriter } from './plan-writer.ts';
import { product } from './shape.ts';

type LayerOf<K extends LayerKind> = Extract<Layer, { kind: K }>;

interface LayerOperations<L extends Layer> {
  /** What it expects to follow, in words, where it does not get it; null where it does. Anything will do where this is not there. */
  expects?: (shape: Shape, layer: L) => string | null;
  write: (writer: PlanWriter, name: string, layer: L) => void;
}

const map = ({ length }: Shape) =>
  length === 3 ? null : 'an image or feature map [height, width, channels]';
const vector = ({ length }: Shape) =>
  length === 1 ? null : 'a vector: put flatten or global-average-pool before it';

const pool: LayerOperations<LayerOf<'max-pool' | 'average-pool'>> = {
  expects: (shape, { size }) =>
    map(shape) ?? (Math.min(shape[0]!, shape[1]!) < size ? `at least ${size}×${size} pixels` : null),
  write(writer, name, { kind, size }) {
    const [height, width, channels] = writer.shape as [number, number, number];
    writer.push({ kind, size }, name, [Math.floor(height / size), Math.floor(width / size), channels]);
  },
};

const dropout: LayerOperations<LayerOf<'dropout' | 'spatial-dropout'>> = {
  write: (writer, name, { kind, rate }) => writer.push({ kind, rate }, name, writer.shape),
};

export const layerOperations: { [K in LayerKind]: LayerOperations<LayerOf<K>> } = {
  conv: {
    expects: map,
    write(writer, name, { filters, kernel, stride, batchNorm, activation }) {
      writer.conv(name, filters, kernel, stride, !batchNorm);
      if (batchNorm) writer.batchNorm(`${name}/norm`);
      writer.activate(`${name}/activation`, activation);
    },
  },
  /** Depthwise, then 1×1, norm and activation after each (Howard et al. 2017). */
  'separable-conv': {
    expects: map,
    write(writer, name, { filters, kernel, stride, batchNorm, activation }) {
      writer.depthwise(`${name}/depthwise`, kernel, stride, !batchNorm);
      if (batchNorm) writer.batchNorm(`${name}/norm1`);
      writer.activate(`${name}/activation1`, activation);
      writer.conv(`${name}/pointwise`, filters, 1, 1, !batchNorm);
      if (batchNorm) writer.batchNorm(`${name}/norm2`);
      writer.activate(`${name}/activation2`, activation);
    },
  },
  residual: { expects: map, write: residual },
  /** Widen, look, narrow; what came in is added where it has the shape of what goes out (Sandler et al. 2018). */
  'inverted-residual': {
    expects: map,
    write(writer, name, { filters, expand, kernel, stride, activation }) {
      const { last: from, shape } = writer;
      const channels = shape[2]!;
      if (expand > 1) {
        writer.conv(`${name}/expand`, channels * expand, 1, 1, false);
        writer.batchNorm(`${name}/norm1`);
        writer.activate(`${name}/activation1`, activation);
      }
      writer.depthwise(`${name}/depthwise`, kernel, stride, false);
      writer.batchNorm(`${name}/norm2`);
      writer.activate(`${name}/activation2`, activation);
      writer.conv(`${name}/project`, filters, 1, 1, false);
      writer.batchNorm(`${name}/norm3`);
      if (stride === 1 && filters === channels) writer.add(`${name}/add`, [writer.last, from]);
    },
  },
  /** Depthwise, layer norm, widen, GELU, narrow, add (Liu et al. 2022). */
  convnext: {
    expects: map,
    write(writer, name, { kernel, expand }) {
      const { last: from, shape } = writer;
      const channels = shape[2]!;
      writer.depthwise(`${name}/depthwise`, kernel, 1, true);
      writer.layerNorm(`${name}/norm`);
      writer.conv(`${name}/expand`, channels * expand, 1, 1, true);
      writer.activate(`${name}/activation`, 'gelu');
      writer.conv(`${name}/project`, channels, 1, 1, true);
      writer.add(`${name}/add`, [writer.last, from]);
    },
  },
  'squeeze-excite': {
    expects: map,
    write: (writer, name, { ratio }) => squeezeExcite(writer, name, ratio),
  },
  dense: {
    expects: vector,
    write(writer, name, { units, activation }) {
      writer.dense(name, units);
      writer.activate(`${name}/activation`, activation);
    },
  },
  'max-pool': pool,
  'average-pool': pool,
  'global-average-pool': { expects: map, write: (writer, name) => writer.globalAveragePool(name) },
  flatten: {
    expects: map,
    write: (writer, name) => writer.push({ kind: 'flatten' }, name, [product(writer.shape)]),
  },
  'batch-norm': { write: (writer, name) => writer.batchNorm(name) },
  'layer-norm': { write: (writer, name) => writer.layerNorm(name) },
  activation: { write: (writer, name, { activation }) => writer.activate(name, activation) },
  dropout,
  'spatial-dropout': dropout,
  imported: { write: (writer, name, { operations }) => writeImported(writer, name, operations) },
};

/** Weighs the channels of the map at hand (Hu et al. 2017). At least one channel is left by the squeeze. */
function squeezeExcite(writer: PlanWriter, name: string, ratio: number): void {
  const { last: weighed, shape } = writer;
  const channels = shape[2]!;
  writer.globalAveragePool(`${name}/pool`);
  writer.dense(`${name}/squeeze`, Math.max(1, Math.floor(channels / ratio)));
  writer.activate(`${name}/activation`, 'relu');
  writer.dense(`${name}/excite`, channels);
  writer.activate(`${name}/gate`, 'sigmoid');
  writer.push({ kind: 'multiply' }, `${name}/multiply`, shape, {
    inputs: [weighed, writer.last],
    multiplyAdds: product(shape),
  });
}

function residual(writer: PlanWriter, name: string, layer: LayerOf<'residual'>): void {
  const { filters, stride, activation } = layer;
  const projected = stride !== 1 || writer.shape[2]! !== filters;
  /** Adds the branch written so far to the block's input, or to a projection of what was at `from`. */
  const join = (shortcut: number, from: { last: number; shape: Shape }, norm: boolean) => {
    if (layer.squeezeExcite !== null) squeezeExcite(writer, `${name}/squeeze-excite`, layer.squeezeExcite);
    const branch = writer.last;
    if (projected) {
      ({ last: writer.last, shape: writer.shape } = from);
      writer.conv(`${name}/shortcut`, filters, 1, stride, false);
      if (norm) writer.batchNorm(`${name}/shortcut-norm`);
      shortcut = writer.last;
    }
    writer.add(`${name}/add`, [branch, shortcut]);
  };

  const start = { last: writer.last, shape: writer.shape };
  if (layer.preActivation) {
    writer.batchNorm(`${name}/norm1`);
    writer.activate(`${name}/activation1`, activation);
    const shared = { last: writer.last, shape: writer.shape };
    writer.conv(`${name}/conv1`, filters, 3, stride, false);
    writer.batchNorm(`${name}/norm2`);
    writer.activate(`${name}/activation2`, activation);
    writer.conv(`${name}/conv2`, filters, 3, 1, false);
    join(start.last, shared, false);
    return;
  }
  writer.conv(`${name}/conv1`, filters, 3, stride, false);
  writer.batchNorm(`${name}/norm1`);
  writer.activate(`${name}/activation1`, activation);
  writer.conv(`${name}/conv2`, filters, 3, 1, false);
  writer.batchNorm(`${name}/norm2`);
  join(start.last, start, true);
  writer.activate(`${name}/activation2`, activation);
}
