/**
 * A network as ONNX (IR 8, opset 17), walked from the same plan that was trained: the whole of a trained one as a file
 * to ship, from uint8 pixels to probabilities, or its first operations. Scaling, normalisation and softmax are inside;
 * bringing an image to size is not: how it was done is told in the metadata. Operations are learning/operations/. Proof that the file answers as the studio
 * does is left to learning/export/parity.ts.
 */
import { verdicts } from '#contract/answer-rule.ts';
import { AtelierError } from '#contract/errors.ts';
import type { Preprocessing } from '#recipe/preprocessing.ts';
import { writeOperation } from '#learning/operations/operations.ts';
import { inputShapeOf, type Plan, type Weight } from '#recipe/operation.ts';
import { type Normalisation, normalisationFactors } from '#learning/model/preprocessing.ts';
import proto, { type onnx } from 'onnx-proto';
import { featureOperations } from '#recipe/plan.ts';
import {
  type ExportedRule,
  noveltyOutput,
  verdictOutput,
  writeNovelty,
  writeVerdict,
} from './answer-rule.ts';
import { reorderedKernel } from './kernels.ts';
import * as op from './operators.ts';

const { ModelProto, TensorProto } = proto.onnx;

/** Names of the graph's one input and one output. */
export const inputName = 'image';
export const outputName = 'probabilities';

interface NetworkInput {
  plan: Plan;
  /** By the plan's weight names, in the plan's shapes. */
  weights: ReadonlyMap<string, Float32Array>;
  normalisation: Normalisation;
}

export interface OnnxInput extends NetworkInput {
  /** In the order of the outputs. */
  classes: readonly string[];
  fit: Preprocessing['fit'];
  /** Version of Atelier. */
  version: string;
  runId: string;
  /** When it answers; the model says so then. */
  rule?: ExportedRule | null;
}

/**
 * The bytes of the file. Input `image`: uint8 [batch, height, width, channels], 0 to 255. Output
 * `probabilities`: float [batch, classes]; with an answer rule at its temperature, and beside them `novelty`: float [batch], and
 * `verdict`: int64 [batch], the place in contract's `verdicts`. Same input, same bytes.
 * @throws INTERNAL where a weight is missing or has another size than the plan says
 */
export function encodeOnnx(input: OnnxInput): Uint8Array {
  const { plan, classes, rule = null } = input;
  if (classes.length !== plan.classCount) {
    throw new AtelierError(
      'INTERNAL',
      `The plan expects ${plan.classCount} class names, but received ${classes.length}.`,
    );
  }
  const graph = new op.GraphWriter();
  const { FLOAT, INT64, UINT8 } = TensorProto.DataType;
  const pixels = op.Cast(graph, 'preprocessing/cast', inputName);
  const values = writeOperations(graph, pixels, input, plan.operations.length);
  const logits = values.at(-1)!;
  const softmax = op.Softmax(
    graph,
    outputName,
    rule ? atTemperature(graph, logits, rule.temperature) : logits,
  );
  const judged = rule
    ? writeVerdict(graph, softmax, writeNovelty(graph, values[featureOperations(plan)]!, rule.novelty), rule)
    : null;
  const [height, width, channels] = plan.inputShape as [number, number, number];
  return ModelProto.encode({
    ...written,
    producerVersion: input.version,
    docString: `Image classifier. ${inputName}: uint8 [batch, ${height}, ${width}, ${channels}], 0 to 255; ${outputName}: float [batch, ${classes.length}]${judged ? `; ${noveltyOutput}: float [batch]; ${verdictOutput}: int64 [batch], ${verdicts.map((verdict, at) => `${at} ${verdict}`).join(', ')}` : ''}.`,
    metadataProps: Object.entries({
      classes: JSON.stringify(classes),
      pixel_format: channels === 1 ? 'grey (luminance, ITU-R BT.601)' : 'RGB',
      pixel_range: '0..255',
      layout: 'NHWC',
      fit: input.fit,
      'atelier.version': input.version,
      'atelier.run': input.runId,
      ...(rule
        ? {
            verdicts: JSON.stringify(verdicts),
            temperature: String(rule.temperature),
            threshold: String(rule.threshold),
            novelty_threshold: String(rule.noveltyThreshold),
          }
        : {}),
    }).map(([key, value]) => ({ key, value })),
    graph: {
      name: 'classifier',
      node: graph.nodes,
      initializer: graph.initializers,
      input: [describe(inputName, UINT8, plan.inputShape)],
      output: [
        describe(softmax, FLOAT, [plan.classCount]),
        ...(judged ? [describe(judged.novelty, FLOAT, []), describe(judged.verdict, INT64, [])] : []),
      ],
    },
  }).finish();
}

