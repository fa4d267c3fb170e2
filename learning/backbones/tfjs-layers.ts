/**
 * A layers model of TensorFlow.js, a topology of Keras as JSON, as nodes and constants: models within models are written out, in
 * the places where they are applied. Which nodes a layer is written as is tfjs-layer-kinds.ts.
 */
import { type GraphFile, greatestNodes, refuse, requireFinite, shown } from './graph.ts';
import { isObject, type JsonObject, listOf, numberOf, objectOf, own, textOf } from './tfjs-json.ts';
import { layerKinds, passedLayers } from './tfjs-layer-kinds.ts';
import { LayerWriter, mark, type Written } from './tfjs-layer-writer.ts';
import { sorted } from './tfjs-order.ts';
import type { TfjsWeights } from './tfjs-weights.ts';

const again = 'Convert the model for TensorFlow.js again.';
const mostDepth = 8;
const models = new Set(['Sequential', 'Functional', 'Model']);

interface Layer {
  kind: string;
  name: string;
  config: JsonObject;
  /** Names of tensors within its model, for each time that it is applied. */
  applied: string[][];
}

const stored = (constant: string): string => constant.replace(mark, '');

/** Of a layer applied for the n-th time. */
const tensorOf = (layer: string, time: number): string => (time === 0 ? layer : `${layer}:${time}`);

/** @param topology the model's `modelTopology` @throws BACKBONE_REFUSED */
export function readTfjsLayers(topology: unknown, weights: TfjsWeights): GraphFile {
  const root = own(topology, 'model_config') ?? topology;
  const written: Written = { nodes: [], given: new Map(), weights };
  const { layers, inputs, outputs } = modelOf(root);
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0)
    refuse(
      'one input, a batch of images',
      `${inputs.length} inputs`,
      'Convert the part that sees the image.',
    );
  const shape = inputShape(root, 0);
  write(written, layers, '', 0);
  const { given } = written;
  return {
    nodes: sorted(written.nodes, again),
    isConstant: (name) => given.has(name) || (name.startsWith(mark) && weights.has(stored(name))),
    scalar: (name) => {
      const own = given.get(name)?.();
      if (own) return own.data.length === 1 ? own.data[0]! : null;
      return weights.scalar(stored(name));
    },
    floats: (name) => {
      const own = given.get(name)?.();
      if (own) requireFinite(stored(name), own.data);
      return own ?? weights.floats(stored(name));
    },
    integers: (name) => {
      const own = given.get(name)?.();
      return own ? [...own.data] : weights.integers(stored(name));
    },
    input: { name: input!, type: 'float', shape, channels: 'last' },
    outputs,
    known: [...Object.keys(layerKinds), ...passedLayers, ...models, 'InputLayer'],
    again,
  };
}

/** The layers of a model, and the names of the tensors that come in and go out. */
function modelOf(model: unknown): { layers: Layer[]; inputs: string[]; outputs: string[] } {
  const kind = textOf(own(model, 'class_name')) ?? '';
  const config = own(model, 'config');
  if (!models.has(kind))
    refuse(
      'a Sequential or Functional model of Keras',
      kind ? shown(kind) : 'none',
      'Convert the model as a graph model (tensorflowjs_converter --output_format=tfjs_graph_model).',
    );
  // Of old, a Sequential is the list of its layers.
  const given = listOf(Array.isArray(config) ? config : own(config, 'layers'));
  if (given.length === 0 || given.length > greatestNodes)
    refuse(`1 to ${greatestNodes} layers`, `${given.length}`, again);
  const layers = given.map(layerOf);
  if (kind !== 'Sequential')
    return {
      layers,
      inputs: endsOf(own(config, 'input_layers')),
      outputs: endsOf(own(config, 'output_layers')),
    };
  // Without a layer of its own for the input, the first takes what no other gives.
  const first = layers[0]!.kind === 'InputLayer' ? layers.shift()!.name : ' input';
  let before = first;
  for (const layer of layers) {
    layer.applied = [[before]];
    before = layer.name;
  }
  const input: Layer = { kind: 'InputLayer', name: first, config: {}, applied: [] };
  return { layers: [input, ...layers], inputs: [first], outputs: [before] };
}

