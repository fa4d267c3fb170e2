/**
 * One harness for every layer kind and activation, on the real engine; a new layer is a row in the table, and the
 * compiler asks for it. What one layer does that others do not is in layers.test.ts.
 */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Activation } from '#recipe/activation.ts';
import { Layer, type LayerKind } from '#recipe/layer.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { trace, type Traced } from '#learning/tensorflow/trace.ts';
import { smallRecipe } from '#learning/training/testing.ts';
import { importedRows } from '#recipe/testing-imported.ts';
import { tensorsOf, weightsOf } from './model-file.ts';
import { buildNetwork, type Network, readWeights, type Weights, writeWeights } from './network.ts';
import { decodeSafetensors, encodeSafetensors } from '#learning/files/safetensors.ts';
import { summarise } from '#recipe/summary.ts';

const conv = { kind: 'conv', filters: 4 };
const family = {
  conv: [[{ ...conv, kernel: 3, stride: 2 }], [{ ...conv, kernel: 5, batchNorm: false }]],
  residual: [
    [{ kind: 'residual', filters: 4, stride: 2 }],
    [conv, { kind: 'residual', filters: 4 }],
    [{ kind: 'residual', filters: 4, stride: 2, preActivation: true, squeezeExcite: 1 }],
    [conv, { kind: 'residual', filters: 4, preActivation: true }],
    [conv, { kind: 'residual', filters: 4, squeezeExcite: 2, activation: 'mish' }],
  ],
  'separable-conv': [
    [{ kind: 'separable-conv', filters: 5, kernel: 5, stride: 2 }],
    [{ kind: 'separable-conv', filters: 4, kernel: 1, stride: 2 }],
    [{ kind: 'separable-conv', filters: 4, batchNorm: false, activation: 'silu' }],
  ],
  'inverted-residual': [
    [{ kind: 'inverted-residual', filters: 4, expand: 2, kernel: 5, stride: 2 }],
    [conv, { kind: 'inverted-residual', filters: 4, expand: 3 }],
    [{ kind: 'inverted-residual', filters: 5, expand: 1, activation: 'silu' }],
  ],
  convnext: [
    [conv, { kind: 'convnext', kernel: 5, expand: 2 }],
    [{ kind: 'convnext', kernel: 2, expand: 1 }],
  ],
  'squeeze-excite': [[conv, { kind: 'squeeze-excite', ratio: 1 }], [{ kind: 'squeeze-excite', ratio: 1 }]],
  'batch-norm': [[{ kind: 'batch-norm' }], [{ kind: 'flatten' }, { kind: 'batch-norm' }]],
  'layer-norm': [[{ kind: 'layer-norm' }], [{ kind: 'flatten' }, { kind: 'layer-norm' }]],
  activation: Activation.options.map((activation) => [
    { ...conv, activation: 'linear' },
    { kind: 'activation', activation },
  ]),
  'max-pool': [[{ kind: 'max-pool', size: 3 }]],
  'average-pool': [[{ kind: 'average-pool', size: 3 }]],
  'global-average-pool': [[{ kind: 'global-average-pool' }]],
  flatten: [[{ kind: 'flatten' }]],
  dropout: [[{ kind: 'dropout', rate: 0.5 }], [{ kind: 'flatten' }, { kind: 'dropout', rate: 0 }]],
  'spatial-dropout': [
    [conv, { kind: 'spatial-dropout', rate: 0.3 }],
    [{ kind: 'flatten' }, { kind: 'spatial-dropout', rate: 0.3 }],
  ],
  dense: [[{ kind: 'flatten' }, { kind: 'dense', units: 6 }]],
  imported: importedRows,
} satisfies Record<LayerKind, unknown[][]>;
const rows = Object.values(family)
  .flat()
  .map((layers) => ({ title: layers.map((layer) => JSON.stringify(layer)).join(' '), layers }));

const batch = 5;
const classCount = 3;
const input = () => tf.randomNormal([batch, 8, 8, 3], 0, 1, 'float32', 3) as tf.Tensor4D;
const answers = () => tf.tensor1d([0, 1, 2, 1, 0], 'int32');
const seed = () => tf.tensor1d([1, 2], 'int32');

function recipeOf(layers: unknown[]): Recipe {
  const recipe = smallRecipe({ model: { layers: layers.map((layer) => Layer.parse(layer)) } });
  recipe.preprocessing = { ...recipe.preprocessing, height: 8, width: 8, channels: 3 };
  return recipe;
}
const build = (layers: unknown[]) => buildNetwork(recipeOf(layers), classCount);

/** One step of plain gradient descent. @returns the loss */
function descend(network: Network, x: tf.Tensor4D, y: tf.Tensor1D, s: tf.Tensor1D): tf.Tensor {
  const { trainable } = network;
  const loss = () => {
    const logProbabilities = tf.logSoftmax(network.apply(x, { training: true, seed: s }));
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.oneHot(y, classCount), logProbabilities), 1))) as tf.Scalar;
  };
  const { value, grads } = tf.variableGrads(
    loss,
    trainable.map(({ variable }) => variable),
  );
  for (const { variable } of trainable) {
    variable.assign(tf.sub(variable as tf.Tensor, tf.mul(grads[variable.name]!, 0.05)));
  }
  return value;
}

