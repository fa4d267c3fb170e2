/**
 * For tests and torture: a network with random weights, what the studio answers to random pixels, a bundle of it, and
 * bundles put together anew. No part of the product.
 */
import { writeFile } from 'node:fs/promises';
import type { Evaluation } from '#contract/evaluation.ts';
import { Recipe } from '#recipe/recipe.ts';
import { evaluate } from '#recipe/metrics/scores.ts';
import { generator } from '#learning/random-numbers.ts';
import { buildNetwork, readWeights, writeWeights } from '#learning/model/network.ts';
import { normalise } from '#learning/model/preprocessing.ts';
import * as tf from '@tensorflow/tfjs';
import type { ExportInput } from './export-input.ts';
import { digestsOf, manifestFile, manifestName } from './manifest.ts';
import type { OnnxInput } from '#learning/onnx/onnx.ts';
import type { Golden } from './parity.ts';
import { unzip } from '#learning/files/unzip.ts';
import { type NamedFile, zip } from '#learning/files/zip.ts';

export interface Sample extends Pick<OnnxInput, 'plan' | 'normalisation'> {
  recipe: Recipe;
  weights: Map<string, Float32Array>;
  classes: string[];
  golden: Golden;
}

/** Layers whose operators are of many kinds. */
export const variedLayers = [
  { kind: 'conv', filters: 8 },
  { kind: 'residual', filters: 8, squeezeExcite: 4 },
  { kind: 'separable-conv', filters: 8, stride: 2, activation: 'mish' },
  { kind: 'layer-norm' },
  { kind: 'flatten' },
];

/** @param layers as in a recipe; all else is small, and drawn from `seed` */
export async function sampleNetwork(
  layers: unknown[],
  { height = 12, width = 9, channels = 3 as 1 | 3, classCount = 5, images = 6, seed = 1 } = {},
): Promise<Sample> {
  const uniform = generator(seed);
  const recipe = Recipe.parse({
    format: 'atelier-recipe/2',
    name: 'Sample',
    preprocessing: { height, width, channels, fit: 'crop', normalisation: { kind: 'measured' } },
    augmentation: [],
    model: { layers, parameterBudget: 10_000_000 },
    training: {
      optimizer: { kind: 'adam' },
      learningRate: 0.001,
      schedule: { kind: 'constant' },
      batchSize: 8,
      epochs: 1,
    },
  });
  const normalisation = {
    mean: Array.from({ length: channels }, () => 0.2 + 0.4 * uniform()),
    std: Array.from({ length: channels }, () => 0.2 + 0.2 * uniform()),
  };
  const network = buildNetwork(recipe, classCount);
  // Fresh biases, offsets and running means are zero, which would hide a mistake in their use.
  const weights = new Map<string, Float32Array>();
  for (const { name, weight, variable } of network.variables) {
    const values = (await variable.data()) as Float32Array;
    const positive = weight.role === 'variance' || weight.role === 'scale';
    const draw = () => (positive ? 0.5 + uniform() : uniform() - 0.5);
    weights.set(name, weight.role === 'kernel' ? values.slice() : values.map(draw));
  }
  writeWeights(network, weights);
  // Darker to brighter: noise of one brightness is much the same to a network that averages maps.
  const values = height * width * channels;
  const pixels = Uint8Array.from(
    { length: images * values },
    (_, index) => (256 * uniform() * (1 + Math.floor(index / values))) / images,
  );
  const probabilities = tf.tidy(() => {
    const x = normalise(
      tf.tensor4d(Float32Array.from(pixels), [images, height, width, channels]),
      normalisation,
    );
    return tf.softmax(network.apply(x, { training: false }));
  });
  const golden: Golden = {
    pixels,
    shape: [images, height, width, channels],
    probabilities: (await probabilities.data()) as Float32Array,
  };
  probabilities.dispose();
  const { plan } = network;
  const kept = await readWeights(network);
  network.dispose();
  return {
    recipe,
    plan,
    normalisation,
    weights: kept,
    classes: Array.from({ length: classCount }, (_, index) => `class ${index}`),
    golden,
  };
}

/** What `encodeOnnx` takes, from a sample. */
export const onnxOf = ({ plan, weights, normalisation, classes, recipe }: Sample): OnnxInput => ({
  plan,
  weights,
  normalisation,
  classes,
  fit: recipe.preprocessing.fit,
  version: '0.0.0',
  runId: 'run-1',
});

/** What `exportRun` takes, from a sample of 30 images; most are of the first class. */
export function exportInputOf(
  { recipe, classes, weights, normalisation, golden }: Sample,
  path: string,
): ExportInput {
  const images = golden.shape[0];
  const goldenLabels = Int32Array.from({ length: images }, (_, index) =>
    index < 12 ? 0 : index % classes.length,
  );
  const scores = evaluate(golden.probabilities, goldenLabels, classes.length, 3);
  const evaluation: Evaluation = {
    ...scores,
    runId: 'run-1',
    split: 'test',
    leftOut: [],
    partVersion: null,
    labelsVersion: null,
    trainedOn: 0,
    tta: 'none',
    evaluatedAt: '2026-11-23T12:00:00.000Z',
    classes: scores.classes.map((score, index) => ({ ...score, classId: index + 1, name: classes[index]! })),
  };
  return {
    recipe,
    classes,
    weights,
    normalisation,
    evaluation,
    goldenPixels: golden.pixels,
    goldenProbabilities: golden.probabilities,
    goldenLabels,
    rule: null,
    path,
    meta: {
      version: '0.0.0',
      projectName: 'Shirts',
      runId: 'run-1',
      runName: 'First *try*',
      trainedAt: '2026-11-23T12:00:00.000Z',
      counts: { train: 100, validation: 20, test: images },
      engine: null,
      epochs: 4,
      bestEpoch: 3,
      formats: ['JPEG', 'PNG'],
    },
  };
}

/**
 * A bundle written anew with other files, and a manifest that is true of them: what somebody makes who knows the format.
 * @param changes by name; null leaves a file out. Where manifest.json is named, it is taken as it is given
 */
export async function reseal(
  from: string,
  to: string,
  changes: Record<string, Uint8Array | string | null>,
): Promise<void> {
  const files = await unzip(from);
  const origin = { version: '0.0.0', project: 'Shirts', run: { id: 'run-1', name: 'First' } };
  if (!(manifestName in changes)) files.delete(manifestName);
  for (const [name, content] of Object.entries(changes)) {
    if (content === null) files.delete(name);
    else files.set(name, Buffer.from(content));
  }
  const named: NamedFile[] = [...files].map(([name, bytes]) => ({ name, bytes }));
  if (!(manifestName in changes)) named.push(manifestFile(origin, digestsOf(named)));
  const parts: Uint8Array[] = [];
  for await (const part of zip(named)) parts.push(part);
  await writeFile(to, Buffer.concat(parts));
}
