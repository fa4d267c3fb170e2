/**
 * Whether an ONNX model is of the kind that Atelier exports, before a runtime sees it: the operators of operators.ts and
 * no others, no graph within the graph (Loop, If, Scan), no functions, no custom operators, no data in files beside it,
 * one input, and one output or those of an answer rule beside it, of the expected shapes. What was not looked at is not run: the model is written anew from
 * the parts that were.
 */
import proto, { type onnx } from 'onnx-proto';
import { AtelierError } from '#contract/errors.ts';
import type { Preprocessing } from '#recipe/preprocessing.ts';
import { noveltyOutput, verdictOutput } from '#learning/onnx/answer-rule.ts';
import { inputName, outputName } from '#learning/onnx/onnx.ts';
import * as operators from '#learning/onnx/operators.ts';

const { AttributeProto, ModelProto, TensorProto } = proto.onnx;
const { FLOAT, INT64, UINT8 } = TensorProto.DataType;

const known = new Set(Object.keys(operators).filter((name) => name !== 'GraphWriter'));
const plainAttributes = new Set<unknown>([
  AttributeProto.AttributeType.INT,
  AttributeProto.AttributeType.INTS,
  AttributeProto.AttributeType.FLOAT,
]);
const greatestNodes = 100_000;

function refuse(what: string, cause?: unknown): never {
  throw new AtelierError(
    'BUNDLE_REFUSED',
    `Expected a model such as Atelier exports, received one that ${what}. It was not run. Export the run again, with this version of Atelier if a later one wrote it.`,
    { what },
    { cause },
  );
}

/**
 * The model with nothing in it but what was checked.
 * @param classCount numbers that it must answer with
 * @param judged whether it must say a verdict
 * @throws BUNDLE_REFUSED
 */
export function ownModel(
  bytes: Uint8Array,
  { height, width, channels }: Pick<Preprocessing, 'height' | 'width' | 'channels'>,
  classCount: number,
  judged = false,
): Uint8Array {
  let model: onnx.ModelProto;
  try {
    model = ModelProto.decode(bytes);
  } catch (cause) {
    refuse(`is no ONNX file (${(cause as Error).message})`, cause);
  }
  const { graph, opsetImport } = model;
  if (!graph) refuse('has no graph');
  if (model.functions.length > 0) refuse('defines functions of its own');
  if (opsetImport.some(({ domain }) => domain)) refuse('imports operators of others');
  const { node = [], initializer = [], input = [], output = [] } = graph;
  if ((graph.sparseInitializer ?? []).length > 0) refuse('has sparse tensors');
  if ((node ?? []).length > greatestNodes) refuse(`has more than ${greatestNodes} operators`);
  for (const each of node ?? []) checkNode(each);
  for (const each of initializer ?? []) checkTensor(each);
  checkEnds('input', input ?? [], [[inputName, UINT8, [height, width, channels]]]);
  checkEnds('output', output ?? [], [
    [outputName, FLOAT, [classCount]],
    ...(judged
      ? ([
          [noveltyOutput, FLOAT, []],
          [verdictOutput, INT64, []],
        ] satisfies End[])
      : []),
  ]);
  return ModelProto.encode({
    irVersion: model.irVersion,
    opsetImport,
    graph: { name: graph.name, node, initializer, input, output },
  }).finish();
}

function checkNode({ opType, domain, attribute }: onnx.INodeProto): void {
  if (domain) refuse(`uses an operator of ${JSON.stringify(domain)}`);
  if (!known.has(opType ?? '')) refuse(`uses the operator ${JSON.stringify(opType ?? '')}`);
  for (const { name, type, g, graphs, t, tensors } of attribute ?? []) {
    const holds = g || t || (graphs ?? []).length > 0 || (tensors ?? []).length > 0;
    if (!plainAttributes.has(type) || holds) refuse(`gives ${opType} more than numbers as ${name}`);
  }
}

function checkTensor(tensor: onnx.ITensorProto): void {
  const { name, dataType, dataLocation, externalData } = tensor;
  if (dataLocation || (externalData ?? []).length > 0) refuse(`keeps ${name} in a file beside it`);
  if (dataType !== FLOAT && dataType !== INT64) refuse(`has ${name} of another type than float or int64`);
  // Rectifiers and pools can hide them: the answer would look like probabilities.
  if (dataType === FLOAT && !allFinite(tensor)) refuse(`has numbers in ${name} that are not finite`);
}

/** Whether no value is NaN or infinite: none has all bits of its exponent set. */
function allFinite({ rawData, floatData }: onnx.ITensorProto): boolean {
  const bytes = rawData ?? new Uint8Array(0);
  for (let at = 3; at < bytes.length; at += 4)
    if ((bytes[at]! & 0x7f) === 0x7f && (bytes[at - 1]! & 0x80) !== 0) return false;
  return (floatData ?? []).every(Number.isFinite);
}

/** Name, type, and shape after the batch. */
type End = [name: string, elemType: number, shape: readonly number[]];

function checkEnds(
  what: 'input' | 'output',
  ends: readonly onnx.IValueInfoProto[],
  expected: readonly End[],
): void {
  const said = ({ name, type }: onnx.IValueInfoProto): string => {
    const { elemType, shape } = type?.tensorType ?? {};
    return [name, elemType, ...(shape?.dim ?? []).slice(1).map(({ dimValue }) => Number(dimValue))].join();
  };
  if (
    ends.map(said).join(' ') ===
    expected.map(([name, type, shape]) => [name, type, ...shape].join()).join(' ')
  )
    return;
  const shown = expected
    .map(([name, , shape]) => `“${name}” of [${['batch', ...shape].join(', ')}]`)
    .join(', ');
  refuse(`has not the ${what} ${shown} alone`);
}
