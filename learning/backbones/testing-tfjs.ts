/**
 * For tests: models of TensorFlow.js, built by its own layers or as a graph, with random weights, written as its converter writes
 * them; and what TensorFlow.js computes of them. No part of the product.
 */
import * as tf from '@tensorflow/tfjs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generator } from '#learning/random-numbers.ts';

export interface Artifacts {
  modelTopology: object;
  weightSpecs: tf.io.WeightsManifestEntry[];
  weightData: ArrayBuffer;
  signature?: object;
}

/** Random weights; variances above 0. */
export function randomise(model: tf.LayersModel, seed = 1): tf.LayersModel {
  const random = generator(seed);
  for (const { originalName, val } of model.weights as unknown as {
    originalName: string;
    val: tf.Variable;
  }[]) {
    const { size, shape } = val;
    const inputs = shape.slice(0, -1).reduce((product, side) => product * side, 1);
    const values = Float32Array.from({ length: size }, () =>
      /gamma|variance/.test(originalName)
        ? 0.5 + random()
        : (2 * random() - 1) * (shape.length > 1 ? Math.min(1, Math.sqrt(6 / inputs)) : 0.3),
    );
    tf.tidy(() => val.assign(tf.tensor(values, shape)));
  }
  return model;
}

export async function artifactsOf(model: tf.LayersModel): Promise<Artifacts> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      const modelArtifactsInfo = { dateSaved: new Date(0), modelTopologyType: 'JSON' } as const;
      return Promise.resolve({ modelArtifactsInfo });
    }),
  );
  return {
    modelTopology: saved!.modelTopology as object,
    weightSpecs: saved!.weightSpecs!,
    weightData: saved!.weightData as ArrayBuffer,
  };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint8Array | Uint16Array): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

const half = (value: number): number => {
  // Nearest of binary16's, by trying: exponents from -14 to 15, and what is below them.
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  const exponent = Math.max(-14, Math.min(15, Math.floor(Math.log2(size || 2 ** -24))));
  const fraction = Math.round((size / 2 ** exponent) * 1024);
  return sign | (fraction < 1024 ? fraction : ((exponent + 15) << 10) + (fraction - 1024));
};

/** The same with its floats in fewer bits, as tensorflowjs_converter's --quantize_* writes them. */
export function quantised(model: Artifacts, dtype: 'uint8' | 'uint16' | 'float16'): Artifacts {
  const parts: Buffer[] = [];
  let at = 0;
  const weightSpecs = model.weightSpecs.map((spec) => {
    const count = spec.shape.reduce((product, side) => product * side, 1);
    const bytes = Buffer.from(model.weightData, at, 4 * count);
    at += 4 * count;
    if (spec.dtype !== 'float32') {
      parts.push(bytes);
      return spec;
    }
    const values = Array.from({ length: count }, (_, place) => bytes.readFloatLE(4 * place));
    if (dtype === 'float16') {
      parts.push(bytesOf(Uint16Array.from(values, half)));
      return { ...spec, quantization: { dtype } } as tf.io.WeightsManifestEntry;
    }
    const [min, most] = [Math.min(...values), Math.max(...values)];
    const scale = (most - min) / (dtype === 'uint8' ? 255 : 65_535) || 1;
    const whole = values.map((value) => Math.round((value - min) / scale));
    parts.push(bytesOf(dtype === 'uint8' ? Uint8Array.from(whole) : Uint16Array.from(whole)));
    return { ...spec, quantization: { dtype, min, scale, original_dtype: 'float32' } };
  });
  const all = Buffer.concat(parts);
  return {
    ...model,
    weightSpecs: weightSpecs as tf.io.WeightsManifestEntry[],
    weightData: all.buffer.slice(all.byteOffset, all.byteOffset + all.length),
  };
}

