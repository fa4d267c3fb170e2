/**
 * Operations read from a file as layers of a recipe: cut wherever a single map leads on, so that as many of the layers can be
 * frozen, and fine-tuned, as in any network. Pure.
 */
import type { ImportedOperation } from '#recipe/imported-layer.ts';
import { Layer } from '#recipe/layer.ts';
import { Model } from '#recipe/model.ts';
import type { Weights } from '#learning/model/network.ts';
import type { Shape } from '#recipe/operation.ts';
import { type Plan, planNetwork } from '#recipe/plan.ts';
import { refuse } from './graph.ts';
import type { ReadOperation } from './graph-reading.ts';

/** A recipe holds 64: some are left for what a person puts behind them. */
const mostLayers = 48;
const mostOperations = 1000;

/** Of the operations from `start` to before `end`. */
interface Part {
  start: number;
  end: number;
}

/** Places after which one operation's output is all that is still looked at. */
function partsOf(operations: readonly ImportedOperation[]): Part[] {
  /** By place + 1, since the input is at -1. */
  const lastUse = new Array<number>(operations.length + 1).fill(-1);
  for (const [at, { inputs }] of operations.entries()) for (const from of inputs) lastUse[from + 1] = at;
  const parts: Part[] = [];
  let start = 0;
  let latest = lastUse[0]!;
  for (let at = 0; at < operations.length; at += 1) {
    if (latest <= at) {
      parts.push({ start, end: at + 1 });
      start = at + 1;
    }
    latest = Math.max(latest, lastUse[at + 1]!);
  }
  return parts;
}

const beginsLayer = new Set<ImportedOperation['kind']>(['conv', 'depthwise-conv', 'dense']);

/** Norms, activations and pools go with what is before them; then neighbours join, the smallest first. */
function joined(parts: Part[], operations: readonly ImportedOperation[]): Part[] {
  const result: Part[] = [];
  for (const part of parts) {
    const before = result.at(-1);
    const alone = part.end - part.start === 1 && !beginsLayer.has(operations[part.start]!.kind);
    if (before && alone) before.end = part.end;
    else result.push({ ...part });
  }
  while (result.length > mostLayers) {
    let best = 0;
    const size = (at: number) => result[at + 1]!.end - result[at]!.start;
    for (let at = 1; at + 1 < result.length; at += 1) if (size(at) < size(best)) best = at;
    result[best]!.end = result[best + 1]!.end;
    result.splice(best + 1, 1);
  }
  return result;
}

/**
 * The layers, and a pool behind them where the features are a map.
 * @throws BACKBONE_REFUSED where one would hold too many operations
 */
export function layersOf(read: readonly ReadOperation[], features: Shape): Layer[] {
  const operations = read.map(({ operation }) => operation);
  const layers: Layer[] = joined(partsOf(operations), operations).map(({ start, end }) => {
    if (end - start > mostOperations)
      refuse(
        `at most ${mostOperations} operations between two places where a single map leads on`,
        `${end - start}`,
        'Choose a smaller network.',
      );
    return Layer.parse({
      kind: 'imported',
      operations: operations.slice(start, end).map((operation) => ({
        ...operation,
        inputs: operation.inputs.map((place) => (place < start ? -1 : place - start)),
      })),
    });
  });
  if (features.length === 3) layers.push({ kind: 'global-average-pool' });
  return layers;
}

/** The plan of these layers, and the weights under its names; its classifier is left out. */
export function planned(
  layers: Layer[],
  inputShape: Shape,
  read: readonly ReadOperation[],
): { own: Plan['weights']; weights: Weights } {
  const plan = planNetwork(Model.parse({ layers, parameterBudget: 50_000_000 }), inputShape, 2);
  const weights: Weights = new Map();
  const own: Plan['weights'][number][] = [];
  for (const [at, { weights: values }] of read.entries())
    for (const weight of plan.operations[at]!.weights) {
      own.push(weight);
      weights.set(weight.name, values[weight.role]!);
    }
  return { own, weights };
}
