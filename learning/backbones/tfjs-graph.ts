/**
 * A graph model of TensorFlow.js, a GraphDef as JSON, as nodes and constants. Constants behind another name, and shapes of which
 * only the batch is computed, are resolved here. What an operator becomes is tfjs-operators.ts.
 */
import { type GraphFile, type GraphNode, greatestNodes, refuse, type Settings, shown } from './graph.ts';
import {
  isObject,
  type JsonObject,
  listOf,
  numberOf,
  objectOf,
  own,
  saidOf,
  settingsOf,
  textOf,
} from './tfjs-json.ts';
import { sorted } from './tfjs-order.ts';
import type { TfjsWeights } from './tfjs-weights.ts';

const again = 'Convert the model for TensorFlow.js again.';

/** Of images that are pixels as they are. */
const wholeTypes = new Set<unknown>(['DT_UINT8', 'DT_INT32', 4, 3]);
const floatTypes = new Set<unknown>(['DT_FLOAT', 1, undefined]);

/** A text: base 64 as protocol buffers' JSON has it, or codes of its characters. */
function bytesText(value: unknown): string | null {
  if (Array.isArray(value)) {
    const codes = value.slice(0, 100).map(numberOf);
    return codes.every((code) => code !== null) ? String.fromCharCode(...codes) : null;
  }
  return typeof value === 'string' ? Buffer.from(value.slice(0, 200), 'base64').toString('latin1') : null;
}

/** The value of an attribute, whichever of its fields holds it. */
function plainOf(attribute: unknown): unknown {
  const list = own(attribute, 'list');
  if (isObject(list)) {
    const texts = own(list, 's');
    if (Array.isArray(texts)) return texts.map(bytesText);
    return own(list, 'i') ?? own(list, 'f') ?? own(list, 'b') ?? [];
  }
  const text = own(attribute, 's');
  if (text !== undefined) return bytesText(text);
  return own(attribute, 'i') ?? own(attribute, 'f') ?? own(attribute, 'b') ?? own(attribute, 'type');
}
const settings = (attributes: JsonObject): Settings =>
  settingsOf(Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, plainOf(value)])));

/** A tensor's name without its place, where that is the first. */
const tensorOf = (name: string): string => name.replace(/:0$/, '');

interface Read extends GraphNode {
  attributes: JsonObject;
}

/**
 * @param topology the model's `modelTopology`
 * @param signature of the model, with its inputs and outputs; undefined where it has none
 * @throws BACKBONE_REFUSED
 */
export function readTfjsGraph(topology: unknown, signature: unknown, weights: TfjsWeights): GraphFile {
  const given = listOf(own(topology, 'node'));
  if (given.length > greatestNodes)
    refuse(`at most ${greatestNodes} nodes`, `${given.length}`, 'Choose a smaller network.');
  const nodes = given.map(nodeOf);
  const said = Object.values(objectOf(own(signature, 'inputs'))).map((input) => textOf(own(input, 'name')));
  const all = nodes.filter(({ opType }) => opType === 'Placeholder');
  const named = all.filter(({ name }) => said.some((input) => input !== null && tensorOf(input) === name));
  const placeholders = named.length > 0 ? named : all;
  const computed = nodes.filter(({ opType }) => opType !== 'Placeholder' && opType !== 'Const');
  const stored = nodes.filter(({ opType, name }) => opType === 'Const' && weights.has(name));
  const constants = new Constants(computed, new Set(stored.map(({ name }) => name)), weights);
  const left = sorted(
    computed.filter(({ name }) => !constants.has(name)),
    again,
  );
  return {
    nodes: left,
    isConstant: (name) => constants.has(name),
    scalar: (name) => (constants.has(name) ? weights.scalar(constants.stored(name)) : null),
    floats: (name) => weights.floats(constants.stored(name)),
    integers: (name) => constants.shapes.get(name) ?? weights.integers(constants.stored(name)),
    input: inputOf(placeholders),
    outputs: outputsOf(signature, left),
    known: null,
    again,
  };
}