/** Writes model.json and shards of `shardBytes` each, across whose borders weights go. @returns the path of model.json */
export async function writeModel(
  folder: string,
  model: Artifacts,
  { shardBytes = 4096, change = (json: Record<string, unknown>): unknown => json } = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { modelTopology, weightSpecs, signature } = model;
  const count = Math.max(1, Math.ceil(model.weightData.byteLength / shardBytes));
  const paths = Array.from({ length: count }, (_, at) => `group1-shard${at + 1}of${count}.bin`);
  for (const [at, name] of paths.entries())
    await writeFile(
      join(folder, name),
      Buffer.from(model.weightData).subarray(shardBytes * at, shardBytes * (at + 1)),
    );
  const json = {
    format: 'node' in modelTopology ? 'graph-model' : 'layers-model',
    generatedBy: 'test',
    convertedBy: null,
    ...(signature && { signature }),
    modelTopology,
    weightsManifest: [{ paths, weights: weightSpecs }],
  };
  const path = join(folder, 'model.json');
  await writeFile(path, JSON.stringify(change(json)));
  return path;
}

/** A graph in the making: constants, and nodes with attributes as protocol buffers' JSON has them. */
export class GraphDraft {
  readonly node: Record<string, unknown>[] = [];
  readonly #specs: tf.io.WeightsManifestEntry[] = [];
  readonly #parts: Buffer[] = [];
  readonly #random: () => number;

