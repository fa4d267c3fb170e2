/** For tests only: what may be wrong with an ONNX file, here of a small residual network, and what it is refused with. */
import proto, { type onnx } from 'onnx-proto';
import { smallFile } from './testing-onnx.ts';

const { AttributeProto, ModelProto, TensorProto } = proto.onnx;
const { AttributeType } = AttributeProto;
const { DOUBLE, FLOAT16 } = TensorProto.DataType;

type Model = onnx.ModelProto & { graph: onnx.GraphProto };
/** The whole model, decoded, changed and written again. */
const changed = (change: (model: Model) => unknown) => (): Uint8Array => {
  const model = ModelProto.decode(smallFile()) as Model;
  change(model);
  return ModelProto.encode(model).finish();
};
const nodeOf = ({ graph }: Model, opType: string) => graph.node.find((node) => node.opType === opType)!;
const attributeOf = (model: Model, opType: string, name: string) =>
  nodeOf(model, opType).attribute!.find((attribute) => attribute.name === name)!;

type Case = [title: string, bytes: () => Uint8Array, message: string | RegExp];
export const cases: Case[] = [
  ['nothing', () => new Uint8Array(0), 'Expected an ONNX file with a network, received none in it.'],
  ['a text', () => Buffer.from('<html>not found</html>'), 'one that is cut off or no ONNX file at all'],
  [
    'a file that is cut off',
    () => smallFile().subarray(0, 3000),
    'one that is cut off or no ONNX file at all',
  ],
  [
    'weights in another file',
    changed(({ graph }) => {
      const tensor = graph.initializer[0]!;
      tensor.rawData = new Uint8Array(0);
      tensor.dataLocation = TensorProto.DataLocation.EXTERNAL;
      tensor.externalData = [{ key: 'location', value: '../../../../etc/passwd' }];
    }),
    'Expected a file that holds its weights itself, received "w0" in another file. Save the model as one file',
  ],
  [
    'a tensor that says it is huge',
    changed(({ graph }) => (graph.initializer[0]!.dims = [2 ** 40, 2 ** 40])),
    'Expected a tensor of at most 50000000 numbers',
  ],
  [
    'a tensor of sides below 0',
    changed(({ graph }) => (graph.initializer[0]!.dims = [-6, -3, 7, 7])),
    'Expected a tensor of at most 50000000 numbers',
  ],
  [
    'fewer numbers than the shape says',
    changed(({ graph }) => (graph.initializer[0]!.rawData = new Uint8Array(8))),
    'Expected 882 numbers of "w0", received 2.',
  ],
  ...(
    [
      ['float16', FLOAT16],
      ['double', DOUBLE],
    ] as const
  ).map(([title, type]): Case => [
    `weights of ${title}`,
    changed(({ graph }) => (graph.initializer[0]!.dataType = type)),
    'Convert the model to float32.',
  ]),
  [
    'weights that are not finite',
    changed(({ graph }) =>
      new DataView(
        graph.initializer[0]!.rawData!.buffer,
        graph.initializer[0]!.rawData!.byteOffset,
      ).setFloat32(4, NaN, true),
    ),
    'Expected weights that are finite',
  ],
  [
    'a branch',
    changed(({ graph }) =>
      graph.node.push(
        proto.onnx.NodeProto.create({
          opType: 'If',
          name: 'gate',
          input: ['image'],
          output: ['other'],
          attribute: [{ name: 'then_branch', type: AttributeType.GRAPH, g: { name: 'then' } }],
        }),
      ),
    ),
    'Expected a network whose nodes are the same for every image, received If "gate", which holds a graph of its own.',
  ],
  [
    'functions of its own',
    changed((model) => model.functions.push(proto.onnx.FunctionProto.create({ name: 'own' }))),
    'functions that the file defines',
  ],
  [
    'an operator that has no counterpart',
    () =>
      smallFile((draft, answer) => {
        const attention = draft.node('Attention', ['features'], {}, 'looked');
        draft.graph.node.find(({ output }) => output![0] === answer)!.input = [attention];
      }),
    /Expected operators that Atelier reads \(Add, .*\), received Attention "node\/looked"\. Choose another network, or name a tensor before it with --output\./,
  ],
  [
    'a dilated convolution',
    changed((model) =>
      nodeOf(model, 'Conv').attribute!.push({ name: 'dilations', type: AttributeType.INTS, ints: [2, 2] }),
    ),
    'Expected a window without dilation in Conv "node/conv_0", received 2 × 2.',
  ],
  [
    'two groups',
    changed((model) =>
      nodeOf(model, 'Conv').attribute!.push({ name: 'group', type: AttributeType.INT, i: 2 }),
    ),
    'Expected one group, or one for each channel in Conv "node/conv_0", received 2 groups for 3 channels.',
  ],
  [
    'a stride of 0',
    changed((model) => (attributeOf(model, 'Conv', 'strides').ints = [0, 0])),
    'Expected settings within the bounds of a layer, received Conv "node/conv_0".',
  ],
  [
    'padding below 0',
    changed((model) => (attributeOf(model, 'Conv', 'pads').ints = [-1, -1, -1, -1])),
    'Expected settings within the bounds of a layer',
  ],
  [
    'a norm of other channels',
    changed((model) => (nodeOf(model, 'BatchNormalization').input![1] = 'b22')),
    'Expected 6 numbers as scale of BatchNormalization "node/batchnormalization_1", received 10.',
  ],
  [
    'a network that trains',
    changed((model) =>
      nodeOf(model, 'BatchNormalization').attribute!.push({
        name: 'training_mode',
        type: AttributeType.INT,
        i: 1,
      }),
    ),
    'Expected a network for inference in BatchNormalization',
  ],
  [
    'a circle',
    changed((model) => (nodeOf(model, 'Relu').input = ['features'])),
    'Expected something computed of the image before it in Relu',
  ],
  [
    'two nodes that give one tensor',
    changed(({ graph }) => graph.node.push(graph.node[0]!)),
    'Expected one node for each tensor, received two that give "conv_0".',
  ],
  [
    'two inputs',
    changed(({ graph }) => graph.input.push({ ...graph.input[0]!, name: 'mask' } as onnx.ValueInfoProto)),
    'Expected one input, a batch of images, received 2 inputs.',
  ],
  [
    'an input of text',
    changed(({ graph }) => (graph.input[0]!.type!.tensorType!.elemType = TensorProto.DataType.STRING)),
    'Expected an input of float32 or uint8, received type 8.',
  ],
  [
    'an input that is no image',
    changed(({ graph }) => graph.input[0]!.type!.tensorType!.shape!.dim!.pop()),
    'with 1 or 3 channels, received [?, 3, 32].',
  ],
  [
    'an input of an open size',
    changed(({ graph }) =>
      graph.input[0]!.type!.tensorType!.shape!.dim!.splice(2, 2, { dimParam: 'h' }, { dimParam: 'w' }),
    ),
    'Give the size that the network was trained at with --size 224',
  ],
  [
    'an input of another size than a recipe has',
    changed(({ graph }) =>
      graph.input[0]!.type!.tensorType!.shape!.dim!.splice(2, 2, { dimValue: 4096 }, { dimValue: 4096 }),
    ),
    'Expected a height and width of 8 to 512 pixels, as the file has them, received 4096 × 4096',
  ],
  [
    'two outputs',
    changed(({ graph }) => graph.output.push({ name: 'features' } as onnx.ValueInfoProto)),
    'Expected one output, received 2: "answer", "features". Name the one that gives the features with --output.',
  ],
  [
    'a hundred thousand nodes',
    changed(
      ({ graph }) => (graph.node = new Array<onnx.NodeProto>(100_000).fill(graph.node[0] as onnx.NodeProto)),
    ),
    'Expected at most 5000 nodes, received 100000.',
  ],
  [
    'millions of empty attributes',
    changed(
      (model) => (nodeOf(model, 'Relu').attribute = new Array<onnx.IAttributeProto>(5_000_000).fill({})),
    ),
    'Expected at most 8 MiB beside the weights',
  ],
  [
    'a factor of a vector behind no layer with weights',
    changed((model) => {
      const { graph } = model;
      const flatten = nodeOf(model, 'Flatten');
      graph.initializer.push(proto.onnx.TensorProto.create({ name: 'two', dataType: 1, floatData: [2] }));
      const factor = {
        opType: 'Mul',
        name: 'twice',
        input: [flatten.input![0]!, 'two'],
        output: ['twice'],
      };
      flatten.input = ['twice'];
      graph.node.splice(graph.node.indexOf(flatten as onnx.NodeProto), 0, factor as onnx.NodeProto);
    }),
    'Expected a constant factor or summand of a map, or right behind a layer with weights in Mul "twice", received one elsewhere.',
  ],
  [
    'names that are no names',
    changed(({ graph }) => {
      graph.node[0]!.name = '\u001b[2J\n' + 'x'.repeat(10_000);
      graph.node[0]!.opType = '__proto__';
    }),
    'received __proto__ "\\u001b[2J\\nxxxxx',
  ],
];
