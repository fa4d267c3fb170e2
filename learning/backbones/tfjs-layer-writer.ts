/**
 * Writes one Keras layer as nodes of a TensorFlow graph: its settings, its weights by their names, and what its output is called.
 * Which nodes a kind of layer is written as is tfjs-layer-kinds.ts.
 */
import { type GraphNode, type GraphTensor, shown } from './graph.ts';
import { type JsonObject, numberOf, own, settingsOf } from './tfjs-json.ts';
import type { TfjsWeights } from './tfjs-weights.ts';

/** Before the names of constants, so that no layer is taken for one; names of layers have none. */
export const mark = '\0';

/** A model while it is written as nodes. */
export interface Written {
  nodes: GraphNode[];
  /** Constants that stand in settings, not among the weights. */
  given: Map<string, () => GraphTensor>;
  weights: TfjsWeights;
}

/** Writes the nodes of one layer, once for each time that it is applied. */
export class LayerWriter {
  readonly #title: string;
  readonly #own = new Set<string>();
  #count = 0;

  constructor(
    readonly written: Written,
    readonly layer: { kind: string; name: string; config: JsonObject; prefix: string },
    readonly inputs: readonly string[],
    readonly output: string,
  ) {
    this.#title = `${layer.kind.slice(0, 80)} ${shown(layer.prefix + layer.name)}`;
  }

  setting = (name: string): unknown => own(this.layer.config, name);
  number = (name: string, otherwise: number): number => numberOf(this.setting(name) ?? otherwise) ?? NaN;

  /** @param title as messages name it; absent: by the layer @returns what it gives */
  node(opType: string, inputs: readonly string[], settings: JsonObject = {}, title = this.#title): string {
    this.#count += 1;
    const name = `${mark}${this.#count}/${this.output}`;
    this.#own.add(name);
    this.written.nodes.push({
      opType,
      name,
      inputs: [...inputs],
      outputs: [name],
      settings: settingsOf(settings),
      title,
    });
    return name;
  }
  /** Gives the layer's output its name. */
  end(from: string): void {
    const last = this.written.nodes.at(-1);
    if (last?.name === from && this.#own.has(from)) {
      last.name = this.output;
      last.outputs = [this.output];
      return;
    }
    this.written.nodes.push({
      opType: 'Identity',
      name: this.output,
      inputs: [from],
      outputs: [this.output],
      settings: settingsOf({}),
      title: this.#title,
    });
  }
  /** A node that has no counterpart: refused where the features need it. */
  unknown(what: string): void {
    this.end(this.node('', this.inputs, {}, `${what.slice(0, 120)} of ${this.#title}`));
  }

  constant(shape: number[], data: () => Iterable<number>): string {
    this.#count += 1;
    const name = `${mark}${this.#count}/${this.output}`;
    this.written.given.set(name, () => ({ shape, data: Float32Array.from(data()) }));
    return name;
  }
  /** The name of a weight of this layer, by the first of these names that there is; '' where it has none. */
  weight(...names: string[]): string {
    const { prefix, name: layer } = this.layer;
    for (const name of names)
      for (const scope of [prefix + layer, layer, `${layer}/${layer}`]) {
        const found = `${scope}/${name}`;
        if (this.written.weights.has(found)) return mark + found;
      }
    for (const name of names) {
      const ending = `/${layer}/${name}`;
      const found = this.written.weights.names.filter((known) => known.endsWith(ending));
      if (found.length === 1) return mark + found[0]!;
    }
    return '';
  }
  /** One that the layer must have: refused by its name where it has not. */
  needed = (...names: string[]): string => this.weight(...names) || `${mark}${this.layer.name}/${names[0]}`;

  /** What the setting `activation` says, behind x. */
  bent(x: string): string {
    const given = this.setting('activation') ?? 'linear';
    if (given === 'linear') return x;
    const known =
      typeof given === 'string' && Object.hasOwn(activations, given) ? activations[given] : undefined;
    if (known) return this.node(known, [x]);
    const said = typeof given === 'string' ? given : 'given as an object';
    return this.node('', [x], {}, `the activation ${shown(said)} of ${this.#title}`);
  }
  biased = (x: string): string =>
    this.setting('use_bias') === false ? x : this.node('BiasAdd', [x, this.needed('bias')]);
}

const activations: Readonly<Record<string, string>> = {
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  hard_sigmoid: 'HardSigmoid',
  hardSigmoid: 'HardSigmoid',
  swish: 'Silu',
  silu: 'Silu',
  gelu: 'Gelu',
  mish: 'Mish',
  softmax: 'Softmax',
};