/**
 * The first `count` operations, such as the frozen ones. Input `image`: float [batch, height, width, channels], 0 to 255.
 * The one output: float [batch, height, width, channels] or [batch, units].
 * @throws INTERNAL as `encodeOnnx`
 */
export function encodeOnnxFront(input: NetworkInput, count: number): Uint8Array {
  const { inputShape, operations } = input.plan;
  const { FLOAT } = TensorProto.DataType;
  const graph = new op.GraphWriter();
  const last = writeOperations(graph, inputName, input, count).at(-1)!;
  const { outputShape } = operations[count - 1]!;
  const features = outputShape.length === 3 ? op.Transpose(graph, 'features', last, [0, 2, 3, 1]) : last;
  return ModelProto.encode({
    ...written,
    graph: {
      name: 'front',
      node: graph.nodes,
      initializer: graph.initializers,
      input: [describe(inputName, FLOAT, inputShape)],
      output: [describe(features, FLOAT, outputShape)],
    },
  }).finish();
}

const written = {
  irVersion: proto.onnx.Version.IR_VERSION,
  opsetImport: [{ domain: '', version: 17 }],
  producerName: 'atelier',
};

/** The first `count` operations, from float pixels. @returns the network's input, then what each of them gives, a map with channels first */
function writeOperations(
  graph: op.GraphWriter,
  pixels: op.Value,
  input: NetworkInput,
  count: number,
): op.Value[] {
  const values = [preprocess(graph, pixels, input)];
  for (const operation of input.plan.operations.slice(0, count)) {
    // Index -1, the network's input, is kept in front.
    const inputs = operation.inputs.map((index) => values[index + 1]!);
    const weights = operation.weights.map((weight) => addWeight(graph, weight, input.weights));
    values.push(writeOperation(graph, operation, inputs, weights, inputShapeOf(input.plan, operation)));
  }
  return values;
}

const atTemperature = (graph: op.GraphWriter, logits: op.Value, temperature: number): op.Value =>
  op.Mul(
    graph,
    'temperature/logits',
    logits,
    graph.constant('temperature/inverse', [1], Float32Array.of(1 / temperature)),
  );

/** A tensor of any batch size. */
const describe = (name: string, elemType: number, shape: readonly number[]): onnx.IValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: { dim: [{ dimParam: 'batch' }, ...shape.map((dimValue) => ({ dimValue }))] },
    },
  },
});

/** pixel × scale + shift with the studio's own constants, then from NHWC to ONNX's NCHW. */
function preprocess(graph: op.GraphWriter, pixels: op.Value, { normalisation }: NetworkInput): op.Value {
  const { scale, shift } = normalisationFactors(normalisation);
  const scaleValue = graph.constant('preprocessing/scale', [scale.length], Float32Array.from(scale));
  const shiftValue = graph.constant('preprocessing/shift', [shift.length], Float32Array.from(shift));
  const scaled = op.Mul(graph, 'preprocessing/scaled', pixels, scaleValue);
  const normalised = op.Add(graph, 'preprocessing/normalised', scaled, shiftValue);
  return op.Transpose(graph, 'preprocessing/nchw', normalised, [0, 3, 1, 2]);
}

function addWeight(graph: op.GraphWriter, weight: Weight, weights: NetworkInput['weights']): op.Value {
  const { name, shape } = weight;
  const data = weights.get(name);
  const expected = shape.reduce((total, side) => total * side, 1);
  if (data?.length !== expected) {
    throw new AtelierError(
      'INTERNAL',
      `Weight ${name} expects ${expected} numbers, but received ${data?.length ?? 'none'}.`,
    );
  }
  if (shape.length !== 4) return graph.constant(name, shape, data);
  const [height, width, channels, filters] = shape as [number, number, number, number];
  // A depthwise kernel, [height, width, channels, 1], has one input and one filter a group.
  const [inputs, outputs] = weight.groups === undefined ? [channels, filters] : [1, channels * filters];
  return graph.constant(
    name,
    [outputs, inputs, height, width],
    reorderedKernel(data, 'oihw', height * width, inputs, outputs),
  );
}