function layerOf(given: unknown): Layer {
  const config = objectOf(own(given, 'config'));
  const [kind, name] = [
    textOf(own(given, 'class_name')),
    textOf(own(given, 'name')) ?? textOf(own(config, 'name')),
  ];
  if (kind === null || name === null || name.includes(mark) || name.length > 1000)
    return refuse('layers with a class_name and a name', shown(kind ?? name), again);
  return { kind, name, config, applied: listOf(own(given, 'inbound_nodes')).map(takenBy) };
}

/** Tensors that a layer takes when it is applied: a list of [layer, time, place], or Keras 3's arguments. */
function takenBy(application: unknown): string[] {
  const found: string[] = [];
  const open: unknown[] = [isObject(application) ? own(application, 'args') : application];
  for (let steps = 0; open.length > 0 && steps < 1000; steps += 1) {
    const value = open.pop();
    const tensor = own(own(value, 'config'), 'keras_history') ?? value;
    const [layer, time] = listOf(tensor);
    if (typeof layer === 'string') found.unshift(tensorOf(layer.slice(0, 1000), numberOf(time) ?? 0));
    else if (Array.isArray(value)) open.push(...value.slice(0, 1000));
  }
  return found;
}

/** `input_layers` or `output_layers`: one, or a list of [layer, time, place]. */
const endsOf = (given: unknown): string[] => takenBy(given);

/** Of what comes into a model: without the first of its own layers for it, of what comes into its first. */
function inputShape(model: unknown, depth: number): (number | null)[] {
  const config = own(model, 'config');
  const layers = listOf(Array.isArray(config) ? config : own(config, 'layers'));
  const input = layers.find((layer) => own(layer, 'class_name') === 'InputLayer') ?? layers[0];
  const inner = own(input, 'config');
  const said = [own(inner, 'batch_input_shape'), own(inner, 'batch_shape'), own(config, 'build_input_shape')];
  const shape = said.find(Array.isArray);
  if (!shape && models.has(textOf(own(input, 'class_name')) ?? '') && depth < mostDepth)
    return inputShape(input, depth + 1);
  return listOf(shape)
    .slice(0, 8)
    .map((side) => (typeof side === 'number' && side > 0 ? side : null));
}

/** Writes the layers of a model whose tensors are called `prefix` and their name. */
function write(written: Written, layers: readonly Layer[], prefix: string, depth: number): void {
  if (depth > mostDepth) refuse(`models within models ${mostDepth} deep`, 'more', again);
  for (const layer of layers)
    for (const [time, inputs] of layer.applied.entries()) {
      const output = prefix + tensorOf(layer.name, time);
      const names = inputs.map((name) => prefix + name);
      if (models.has(layer.kind)) within(written, layer, names, output, depth);
      else {
        const writer = new LayerWriter(written, { ...layer, prefix }, names, output);
        const kind = Object.hasOwn(layerKinds, layer.kind) ? layerKinds[layer.kind] : undefined;
        if (kind) writer.end(kind(writer));
        else if (passedLayers.has(layer.kind)) writer.end(names[0] ?? '');
        else writer.unknown(layer.kind);
      }
      if (written.nodes.length > greatestNodes)
        refuse(`at most ${greatestNodes} nodes`, 'more', 'Choose a smaller network.');
    }
}

/** A model within a model, where it is applied. */
function within(
  written: Written,
  layer: Layer,
  names: readonly string[],
  output: string,
  depth: number,
): void {
  const { layers, inputs, outputs } = modelOf({ class_name: layer.kind, config: layer.config });
  const prefix = `${output}/`;
  const join = (from: string, to: string) =>
    new LayerWriter(written, { ...layer, prefix: '' }, [from], to).end(from);
  if (outputs.length !== 1 || inputs.length !== names.length)
    refuse(
      `a model within the model with one output and as many inputs as it is given`,
      `${layer.kind} ${shown(layer.name)}`,
      'Choose another network.',
    );
  for (const [place, name] of inputs.entries()) join(names[place]!, prefix + name);
  // Its own layers for the input are what was joined.
  write(
    written,
    layers.filter(({ kind }) => kind !== 'InputLayer'),
    prefix,
    depth + 1,
  );
  join(prefix + outputs[0]!, output);
}