  constructor(seed = 1) {
    this.#random = generator(seed);
  }
  placeholder(shape: number[], type = 'DT_FLOAT'): string {
    const dim = shape.map((size) => ({ size: String(size) }));
    const attr = { dtype: { type }, shape: { shape: { dim } } };
    this.node.push({ name: 'image', op: 'Placeholder', attr });
    return 'image';
  }
  #constant(name: string, dtype: 'float32' | 'int32', shape: number[], values: Buffer): string {
    this.node.push({
      name,
      op: 'Const',
      attr: { dtype: { type: dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT' } },
    });
    this.#specs.push({ name, dtype, shape });
    this.#parts.push(values);
    return name;
  }
  floats(name: string, shape: number[], values: number[]): string {
    return this.#constant(name, 'float32', shape, Buffer.from(Float32Array.from(values).buffer));
  }
  integers(name: string, shape: number[], values: number[]): string {
    return this.#constant(name, 'int32', shape, Buffer.from(Int32Array.from(values).buffer));
  }
  /** Random, within ± `scale`. */
  weights(name: string, shape: number[], scale = 0.5, least = -scale): string {
    const count = shape.reduce((product, side) => product * side, 1);
    return this.floats(
      name,
      shape,
      Array.from({ length: count }, () => least + (scale - least) * this.#random()),
    );
  }
  add(op: string, input: string[], attr: Record<string, unknown> = {}, name = `${op}_${this.node.length}`) {
    const types = { T: { type: 'DT_FLOAT' } };
    this.node.push({ name, op, input, attr: { ...types, ...attr } });
    return name;
  }
  artifacts(...outputs: string[]): Artifacts {
    const all = Buffer.concat(this.#parts);
    return {
      modelTopology: { node: this.node, library: {}, versions: {} },
      weightSpecs: this.#specs,
      weightData: all.buffer.slice(all.byteOffset, all.byteOffset + all.length),
      signature: { outputs: Object.fromEntries(outputs.map((name) => [name, { name: `${name}:0` }])) },
    };
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
export const attr = {
  ints: (...values: number[]) => ({ list: { i: values.map(String) } }),
  text: (value: string) => ({ s: base64(value) }),
  texts: (...values: string[]) => ({ list: { s: values.map(base64) } }),
  float: (f: number) => ({ f }),
  flag: (b: boolean) => ({ b }),
};
/** Of a window: stride and padding. */
export const windowOf = (stride: number, padding = 'SAME', more: Record<string, unknown> = {}) => ({
  strides: attr.ints(1, stride, stride, 1),
  padding: attr.text(padding),
  data_format: attr.text('NHWC'),
  dilations: attr.ints(1, 1, 1, 1),
  ...more,
});

export const fused = (...ops: string[]) => ({ fused_ops: attr.texts(...ops), num_args: { i: '1' } });

/** As TensorFlow Hub's MobileNet: normalised within, biases and activations fused, a classifier of one pixel. */
export function hubNetwork(draft: GraphDraft, x: string): { features: string; answer: string } {
  const scaled = draft.add('Mul', [x, draft.floats('two', [], [2])]);
  let map = draft.add('Sub', [scaled, draft.floats('one', [], [1])]);
  const kernel = (shape: number[]) => draft.weights(`k${draft.node.length}`, shape);
  const bias = (count: number) => draft.weights(`b${draft.node.length}`, [count], 0.3);
  const biased = (from: string, shape: number[], window: object, ...ops: string[]) =>
    draft.add('_FusedConv2D', [from, kernel(shape), bias(shape[3]!)], {
      ...window,
      ...fused('BiasAdd', ...ops),
    });
  map = biased(map, [3, 3, 3, 6], windowOf(2), 'Relu6');
  const each = draft.add('FusedDepthwiseConv2dNative', [map, kernel([3, 3, 6, 1]), bias(6)], {
    ...windowOf(1),
    ...fused('BiasAdd', 'Relu6'),
  });
  map = draft.add('AddV2', [biased(each, [1, 1, 6, 6], windowOf(1)), map]);
  const three = draft.floats('three', [], [3]);
  const area = draft.integers('area', [2], [1, 2]);
  const seen = draft.add('Mean', [map, area], { keep_dims: attr.flag(true) });
  const gate = draft.add('_FusedConv2D', [seen, kernel([1, 1, 6, 6]), three], {
    ...windowOf(1),
    ...fused('BiasAdd', 'Relu6'),
  });
  map = draft.add('Mul', [map, draft.add('Mul', [draft.floats('share', [], [1 / 6]), gate])]);
  const clipped = draft.add('Relu6', [draft.add('AddV2', [map, three])]);
  const share = draft.add('Mul', [clipped, draft.floats('sixth', [], [1 / 6])]);
  map = biased(draft.add('Mul', [map, share]), [3, 3, 6, 12], windowOf(2, 'VALID'), 'Elu');
  map = draft.add('Mul', [map, draft.add('Sigmoid', [map])]);
  const sides = draft.integers('sides', [2], [1, 2]);
  const pooled = draft.add('Mean', [map, sides], { keep_dims: attr.flag(true) }, 'pooled');
  const features = draft.add('Squeeze', [pooled], { squeeze_dims: attr.ints(1, 2) }, 'features');
  const logits = draft.add('Squeeze', [biased(pooled, [1, 1, 12, 4], windowOf(1))], {
    squeeze_dims: attr.ints(1, 2),
  });
  return { features, answer: draft.add('Softmax', [logits], {}, 'answer') };
}

/** Runs `compute` of TensorFlow.js in plain JavaScript, and gives its numbers. */
export async function elsewhere(compute: () => Promise<tf.Tensor>): Promise<Float32Array> {
  const before = tf.getBackend();
  await tf.setBackend('cpu');
  try {
    return Float32Array.from(await (await compute()).data());
  } finally {
    await tf.setBackend(before);
  }
}
/** (pixel / 255 − mean) / deviation */
const inputOf = (pixels: Uint8Array, shape: number[], mean: number, deviation: number) =>
  tf.tensor(
    Float32Array.from(pixels, (pixel) => (pixel / 255 - mean) / deviation),
    shape,
  );

/** What TensorFlow.js gives for the pixels at a layer of a layers model. */
export const layerFeatures = (
  model: Artifacts,
  layer: string,
  pixels: Uint8Array,
  shape: number[],
  [mean, deviation]: [number, number],
): Promise<Float32Array> =>
  elsewhere(async () => {
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(model as tf.io.ModelArtifacts));
    const cut = tf.model({
      inputs: loaded.inputs,
      outputs: loaded.getLayer(layer).output as tf.SymbolicTensor,
    });
    return cut.predict(inputOf(pixels, shape, mean, deviation)) as tf.Tensor;
  });

/** What TensorFlow.js gives for the pixels at a node of a graph model. */
export const graphFeatures = (
  model: Artifacts,
  node: string,
  pixels: Uint8Array,
  shape: number[],
  [mean, deviation]: [number, number],
): Promise<Float32Array> =>
  elsewhere(async () => {
    const artifacts = { ...model, format: 'graph-model' } as tf.io.ModelArtifacts;
    const loaded = await tf.loadGraphModel(tf.io.fromMemory(artifacts));
    return loaded.execute({ image: inputOf(pixels, shape, mean, deviation) }, node) as tf.Tensor;
  });
