/** ONNX files that are damaged, made to do harm, or simply others: refused in words that say what to do, and nothing else. */
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import proto, { type onnx } from 'onnx-proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { type OwnOptions, readOwn } from './own.ts';
import { OnnxDraft, residualNetwork } from './testing-onnx.ts';

const { AttributeProto, ModelProto, TensorProto } = proto.onnx;
const { AttributeType } = AttributeProto;
const { DOUBLE, FLOAT16 } = TensorProto.DataType;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-onnx-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(bytes: Uint8Array, options: OwnOptions = { pixels: '0..1' }) {
  const path = join(folder, 'net.onnx');
  await writeFile(path, bytes);
  return readOwn(path, options);
}

function network(
  change: (draft: OnnxDraft, names: { x: string; features: string; answer: string }) => void = () => {},
) {
  const draft = new OnnxDraft();
  const x = draft.input('image', ['batch', 3, 32, 32]);
  const names = { x, ...residualNetwork(draft, x) };
  change(draft, names);
  return draft.encode(names.answer);
}
/** The whole model, decoded, changed and written again. */
function changed(change: (model: onnx.ModelProto & { graph: onnx.GraphProto }) => void): Uint8Array {
  const model = ModelProto.decode(network()) as onnx.ModelProto & { graph: onnx.GraphProto };
  change(model);
  return ModelProto.encode(model).finish();
}
const nodeOf = ({ graph }: { graph: onnx.GraphProto }, opType: string) =>
  graph.node.find((node) => node.opType === opType)!;
const attributeOf = (model: { graph: onnx.GraphProto }, opType: string, name: string) =>
  nodeOf(model, opType).attribute!.find((attribute) => attribute.name === name)!;