const tracedDescent = (network: Network): Traced =>
  trace(
    (x, y, s) => [descend(network, x as tf.Tensor4D, y as tf.Tensor1D, s as tf.Tensor1D)],
    () => network.variables.map(({ variable }) => variable),
  );

/** @returns the loss before the step */
function run(step: Traced): number {
  const inputs = [input(), answers(), seed()];
  const [loss] = step(...inputs);
  const value = loss!.dataSync()[0]!;
  tf.dispose([...inputs, loss!]);
  return value;
}

/** Both within a thousandth of the greatest value, or of the smallest that counts. */
function expectClose(actual: Weights, expected: Weights): void {
  for (const [name, values] of actual) {
    const other = expected.get(name)!;
    const scale = Math.max(0.1, ...other.map(Math.abs));
    values.forEach((value, i) => expect(Math.abs(value - other[i]!) / scale, name).toBeLessThan(1e-3));
  }
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

describe.each(rows)('$title', ({ layers }) => {
  test('as JSON it stays the same layer', () => {
    const parsed = layers.map((layer) => Layer.parse(layer));
    expect(JSON.parse(JSON.stringify(parsed)).map((layer: unknown) => Layer.parse(layer))).toEqual(parsed);
  });

  test('every operation has the shape that the plan says, the last gives the logits', () => {
    const network = build(layers);
    tf.tidy(() => {
      const x = input();
      for (const mode of [{ training: false }, { training: true, seed: seed() }] as const) {
        const outputs = network.outputs(x, mode);
        expect(outputs.map(({ shape }) => shape)).toEqual(
          network.plan.operations.map(({ outputShape }) => [batch, ...outputShape]),
        );
        expect(outputs.at(-1)!.shape).toEqual([batch, classCount]);
        for (const output of outputs) expect(output.dataSync().every(Number.isFinite)).toBe(true);
      }
      const [last, applied] = [
        network.outputs(x, { training: false }).at(-1)!,
        network.apply(x, { training: false }),
      ];
      expect(applied.dataSync()).toEqual(last.dataSync());
    });
    network.dispose();
  });

  test('has as many parameters as the summary says', () => {
    const network = build(layers);
    const summary = summarise(recipeOf(layers), classCount);
    const count = (variables: Network['variables']) =>
      variables.reduce((total, { variable }) => total + variable.size, 0);
    expect(count(network.variables)).toBe(summary.parameters);
    network.dispose();
  });

  test('a step lowers the loss, moves every weight, and is the same traced and eager', async () => {
    const eager = build(layers);
    const traced = build(layers);
    const before = await readWeights(eager);
    const step = tracedDescent(traced);
    const losses: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      // From the same weights each time: rounding apart grows over steps.
      writeWeights(traced, await readWeights(eager));
      const tracedLoss = run(step);
      losses.push(tf.tidy(() => descend(eager, input(), answers(), seed()).dataSync()[0]!));
      expect(tracedLoss).toBeCloseTo(losses.at(-1)!, 4);
      expectClose(await readWeights(traced), await readWeights(eager));
    }
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    for (const [name, values] of await readWeights(eager)) {
      expect(values.every(Number.isFinite), name).toBe(true);
      expect(values, name).not.toEqual(before.get(name));
    }
    step.dispose();
    eager.dispose();
    traced.dispose();
  });

  test('the same steps give the same bytes', async () => {
    const ends: Weights[] = [];
    for (let time = 0; time < 2; time += 1) {
      const network = build(layers);
      const step = tracedDescent(network);
      for (let round = 0; round < 3; round += 1) run(step);
      ends.push(await readWeights(network));
      step.dispose();
      network.dispose();
    }
    expect(ends[0]).toEqual(ends[1]);
  });

  test('outside training it changes nothing, and answers each image alone as among others', async () => {
    const network = build(layers);
    // Running statistics unlike those of the batch.
    const step = tracedDescent(network);
    run(step);
    const before = await readWeights(network);
    tf.tidy(() => {
      const x = input();
      const all = network.apply(x, { training: false });
      const alone = tf.concat(
        tf.split(x, batch).map((image) => network.apply(image as tf.Tensor4D, { training: false })),
      );
      expect(tf.max(tf.abs(tf.sub(all, alone))).dataSync()[0]).toBeLessThan(1e-4);
    });
    expect(await readWeights(network)).toEqual(before);
    step.dispose();
    network.dispose();
  });

  test('weights survive writing to a file and reading', async () => {
    const network = build(layers);
    const other = build(layers);
    const weights = await readWeights(network);
    weights.forEach((values) => values.forEach((_, i) => (values[i] = Math.abs(Math.sin(i + 1)) + 0.1)));
    const bytes = encodeSafetensors(new Map(tensorsOf(network.plan, weights)), {});
    writeWeights(other, weightsOf(other.plan, decodeSafetensors(bytes).tensors));
    expect(await readWeights(other)).toEqual(weights);
    expect(await readWeights(network)).not.toEqual(weights);
    network.dispose();
    other.dispose();
  });
});
