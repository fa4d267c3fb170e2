/** Where the features of a network are: at the tensor that is named, else at what the last classifier looks at. Pure. */
import { type GraphFile, type GraphNode, nameOf, refuse, shown } from './graph.ts';

export interface FeaturesPlace {
  tensor: string;
  /** In words. */
  from: string;
}
type Producers = ReadonlyMap<string, GraphNode>;

/** Nodes that change nothing of what features are. */
const passed = new Set(['Softmax', 'LogSoftmax', 'Dropout', 'Identity', 'IdentityN']);
/** Nodes that stand behind a classifier, or between a pool and a classifier of one pixel. */
const around = new Set([...passed, 'Sigmoid', 'Reshape', 'Squeeze', 'Flatten', 'Unsqueeze', 'ExpandDims']);
/** Nodes that lay a map of one pixel out as a vector. */
const flattening = new Set(['Reshape', 'Squeeze', 'Flatten']);
/** Nodes that may stand between a pool and a classifier of one pixel, where that has layers of one pixel before it. */
const onePixel = new Set([
  ...around,
  ...['Conv', 'Conv2D', '_FusedConv2D', 'Add', 'AddV2', 'BiasAdd', 'Mul', 'Div', 'RealDiv'],
  ...['Relu', 'Relu6', 'Clip', 'HardSwish', 'HardSigmoid', 'Elu', 'LeakyRelu', 'Silu'],
]);
const sums = new Set(['Add', 'AddV2', 'BiasAdd']);
const convolutions = new Set(['Conv', 'Conv2D', '_FusedConv2D']);
const products = new Set(['Gemm', 'MatMul', '_FusedMatMul']);
const pools = new Set(['GlobalAveragePool', 'Mean', 'ReduceMean', 'Max', 'AvgPool', 'AveragePool']);
/** What a fused product may have behind it and be a classifier. */
const answers = new Set(['BiasAdd', 'Sigmoid', 'Softmax']);
const mostSteps = 64;

/** @throws BACKBONE_REFUSED where nothing has the name, or there are several outputs and no name */
export function featuresOf(file: GraphFile, producers: Producers, asked: string | undefined): FeaturesPlace {
  const choices = () => file.outputs.map(shown).slice(0, 20).join(', ');
  if (asked !== undefined) {
    const named = file.nodes.find(({ name }) => name === asked)?.outputs[0];
    if (producers.has(asked)) return { tensor: asked, from: `the tensor ${shown(asked)}` };
    if (named) return { tensor: named, from: `the output of ${shown(asked)}` };
    refuse(
      'the name of a tensor or node of the file for --output',
      shown(asked),
      `Outputs of the file: ${choices()}.`,
    );
  }
  const [output, ...others] = file.outputs;
  if (output === undefined || others.length > 0)
    refuse(
      'one output',
      `${file.outputs.length}: ${choices()}`,
      'Name the one that gives the features with --output.',
    );
  const classifier = lastClassifier(file, producers, output!);
  if (classifier)
    return { tensor: classifier.inputs[0]!, from: `what the last layer, ${nameOf(classifier)}, looks at` };
  const tensor = behind(file, producers, output!, passed);
  return { tensor, from: `the output ${shown(tensor)}` };
}

/** The tensor before all nodes of these kinds; `met` is told their kinds. */
function behind(
  file: GraphFile,
  producers: Producers,
  tensor: string,
  kinds: ReadonlySet<string>,
  met?: Set<string>,
): string {
  for (let step = 0; step < mostSteps; step += 1) {
    const node = producers.get(tensor);
    if (!node || !kinds.has(node.opType)) break;
    met?.add(node.opType);
    tensor = node.inputs.find((name) => !file.isConstant(name)) ?? '';
  }
  return tensor;
}

/** A product with constant weights that nothing but a sum, a choice or a change of shape follows. */
function lastClassifier(file: GraphFile, producers: Producers, output: string): GraphNode | null {
  const met = new Set<string>();
  let tensor = behind(file, producers, output, around, met);
  const sum = producers.get(tensor);
  if (sum && sums.has(sum.opType)) {
    const [first = '', second = ''] = sum.inputs;
    if (file.isConstant(second)) tensor = behind(file, producers, first, around, met);
    else if (file.isConstant(first)) tensor = behind(file, producers, second, around, met);
  }
  const node = producers.get(tensor);
  const [first = '', second = ''] = node?.inputs ?? [];
  if (!node || !file.isConstant(second)) return null;
  if ((node.settings.texts('fused_ops') ?? []).some((fused) => !answers.has(fused))) return null;
  if (products.has(node.opType)) return node;
  if (!convolutions.has(node.opType)) return null;
  // What is laid out as a vector was one pixel, if a pool was before it.
  const between = [...flattening].some((kind) => met.has(kind)) ? onePixel : around;
  const pool = producers.get(behind(file, producers, first, between));
  return pool && pools.has(pool.opType) ? node : null;
}