const cases: [title: string, bytes: () => Uint8Array, message: string | RegExp][] = [
  ['nothing', () => new Uint8Array(0), 'Expected an ONNX file with a network, received none in it.'],
  ['a text', () => Buffer.from('<html>not found</html>'), 'one that is cut off or no ONNX file at all'],
  ['a file that is cut off', () => network().subarray(0, 3000), 'one that is cut off or no ONNX file at all'],
  [
    'weights in another file',
    () =>
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
    () => changed(({ graph }) => void (graph.initializer[0]!.dims = [2 ** 40, 2 ** 40])),
    'Expected a tensor of at most 50000000 numbers',
  ],
  [
    'a tensor of sides below 0',
    () => changed(({ graph }) => void (graph.initializer[0]!.dims = [-6, -3, 7, 7])),
    'Expected a tensor of at most 50000000 numbers',
  ],
  [
    'fewer numbers than the shape says',
    () => changed(({ graph }) => void (graph.initializer[0]!.rawData = new Uint8Array(8))),
    'Expected 882 numbers of "w0", received 2.',
  ],
  ...(
    [
      ['float16', FLOAT16],
      ['double', DOUBLE],
    ] as const
  ).map(([title, type]): (typeof cases)[number] => [
    `weights of ${title}`,
    () => changed(({ graph }) => void (graph.initializer[0]!.dataType = type)),
    'Convert the model to float32.',
  ]),
  [
    'weights that are not finite',
    () =>
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
    () =>
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
    () => changed((model) => model.functions.push(proto.onnx.FunctionProto.create({ name: 'own' }))),
    'functions that the file defines',
  ],
  [
    'an operator that has no counterpart',
    () =>
      network((draft, { answer }) => {
        const attention = draft.node('Attention', ['features'], {}, 'looked');
        draft.graph.node.find(({ output }) => output![0] === answer)!.input = [attention];
      }),
    /Expected operators that Atelier reads \(Add, .*\), received Attention "node\/looked"\. Choose another network, or name a tensor before it with --output\./,
  ],
  [
    'a dilated convolution',
    () =>
      changed((model) =>
        nodeOf(model, 'Conv').attribute!.push({ name: 'dilations', type: AttributeType.INTS, ints: [2, 2] }),
      ),
    'Expected a window without dilation in Conv "node/conv_0", received 2 × 2.',
  ],
  [
    'two groups',
    () =>
      changed((model) =>
        nodeOf(model, 'Conv').attribute!.push({ name: 'group', type: AttributeType.INT, i: 2 }),
      ),
    'Expected one group, or one for each channel in Conv "node/conv_0", received 2 groups for 3 channels.',
  ],
  [
    'a stride of 0',
    () => changed((model) => void (attributeOf(model, 'Conv', 'strides').ints = [0, 0])),
    'Expected settings within the bounds of a layer, received Conv "node/conv_0".',
  ],
  [
    'padding below 0',
    () => changed((model) => void (attributeOf(model, 'Conv', 'pads').ints = [-1, -1, -1, -1])),
    'Expected settings within the bounds of a layer',
  ],
  [
    'a norm of other channels',
    () => changed((model) => void (nodeOf(model, 'BatchNormalization').input![1] = 'b22')),
    'Expected 6 numbers as scale of BatchNormalization "node/batchnormalization_1", received 10.',
  ],
  [
    'a network that trains',
    () =>
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
    () => changed((model) => void (nodeOf(model, 'Relu').input = ['features'])),
    'Expected something computed of the image before it in Relu',
  ],
  [
    'two nodes that give one tensor',
    () => changed(({ graph }) => graph.node.push(graph.node[0]!)),
    'Expected one node for each tensor, received two that give "conv_0".',
  ],
  [
    'two inputs',
    () =>
      changed(({ graph }) => graph.input.push({ ...graph.input[0]!, name: 'mask' } as onnx.ValueInfoProto)),
    'Expected one input, a batch of images, received 2 inputs.',
  ],
  [
    'an input of text',
    () =>
      changed(({ graph }) => void (graph.input[0]!.type!.tensorType!.elemType = TensorProto.DataType.STRING)),
    'Expected an input of float32 or uint8, received type 8.',
  ],
  [
    'an input that is no image',
    () => changed(({ graph }) => void graph.input[0]!.type!.tensorType!.shape!.dim!.pop()),
    'with 1 or 3 channels, received [?, 3, 32].',
  ],
  [
    'an input of an open size',
    () =>
      changed(({ graph }) =>
        graph.input[0]!.type!.tensorType!.shape!.dim!.splice(2, 2, { dimParam: 'h' }, { dimParam: 'w' }),
      ),
    'Give the size that the network was trained at with --size 224',
  ],
  [
    'an input of another size than a recipe has',
    () =>
      changed(({ graph }) =>
        graph.input[0]!.type!.tensorType!.shape!.dim!.splice(2, 2, { dimValue: 4096 }, { dimValue: 4096 }),
      ),
    'Expected a height and width of 8 to 512 pixels, as the file has them, received 4096 × 4096',
  ],
  [
    'two outputs',
    () => changed(({ graph }) => graph.output.push({ name: 'features' } as onnx.ValueInfoProto)),
    'Expected one output, received 2: "answer", "features". Name the one that gives the features with --output.',
  ],
  [
    'a hundred thousand nodes',
    () =>
      changed(
        ({ graph }) =>
          void (graph.node = new Array<onnx.NodeProto>(100_000).fill(graph.node[0] as onnx.NodeProto)),
      ),
    'Expected at most 5000 nodes, received 100000.',
  ],
  [
    'millions of empty attributes',
    () =>
      changed(
        (model) =>
          void (nodeOf(model, 'Relu').attribute = new Array<onnx.IAttributeProto>(5_000_000).fill({})),
      ),
    'Expected at most 8 MiB beside the weights',
  ],
  [
    'a factor of a vector behind no layer with weights',
    () =>
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
    () =>
      changed(({ graph }) => {
        graph.node[0]!.name = '\u001b[2J\n' + 'x'.repeat(10_000);
        graph.node[0]!.opType = '__proto__';
      }),
    'received __proto__ "\\u001b[2J\\nxxxxx',
  ],
];

