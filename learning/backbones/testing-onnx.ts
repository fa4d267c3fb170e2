/**
 * For tests: ONNX files as other programs write them, with random weights, and what another runtime computes of them. No part
 * of the product.
 */
import proto, { type onnx } from 'onnx-proto';
import { generator } from '#learning/random-numbers.ts';

const { AttributeProto, ModelProto, TensorProto } = proto.onnx;
const { AttributeType } = AttributeProto;
const { FLOAT, INT64 } = TensorProto.DataType;

type Setting = number | number[] | string | { float: number };

/** A file in the making: nodes in order, each with one output that is called as the function says. */
export class OnnxDraft {
  readonly graph = {
    name: 'test',
    node: [] as onnx.INodeProto[],
    initializer: [] as onnx.ITensorProto[],
    input: [] as onnx.IValueInfoProto[],
  };
  readonly #random: () => number;

  constructor(seed = 1) {
    this.#random = generator(seed);
  }

  input(name: string, shape: (number | string)[], elemType: number = FLOAT): string {
    const dim = shape.map((side) => (typeof side === 'number' ? { dimValue: side } : { dimParam: side }));
    this.graph.input.push({ name, type: { tensorType: { elemType, shape: { dim } } } });
    return name;
  }

  /** Random, within ± `scale`. */
  weights(name: string, dims: number[], scale = 0.5, least = -scale): string {
    const count = dims.reduce((product, side) => product * side, 1);
    return this.floats(
      name,
      dims,
      Array.from({ length: count }, () => least + (scale - least) * this.#random()),
    );
  }
  floats(name: string, dims: number[], values: number[]): string {
    const rawData = new Uint8Array(Float32Array.from(values).buffer);
    this.graph.initializer.push({ name, dataType: FLOAT, dims, rawData });
    return name;
  }
  integers(name: string, values: number[]): string {
    const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.graph.initializer.push({ name, dataType: INT64, dims: [values.length], rawData });
    return name;
  }

  node(opType: string, inputs: string[], settings: Record<string, Setting> = {}, output?: string): string {
    const name = output ?? `${opType.toLowerCase()}_${this.graph.node.length}`;
    const attribute = Object.entries(settings).map(([key, value]) =>
      typeof value === 'number'
        ? { name: key, type: AttributeType.INT, i: value }
        : typeof value === 'string'
          ? { name: key, type: AttributeType.STRING, s: new TextEncoder().encode(value) }
          : Array.isArray(value)
            ? { name: key, type: AttributeType.INTS, ints: value }
            : { name: key, type: AttributeType.FLOAT, f: value.float },
    );
    this.graph.node.push({ opType, name: `node/${name}`, input: inputs, output: [name], attribute });
    return name;
  }

  conv(
    x: string,
    inputs: number,
    outputs: number,
    kernel: number,
    settings: Record<string, Setting> = {},
    bias = false,
  ) {
    const place = this.graph.node.length;
    const area = Math.sqrt(2 / (inputs * kernel * kernel));
    const w = this.weights(`w${place}`, [outputs, inputs, kernel, kernel], 1.5 * area);
    const b = bias ? [this.weights(`b${place}`, [outputs], 0.2)] : [];
    return this.node('Conv', [x, w, ...b], { kernel_shape: [kernel, kernel], ...settings });
  }
  norm(x: string, channels: number, epsilon = 1e-5) {
    const place = this.graph.node.length;
    const names = [
      this.weights(`scale${place}`, [channels], 1.5, 0.5),
      this.weights(`offset${place}`, [channels], 0.3),
      this.weights(`mean${place}`, [channels], 0.3),
      this.weights(`variance${place}`, [channels], 1.5, 0.5),
    ];
    return this.node('BatchNormalization', [x, ...names], { epsilon: { float: epsilon } });
  }
  dense(x: string, inputs: number, outputs: number, output?: string) {
    const place = this.graph.node.length;
    const w = this.weights(`w${place}`, [outputs, inputs], Math.sqrt(3 / inputs));
    return this.node('Gemm', [x, w, this.weights(`b${place}`, [outputs], 0.2)], { transB: 1 }, output);
  }

  /** @param outputs names of tensors */
  encode(...outputs: string[]): Buffer {
    const output = outputs.map((name) => ({ name, type: { tensorType: { elemType: FLOAT } } }));
    return Buffer.from(
      ModelProto.encode({
        irVersion: 8,
        opsetImport: [{ domain: '', version: 17 }],
        graph: { ...this.graph, output },
      }).finish(),
    );
  }
}

/** As torchvision's residual networks: padding on both sides alike, overlapping pool, a projection. Gives features of 8. */
export function residualNetwork(draft: OnnxDraft, x: string): { features: string; answer: string } {
  const pad = (pixels: number) => new Array<number>(4).fill(pixels);
  const step = (
    from: string,
    inputs: number,
    outputs: number,
    kernel: number,
    strides: number,
    pixels: number,
  ) =>
    draft.norm(
      draft.conv(from, inputs, outputs, kernel, { strides: [strides, strides], pads: pad(pixels) }),
      outputs,
    );
  let map = draft.node('Relu', [step(x, 3, 6, 7, 2, 3)]);
  map = draft.node('MaxPool', [map], { kernel_shape: [3, 3], strides: [2, 2], pads: pad(1) });
  const first = step(draft.node('Relu', [step(map, 6, 6, 3, 1, 1)]), 6, 6, 3, 1, 1);
  map = draft.node('Relu', [draft.node('Add', [first, map])]);
  const second = step(draft.node('Relu', [step(map, 6, 8, 3, 2, 1)]), 8, 8, 3, 1, 1);
  map = draft.node('Relu', [draft.node('Add', [second, step(map, 6, 8, 1, 2, 0)])]);
  const features = draft.node('Flatten', [draft.node('GlobalAveragePool', [map])], { axis: 1 }, 'features');
  return { features, answer: draft.node('Softmax', [draft.dense(features, 8, 10)], { axis: 1 }, 'answer') };
}

/** A file of it, to be damaged. @param change its nodes before it is written */
export function smallFile(change: (draft: OnnxDraft, answer: string) => void = () => undefined): Buffer {
  const draft = new OnnxDraft();
  const { answer } = residualNetwork(draft, draft.input('image', ['batch', 3, 32, 32]));
  change(draft, answer);
  return draft.encode(answer);
}
