/**
 * An ONNX file as nodes, constants, one input and its outputs: read as data, never run. Refused are files that are cut off or
 * larger than they say, that name files beside them, and graphs within graphs. Which network the nodes make is left to
 * graph-network.ts.
 */
import proto, { type onnx } from 'onnx-proto';
import {
  countOf,
  type GraphFile,
  type GraphNode,
  type GraphTensor,
  greatestFile,
  greatestNodes,
  greatestRest,
  nameOf,
  refuse,
  requireFinite,
  requireSize,
  type Settings,
  shown,
} from './graph.ts';

const { AttributeProto, ModelProto, TensorProto } = proto.onnx;
const { FLOAT, INT32, INT64, UINT8 } = TensorProto.DataType;

const again = 'Export the model to ONNX again.';

/** Fields of a message: protocol buffers' wire format. @throws BACKBONE_REFUSED where they do not fit into it */
function* fieldsOf(
  bytes: Uint8Array,
  start: number,
  end: number,
): Generator<{ field: number; wire: number; from: number; to: number }> {
  let at = start;
  const cutOff = (): never =>
    refuse('an ONNX file', 'one that is cut off or no ONNX file at all', 'Fetch or export it again.');
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) cutOff();
      const byte = bytes[at++]!;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    return cutOff();
  };
  while (at < end) {
    const tag = varint();
    const [field, wire] = [Math.floor(tag / 8), tag % 8];
    let length = 0;
    if (wire === 0) varint();
    else if (wire === 1) length = 8;
    else if (wire === 2) length = varint();
    else if (wire === 5) length = 4;
    else cutOff();
    if (length > end - at) cutOff();
    yield { field, wire, from: at, to: at + length };
    at += length;
  }
}

/** Numbers of the fields that are looked into before the file is decoded. */
const graphField = 7;
const nodeField = 1;
const initializerField = 5;
const floatDataField = 4;
const rawDataField = 9;

/** Refuses what would take much more memory than it has bytes. */
function requireModest(bytes: Uint8Array): void {
  requireSize('an ONNX file', bytes.length, greatestFile);
  let numbers = 0;
  let nodes = 0;
  for (const graph of fieldsOf(bytes, 0, bytes.length)) {
    if (graph.field !== graphField || graph.wire !== 2) continue;
    for (const part of fieldsOf(bytes, graph.from, graph.to)) {
      if (part.field === nodeField) nodes += 1;
      if (part.field !== initializerField || part.wire !== 2) continue;
      for (const { field, wire, from, to } of fieldsOf(bytes, part.from, part.to))
        if (wire === 2 && (field === rawDataField || field === floatDataField)) numbers += to - from;
    }
  }
  if (nodes > greatestNodes)
    refuse(`at most ${greatestNodes} nodes`, `${nodes}`, 'Choose a smaller network.');
  if (bytes.length - numbers > greatestRest)
    refuse(
      `at most ${greatestRest / 2 ** 20} MiB beside the weights, which stand in the file as initializers`,
      `${Math.ceil((bytes.length - numbers) / 2 ** 20)} MiB`,
      again,
    );
}

/** @param bytes of the whole file @throws BACKBONE_REFUSED */
export function readOnnxFile(bytes: Uint8Array): GraphFile {
  requireModest(bytes);
  let model: onnx.ModelProto;
  try {
    model = ModelProto.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    refuse('an ONNX file', `one that cannot be read (${(cause as Error).message})`, again, cause);
  }
  const { graph, functions, opsetImport } = model;
  if (!graph || (graph.node ?? []).length === 0)
    refuse('an ONNX file with a network', 'none in it', 'Is this the right file?');
  if (functions.length > 0) refuse('operators of ONNX itself', 'functions that the file defines', again);
  if ((graph.sparseInitializer ?? []).length > 0) refuse('dense weights', 'sparse ones', again);
  const foreign = opsetImport.find(({ domain }) => domain && domain !== 'ai.onnx');
  if (foreign && graph.node!.some(({ domain }) => domain === foreign.domain))
    refuse('operators of ONNX itself', `operators of ${shown(foreign.domain)}`, again);

  const constants = new Map<string, onnx.ITensorProto>();
  for (const tensor of graph.initializer ?? []) constants.set(tensor.name ?? '', tensor);
  const nodes: GraphNode[] = [];
  for (const node of graph.node!) {
    const read = nodeOf(node);
    const [output = ''] = read.outputs;
    const [from = '', axes = ''] = read.inputs;
    const value = node.attribute?.find(({ name }) => name === 'value')?.t;
    const constant = constants.get(from);
    if (read.opType === 'Constant' && value) constants.set(output, value);
    else if (read.opType === 'Unsqueeze' && constant) {
      const given = read.settings.ints('axes') ?? integersOf(axes, constants.get(axes));
      constants.set(output, unsqueezed(constant, given));
    } else nodes.push(read);
  }
  const inputs = (graph.input ?? []).filter(({ name }) => !constants.has(name ?? ''));
  return {
    nodes,
    isConstant: (name) => constants.has(name),
    scalar: (name) => {
      const tensor = constants.get(name);
      const one = tensor?.dataType === FLOAT && (tensor.dims ?? []).every((side) => Number(side) === 1);
      return one ? floatsOf(name, tensor).data[0]! : null;
    },
    floats: (name) => floatsOf(name, constants.get(name)),
    integers: (name) => integersOf(name, constants.get(name)),
    input: inputOf(inputs),
    outputs: (graph.output ?? []).map(({ name }) => name ?? ''),
    known: null,
    again,
  };
}