describe('an ONNX file is refused', () => {
  test.each(cases)('with %s', async (_title, bytes, message) => {
    const thrown: unknown = await read(bytes()).then(
      () => null,
      (error: unknown) => error,
    );
    expect(thrown).toBeInstanceOf(AtelierError);
    const { code, message: told } = thrown as AtelierError;
    expect(told).toMatch(typeof message === 'string' ? new RegExp(escaped(message)) : message);
    expect(code).toBe('BACKBONE_REFUSED');
    expect(told.length).toBeLessThan(1000);
  });

  test('that is a folder, a pipe that nobody writes to, or not there', async () => {
    await mkdir(join(folder, 'folder.onnx'));
    execFileSync('mkfifo', [join(folder, 'pipe.onnx')]);
    for (const name of ['folder.onnx', 'pipe.onnx'])
      await expect(readOwn(join(folder, name), {})).rejects.toMatchObject({ code: 'BACKBONE_REFUSED' });
    await expect(readOwn(join(folder, 'none.onnx'), {})).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('what a file does not say is asked for', () => {
  test.each([
    ['pixels of a float input', {}, 'Give --pixels imagenet|0..1|-1..1|0..255, or --mean and --std'],
    [
      'as many numbers as channels',
      { pixels: { mean: [0, 0], std: [1] } },
      'Expected 1 or 3 numbers as mean',
    ],
    ['a std above 0', { pixels: { mean: [0], std: [0] } }, 'Expected a std above 0'],
    [
      'a tensor that is there',
      { pixels: '0..1', output: 'nowhere' },
      'Expected the name of a tensor or node of the file for --output, received "nowhere". Outputs of the file: "answer".',
    ],
    ['a name', { pixels: '0..1', name: '../up' }, 'Give one with --name.'],
  ] as [string, OwnOptions, string][])('%s', async (_title, options, message) => {
    await expect(read(network(), options)).rejects.toMatchObject({
      code: 'BACKBONE_REFUSED',
      message: expect.stringContaining(message) as string,
    });
  });
});

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

describe('any file', () => {
  const whole = network();
  const isRefusal = (error: unknown) => {
    expect(error).toBeInstanceOf(AtelierError);
    expect((error as AtelierError).code).toBe('BACKBONE_REFUSED');
  };

  test('that is cut off, or has other bytes, is read or refused', async () => {
    const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (changes, cut) => {
          const bytes = Buffer.from(cut ? whole.subarray(0, changes[0]!.at) : whole);
          if (!cut) for (const { at, byte } of changes) bytes[at] = byte;
          await read(bytes).then(
            ({ description }) => expect(description.layers.length).toBeGreaterThan(0),
            isRefusal,
          );
        },
      ),
      { numRuns: 600 },
    );
  });

  test('whose nodes are put together at random is read or refused', async () => {
    const opType = fc.constantFrom(
      ...(
        'Conv Relu Add Mul Div Concat Gemm MatMul Flatten Transpose Clip Sigmoid ' +
        'GlobalAveragePool MaxPool Reshape Squeeze Unsqueeze ReduceMean ' +
        'LayerNormalization Cast Dropout Constant Erf HardSigmoid'
      ).split(' '),
    );
    const names = ['image', 't0', 't1', 't2', 't3', 't4', 'w', 'v', 's', 'i', ''];
    const node = fc.record({
      opType,
      input: fc.array(fc.constantFrom(...names), { maxLength: 5 }),
      settings: fc.dictionary(
        fc.constantFrom(...'axis axes perm pads strides kernel_shape group keepdims alpha to'.split(' ')),
        fc.oneof(
          fc.integer({ min: -3, max: 5 }),
          fc.array(fc.integer({ min: -2, max: 4 }), { maxLength: 4 }),
        ),
        { maxKeys: 3 },
      ),
    });
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(node, { minLength: 1, maxLength: 5 }), async (nodes) => {
        const draft = new OnnxDraft();
        draft.input('image', [1, 3, 9, 9]);
        draft.weights('w', [4, 3, 3, 3]);
        draft.weights('v', [4]);
        draft.floats('s', [], [6]);
        draft.integers('i', [2, 3]);
        nodes.forEach(({ opType: kind, input, settings }, at) => draft.node(kind, input, settings, `t${at}`));
        await read(draft.encode(`t${nodes.length - 1}`)).then(() => void (kept += 1), isRefusal);
      }),
      { numRuns: 1500 },
    );
    expect(kept).toBeGreaterThan(0);
  });

  test('of random bytes is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        await expect(read(bytes)).rejects.toSatisfy((error) => {
          isRefusal(error);
          return true;
        });
      }),
      { numRuns: 300 },
    );
  });
});
