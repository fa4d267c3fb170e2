/** Grad-CAM beside what is worked out by hand, gradients beside finite differences, and which map it is of. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Layer } from '#recipe/layer.ts';
import { presets } from '#recipe/presets.ts';
import { planOf } from '#recipe/plan.ts';
import { buildNetwork, type Network } from '#learning/model/network.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { smallRecipe } from '#learning/training/testing.ts';
import { activationGradient, gradCam, gradCamOperation } from './grad-cam.ts';

const normalisation = { mean: [0.3], std: [0.5] };
const recipeOf = (layers: unknown[]) =>
  smallRecipe({ model: { layers: layers.map((layer) => Layer.parse(layer)) } });
const build = (layers: unknown[]): Network => buildNetwork(recipeOf(layers), 3);
const pixelsOf = ({ plan }: Network) =>
  Uint8Array.from({ length: plan.inputShape.reduce((a, b) => a * b) }, (_, i) => (i * 37) % 256);
const nameAt = (layers: unknown[]) => {
  const plan = planOf(recipeOf(layers), 3);
  const at = gradCamOperation(plan);
  return at === null ? null : plan.operations[at]!.name;
};
const conv = { kind: 'conv', filters: 4, kernel: 3, activation: 'relu' };

describe.each(['tensorflow', 'wasm'] as const)('Grad-CAM on %s', (prefer) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine({ prefer });
    expect(engine.info.kind).toBe(prefer);
  });
  afterAll(() => engine.close());

  test('behind a global average pool is the class activation map: the classifier’s weights times the maps, above 0', async () => {
    const network = build([conv, { kind: 'global-average-pool' }]);
    const pixels = pixelsOf(network);
    const position = gradCamOperation(network.plan)!;
    const [height, width, channels] = network.plan.operations[position]!.outputShape as [
      number,
      number,
      number,
    ];
    const kernel = network.variables
      .find(({ name }) => name.endsWith('classifier/kernel'))!
      .variable.dataSync();
    for (const classIndex of [0, 1, 2]) {
      const { activation, gradient } = activationGradient(
        network,
        normalisation,
        pixels,
        classIndex,
        position,
      );
      const maps = activation.dataSync();
      tf.dispose([activation, gradient]);
      const found = (await gradCam(network, normalisation, pixels, classIndex))!;
      expect([found.height, found.width]).toEqual([height, width]);
      for (let place = 0; place < height * width; place += 1) {
        let sum = 0;
        for (let channel = 0; channel < channels; channel += 1)
          sum += (kernel[channel * 3 + classIndex]! / (height * width)) * maps[place * channels + channel]!;
        expect(found.values[place]).toBeCloseTo(Math.max(0, sum), 5);
      }
    }
    network.dispose();
  });

  test('has gradients that finite differences of the logit agree with, through pools, norms and layers that bend', () => {
    const network = build([
      conv,
      { kind: 'conv', filters: 3, kernel: 3, activation: 'gelu' },
      { kind: 'average-pool', size: 2 },
      { kind: 'flatten' },
      { kind: 'dense', units: 6, activation: 'gelu' },
    ]);
    const pixels = pixelsOf(network);
    const position = gradCamOperation(network.plan)!;
    const { activation, gradient } = activationGradient(network, normalisation, pixels, 1, position);
    const read = (tensor: tf.Tensor) => (tensor.dataSync() as Float32Array).slice();
    const [values, slopes] = [read(activation), read(gradient)];
    const logitOf = (changed: Float32Array | Int32Array | Uint8Array) =>
      tf.tidy(
        () =>
          network
            .outputs(tf.tensor(changed, activation.shape, 'float32'), { training: false }, position + 1)
            .at(-1)!
            .dataSync()[1]!,
      );
    const step = 0.05;
    const most = slopes.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    expect(most).toBeGreaterThan(0);
    for (let at = 0; at < values.length; at += Math.ceil(values.length / 60)) {
      const [up, down] = [values.slice(), values.slice()];
      up[at]! += step;
      down[at]! -= step;
      const slope = (logitOf(up) - logitOf(down)) / (2 * step);
      expect(Math.abs(slope - slopes[at]!)).toBeLessThan(0.01 * most);
    }
    tf.dispose([activation, gradient]);
    network.dispose();
  });

  test('leaves no tensor behind, and changes nothing of the network', async () => {
    const network = build([conv, { kind: 'global-average-pool' }]);
    const pixels = pixelsOf(network);
    const first = await gradCam(network, normalisation, pixels, 0);
    const before = tf.memory().numTensors;
    expect(await gradCam(network, normalisation, pixels, 0)).toEqual(first);
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
  });

  test('is of the last map that all later layers follow from, before a pool that only thins it', () => {
    expect(nameAt([conv, { kind: 'max-pool', size: 2 }, { kind: 'flatten' }])).toBe('1.conv/activation');
    expect(
      nameAt([conv, { kind: 'global-average-pool' }, { kind: 'dense', units: 4, activation: 'relu' }]),
    ).toBe('1.conv/activation');
    expect(nameAt([conv, { kind: 'residual', filters: 4, stride: 1, activation: 'relu' }])).toContain(
      '2.residual',
    );
  });

  test('of every preset there is a map', () => {
    for (const [name, { recipe }] of Object.entries(presets))
      expect([name, gradCamOperation(planOf(recipe, 10))]).not.toContain(null);
  });

  test('is not there where the image is flattened at once', async () => {
    const network = build([{ kind: 'flatten' }, { kind: 'dense', units: 4, activation: 'relu' }]);
    expect(gradCamOperation(network.plan)).toBeNull();
    expect(await gradCam(network, normalisation, pixelsOf(network), 0)).toBeNull();
    network.dispose();
  });
});
