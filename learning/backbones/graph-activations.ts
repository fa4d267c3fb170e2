/**
 * Activations that files write with several nodes: SiLU, Mish, GELU, hard sigmoid and hard swish, by the operators of ONNX and
 * of TensorFlow. Found before the graph is read, so that each is one operation there. Pure.
 */
import type { ImportedActivation } from '#recipe/imported-layer.ts';
import type { GraphFile, GraphNode } from './graph.ts';

export interface Pattern {
  activation: ImportedActivation;
  /** What it bends. */
  input: string;
}

/** Nodes of one product that are taken apart. */
const mostFactors = 6;

/** Whether two constants are the same but for rounding to float32. */
export const alike = (a: number | null, b: number): boolean => a !== null && Math.abs(a - b) < 1e-4;

const products = new Set(['Mul', 'Div', 'RealDiv']);
const quotients = new Set(['Div', 'RealDiv']);
const sums = new Set(['Add', 'AddV2']);
const clips = new Set(['Clip', 'ClipByValue']);

/** Bounds of a Clip, which are settings before ONNX's opset 11 and inputs since; null where there is none. */
export function clipBounds(node: GraphNode, scalar: (name: string) => number | null) {
  const bound = (setting: string, place: number) => {
    const name = node.inputs[place];
    return node.settings.float(setting) ?? (name ? scalar(name) : null);
  };
  return { least: bound('min', 1), most: bound('max', 2) };
}

/** By the name of what they give. */
export function findActivations(file: GraphFile): Map<string, Pattern> {
  const { scalar } = file;
  const producers = new Map(file.nodes.map((node) => [node.outputs[0], node]));
  const readers = new Map<string, number>();
  for (const { inputs } of file.nodes)
    for (const name of inputs) readers.set(name, (readers.get(name) ?? 0) + 1);
  const madeBy = (name: string, ...opTypes: string[]) => {
    const node = producers.get(name);
    return node && opTypes.includes(node.opType) ? node : null;
  };

  /** The factors of a product, and the constants in it as one. */
  const factorsOf = (root: GraphNode) => {
    const names: string[] = [];
    let factor = 1;
    const open = [root];
    for (let taken = 0; open.length > 0; taken += 1) {
      const node = open.pop()!;
      if (taken > mostFactors) return null;
      for (const [place, name] of node.inputs.entries()) {
        const constant = scalar(name);
        const inner = producers.get(name);
        if (constant !== null) factor *= quotients.has(node.opType) && place === 1 ? 1 / constant : constant;
        else if (quotients.has(node.opType) && place === 1) return null;
        else if (inner && isProduct(inner) && readers.get(name) === 1) open.push(inner);
        else names.push(name);
      }
    }
    return { names, factor };
  };
  const isProduct = ({ opType }: GraphNode) => products.has(opType);

  /** x + `number`, whichever comes first. */
  const plus = (name: string, number: number): string | null => {
    const node = madeBy(name, ...sums);
    const place = node ? node.inputs.findIndex((input) => alike(scalar(input), number)) : -1;
    return place < 0 ? null : (node!.inputs[1 - place] ?? null);
  };
  /** x of min(max(x + 3, 0), 6). */
  const hard = (name: string): string | null => {
    const relu6 = madeBy(name, 'Relu6');
    if (relu6) return plus(relu6.inputs[0] ?? '', 3);
    const node = madeBy(name, ...clips);
    if (!node) return null;
    const { least, most } = clipBounds(node, scalar);
    return alike(least, 0) && alike(most, 6) ? plus(node.inputs[0] ?? '', 3) : null;
  };
  /** x of 1 + erf(x / √2). */
  const gauss = (name: string): string | null => {
    const erf = madeBy(plus(name, 1) ?? '', 'Erf');
    const scaled = erf && producers.get(erf.inputs[0] ?? '');
    const parts = scaled && isProduct(scaled) ? factorsOf(scaled) : null;
    return parts?.names.length === 1 && alike(parts.factor, Math.SQRT1_2) ? parts.names[0]! : null;
  };
  /** What the gate of an activation looks at, where the activation is the one times the other. */
  const gateOf = (name: string, factor: number): Pattern | null => {
    const sigmoid = madeBy(name, 'Sigmoid');
    if (sigmoid && alike(factor, 1)) return { activation: 'silu', input: sigmoid.inputs[0] ?? '' };
    const sloped = madeBy(name, 'HardSigmoid');
    if (sloped && alike(factor, 1) && alike(sloped.settings.float('alpha') ?? 0.2, 1 / 6))
      return { activation: 'hard-swish', input: sloped.inputs[0] ?? '' };
    const softplus = madeBy(madeBy(name, 'Tanh')?.inputs[0] ?? '', 'Softplus');
    if (softplus && alike(factor, 1)) return { activation: 'mish', input: softplus.inputs[0] ?? '' };
    const clipped = hard(name);
    if (clipped !== null && alike(factor, 1 / 6)) return { activation: 'hard-swish', input: clipped };
    const normal = gauss(name);
    return normal !== null && alike(factor, 0.5) ? { activation: 'gelu', input: normal } : null;
  };

  const found = new Map<string, Pattern>();
  for (const node of file.nodes) {
    if (!isProduct(node)) continue;
    const parts = factorsOf(node);
    const [first, second, ...others] = parts?.names ?? [];
    if (!parts || first === undefined || others.length > 0) continue;
    const [output = ''] = node.outputs;
    if (second === undefined) {
      const clipped = hard(first);
      if (clipped !== null && alike(parts.factor, 1 / 6))
        found.set(output, { activation: 'hard-sigmoid', input: clipped });
      continue;
    }
    for (const [x, gate] of [
      [first, second],
      [second, first],
    ] as const) {
      const pattern = gateOf(gate, parts.factor);
      if (pattern?.input === x) found.set(output, pattern);
    }
  }
  return found;
}