function nodeOf(given: unknown): Read {
  const [name, opType] = [textOf(own(given, 'name')), textOf(own(given, 'op'))];
  if (name === null || opType === null)
    return refuse('nodes with a name and an operator (op)', shown(name ?? opType), again);
  const attributes = objectOf(own(given, 'attr'));
  const inputs = listOf(own(given, 'input')).map((input) => textOf(input) ?? '');
  return {
    opType,
    name,
    // With ^ before it, a node waits for another and takes nothing from it.
    inputs: inputs.filter((input) => !input.startsWith('^')).map(tensorOf),
    outputs: [name],
    settings: settings(attributes),
    attributes,
  };
}

/** Of a shape. */
const mostSides = 8;
const sameUnderAnotherName = new Set(['Identity', 'StopGradient', 'Snapshot', 'Enter']);

/** What stands in the weights, under every name that the graph has for it. */
class Constants {
  /** Of shapes that are put together: the batch is -1. */
  readonly shapes = new Map<string, number[]>();
  readonly #other = new Map<string, string>();

  constructor(
    nodes: readonly Read[],
    /** Names of nodes whose values are among the weights. */
    readonly known: ReadonlySet<string>,
    readonly weights: TfjsWeights,
  ) {
    const producers = new Map(nodes.map((node) => [node.name, node]));
    for (const node of nodes) {
      // Followed to its end, which a circle has not; what is on the way there ends where it does.
      const way = new Set<string>();
      let name = node.name;
      let from: Read | undefined = node;
      while (from && sameUnderAnotherName.has(from.opType) && !way.has(name) && !this.#other.has(name)) {
        way.add(name);
        name = from.inputs[0] ?? '';
        from = producers.get(name);
      }
      const end = this.#other.get(name) ?? name;
      if (known.has(end)) for (const passed of way) this.#other.set(passed, end);
    }
    for (const node of nodes) {
      const sides = node.opType === 'Pack' ? this.#packed(node, producers) : null;
      if (sides) this.shapes.set(node.name, sides);
    }
  }

  stored = (name: string): string => this.#other.get(name) ?? name;
  has = (name: string): boolean => this.shapes.has(name) || this.known.has(this.stored(name));

  /** A shape of numbers that stand in the file, and the batch first; null for anything else. */
  #packed({ inputs }: Read, producers: ReadonlyMap<string, Read>): number[] | null {
    const [first = '', ...rest] = inputs.slice(0, mostSides);
    const slice = producers.get(first);
    const shape = producers.get(slice?.inputs[0] ?? '');
    const isBatch =
      slice?.opType === 'StridedSlice' &&
      shape?.opType === 'Shape' &&
      this.#whole(slice.inputs[1])?.join() === '0' &&
      this.#whole(slice.inputs[2])?.join() === '1';
    const sides = rest.map((name) => this.#whole(name)?.[0] ?? null);
    return isBatch && sides.every((side) => side !== null) ? [-1, ...sides] : null;
  }
  #whole(name = ''): number[] | null {
    return this.known.has(this.stored(name)) ? this.weights.integers(this.stored(name)) : null;
  }
}

function inputOf(placeholders: readonly Read[]): GraphFile['input'] {
  const [input, ...others] = placeholders;
  if (!input || others.length > 0)
    return refuse(
      'one input, a batch of images',
      `${placeholders.length} inputs`,
      'Convert the part that sees the image.',
    );
  const type = own(input.attributes['dtype'], 'type');
  if (!floatTypes.has(type) && !wholeTypes.has(type))
    refuse('an input of float32, int32 or uint8', `type ${saidOf(type)}`, again);
  const sides = listOf(own(own(input.attributes['shape'], 'shape'), 'dim'));
  return {
    name: input.name,
    type: wholeTypes.has(type) ? 'uint8' : 'float',
    shape: sides.map((side) => {
      const size = numberOf(own(side, 'size'));
      return size !== null && size > 0 ? size : null;
    }),
    channels: 'last',
  };
}

/** Those that the model says, else those that no node looks at. */
function outputsOf(signature: unknown, nodes: readonly GraphNode[]): string[] {
  const said = Object.values(objectOf(own(signature, 'outputs'))).flatMap((output) => {
    const name = textOf(own(output, 'name'));
    return name === null ? [] : [tensorOf(name)];
  });
  if (said.length > 0) return [...new Set(said)];
  const looked = new Set(nodes.flatMap(({ inputs }) => inputs));
  return nodes.filter(({ name }) => !looked.has(name)).map(({ name }) => name);
}