/** The same numbers in a shape with axes of one more. */
function unsqueezed(tensor: onnx.ITensorProto, axes: readonly number[]): onnx.ITensorProto {
  const rank = (tensor.dims ?? []).length + axes.length;
  const places = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  if (places.size !== axes.length || [...places].some((axis) => axis < 0 || axis >= rank))
    refuse(`axes of ${rank}`, axes.join(', '), again);
  const rest = [...(tensor.dims ?? [])];
  const dims = Array.from({ length: rank }, (_, axis) => (places.has(axis) ? 1 : rest.shift()!));
  return { ...tensor, dims };
}

function settingsOf(attributes: ReadonlyMap<string, onnx.IAttributeProto>): Settings {
  const latin = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
  const found = <T>(name: string, read: (attribute: onnx.IAttributeProto) => T): T | null => {
    const attribute = attributes.get(name);
    return attribute ? read(attribute) : null;
  };
  return {
    int: (name) => found(name, ({ i }) => Number(i ?? 0)),
    ints: (name) => found(name, ({ ints }) => ints?.map(Number) ?? null),
    float: (name) => found(name, ({ f }) => Number(f ?? 0)),
    text: (name) => found(name, ({ s }) => (s ? latin(s) : null)),
    texts: (name) => found(name, ({ strings }) => strings?.map(latin) ?? null),
  };
}

function nodeOf(node: onnx.INodeProto): GraphNode {
  const attributes = new Map<string, onnx.IAttributeProto>();
  const read: GraphNode = {
    opType: node.opType ?? '',
    name: node.name ?? '',
    inputs: node.input ?? [],
    outputs: node.output ?? [],
    settings: settingsOf(attributes),
  };
  for (const attribute of node.attribute ?? []) {
    const { GRAPH, GRAPHS } = AttributeProto.AttributeType;
    const { type, g, graphs } = attribute;
    if (g || (graphs ?? []).length > 0 || type === GRAPH || type === GRAPHS)
      refuse(
        'a network whose nodes are the same for every image',
        `${nameOf(read)}, which holds a graph of its own`,
        'Export the network for inference, without loops and branches.',
      );
    attributes.set(attribute.name ?? '', attribute);
  }
  return read;
}

function inputOf(inputs: readonly onnx.IValueInfoProto[]): GraphFile['input'] {
  const [input, ...others] = inputs;
  const tensor = input?.type?.tensorType;
  if (!input || others.length > 0 || !tensor)
    refuse('one input, a batch of images', `${inputs.length} inputs`, 'Export the part that sees the image.');
  const { elemType } = tensor!;
  if (elemType !== FLOAT && elemType !== UINT8)
    refuse('an input of float32 or uint8', `type ${String(elemType)}`, 'Convert the model to float32.');
  return {
    name: input!.name ?? '',
    type: elemType === FLOAT ? 'float' : 'uint8',
    shape: (tensor!.shape?.dim ?? []).map(({ dimValue }) => Number(dimValue ?? 0) || null),
    channels: null,
  };
}

/** Checks what all tensors have in common. @returns its shape, and how many numbers that is */
function shapeOf(name: string, tensor: onnx.ITensorProto): { shape: number[]; count: number } {
  if (tensor.dataLocation || (tensor.externalData ?? []).length > 0)
    refuse(
      'a file that holds its weights itself',
      `${shown(name)} in another file`,
      'Save the model as one file (onnx.save without save_as_external_data); files beside it are never opened.',
    );
  const shape = (tensor.dims ?? []).map(Number);
  return { shape, count: countOf(name, shape, again) };
}

function floatsOf(name: string, tensor: onnx.ITensorProto | undefined): GraphTensor {
  if (!tensor) return refuse('weights', `no constant ${shown(name)}`, again);
  const { shape, count } = shapeOf(name, tensor);
  if (tensor.dataType !== FLOAT)
    refuse(
      'weights of float32',
      `${shown(name)} of type ${tensor.dataType}`,
      'Convert the model to float32.',
    );
  const raw = tensor.rawData;
  // Copied: a file's bytes are not aligned.
  const data =
    raw && raw.length > 0
      ? new Float32Array(Uint8Array.prototype.slice.call(raw, 0, raw.length - (raw.length % 4)).buffer)
      : Float32Array.from(tensor.floatData ?? []);
  if (data.length !== count || (raw && raw.length % 4 !== 0))
    refuse(`${count} numbers of ${shown(name)}`, `${data.length}`, again);
  return { shape, data: requireFinite(name, data) };
}

function integersOf(name: string, tensor: onnx.ITensorProto | undefined): number[] {
  if (!tensor) return refuse('whole numbers', `no constant ${shown(name)}`, again);
  const { count } = shapeOf(name, tensor);
  const { dataType, rawData } = tensor;
  if (count > 1000 || (dataType !== INT64 && dataType !== INT32))
    refuse('a few whole numbers', `${shown(name)} of type ${dataType}`, again);
  let values: number[];
  if (rawData && rawData.length > 0) {
    const size = dataType === INT64 ? 8 : 4;
    const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
    values = Array.from({ length: Math.floor(rawData.length / size) }, (_, at) =>
      size === 8 ? Number(view.getBigInt64(8 * at, true)) : view.getInt32(4 * at, true),
    );
  } else {
    values = ((dataType === INT64 ? tensor.int64Data : tensor.int32Data) ?? []).map(Number);
  }
  if (values.length !== count) refuse(`${count} numbers of ${shown(name)}`, `${values.length}`, again);
  return values;
}
