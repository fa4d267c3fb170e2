/** One harness for all layers: the file must answer, in another runtime, as the network that trained. */
import { Activation } from '#recipe/activation.ts';
import type { LayerKind } from '#recipe/layer.ts';
import { presets } from '#recipe/presets.ts';
import { importedRows } from '#recipe/testing-imported.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import fc from 'fast-check';
import proto from 'onnx-proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeOnnx } from './onnx.ts';
import { parityTolerance, proveParity } from '#learning/export/parity.ts';
import { onnxOf, type Sample, sampleNetwork } from '#learning/export/testing.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

/** Answers agree, and differ from image to image: a network that answers the same to all would prove nothing. */
async function expectParity(sample: Sample): Promise<void> {
  const parity = await proveParity(encodeOnnx(onnxOf(sample)), sample.golden);
  expect(parity).toMatchObject({ passed: true, labelFlips: 0, images: sample.golden.shape[0] });
  expect(parity.largestDifference).toBeLessThan(parityTolerance / 10);
  const { probabilities } = sample.golden;
  const first = probabilities.subarray(0, sample.classes.length);
  const spread = probabilities.map((value, index) => Math.abs(value - first[index % first.length]!));
  expect(Math.max(...spread)).toBeGreaterThan(1e-3);
}

const flat = { kind: 'flatten' };
/** Each kind of layer in the places it may take; the compiler asks for a row for a new kind. */
const networks = {
  conv: [
    ...[1, 2, 3, 5, 8].map((kernel) => [{ kind: 'conv', filters: 4, kernel }]),
    ...[2, 3, 4].flatMap((stride) =>
      [3, 4].map((kernel) => [{ kind: 'conv', filters: 4, kernel, stride, batchNorm: false }]),
    ),
    [{ kind: 'dropout', rate: 0.5 }, { kind: 'conv', filters: 4, stride: 2 }, flat],
  ],
  residual: [true, false].flatMap((preActivation) => [
    [{ kind: 'residual', filters: 3, preActivation }],
    [
      { kind: 'residual', filters: 6, preActivation },
      { kind: 'residual', filters: 6, preActivation },
    ],
    [{ kind: 'residual', filters: 6, stride: 2, preActivation, activation: 'silu' }, flat],
    [{ kind: 'residual', filters: 6, stride: 2, preActivation, activation: 'mish', squeezeExcite: 2 }, flat],
  ]),
  'separable-conv': [
    ...[1, 2, 3, 5].map((kernel) => [{ kind: 'separable-conv', filters: 4, kernel }, flat]),
    ...[2, 3].map((stride) => [
      { kind: 'separable-conv', filters: 4, stride, batchNorm: false, activation: 'mish' },
      flat,
    ]),
    [
      { kind: 'separable-conv', filters: 6 },
      { kind: 'separable-conv', filters: 1, kernel: 4, stride: 2 },
      flat,
    ],
  ],
  'inverted-residual': [
    ...[1, 3, 5].map((kernel) => [{ kind: 'inverted-residual', filters: 4, expand: 2, kernel }, flat]),
    ...[1, 2, 3].map((stride) => [{ kind: 'inverted-residual', filters: 3, expand: 1, stride }, flat]),
    [
      { kind: 'conv', filters: 4 },
      { kind: 'inverted-residual', filters: 4, expand: 3, activation: 'silu' },
      { kind: 'inverted-residual', filters: 4, expand: 6, kernel: 5 },
      flat,
    ],
  ],
  convnext: [
    ...[1, 2, 7].map((kernel) => [{ kind: 'convnext', kernel, expand: 2 }, flat]),
    [{ kind: 'conv', filters: 4 }, { kind: 'convnext' }, { kind: 'convnext' }, flat],
  ],
  'squeeze-excite': [1, 2, 8].map((ratio) => [
    { kind: 'conv', filters: 6 },
    { kind: 'squeeze-excite', ratio },
    flat,
  ]),
  'batch-norm': [[{ kind: 'batch-norm' }], [flat, { kind: 'dense', units: 6 }, { kind: 'batch-norm' }]],
  'layer-norm': [
    [{ kind: 'layer-norm' }, flat],
    [flat, { kind: 'dense', units: 6 }, { kind: 'layer-norm' }],
    [{ kind: 'conv', filters: 5, activation: 'linear' }, { kind: 'layer-norm' }],
  ],
  activation: Activation.options.flatMap((activation) => [
    [{ kind: 'activation', activation }, flat],
    [{ kind: 'conv', filters: 4, activation }, flat, { kind: 'dense', units: 6, activation }],
  ]),
  'max-pool': [2, 3, 4].map((size) => [{ kind: 'max-pool', size }, flat]),
  'average-pool': [2, 3, 4].map((size) => [{ kind: 'average-pool', size }, flat]),
  'global-average-pool': [
    [{ kind: 'conv', filters: 4 }, { kind: 'global-average-pool' }, { kind: 'dense', units: 6 }],
  ],
  flatten: [[flat], [{ kind: 'conv', filters: 4 }, flat]],
  dropout: [[{ kind: 'dropout', rate: 0.5 }, flat, { kind: 'dropout', rate: 0.5 }]],
  'spatial-dropout': [[{ kind: 'spatial-dropout', rate: 0.5 }, flat, { kind: 'spatial-dropout', rate: 0.5 }]],
  dense: [[flat, { kind: 'dense', units: 6 }, { kind: 'dense', units: 7, activation: 'linear' }]],
  imported: importedRows,
} satisfies Record<LayerKind, unknown[][]>;

describe('a network as ONNX', () => {
  it.each(Object.entries(networks))('answers alike with %s', async (_, rows) => {
    for (const layers of rows) {
      await expectParity(await sampleNetwork(layers)).catch((error: Error) => {
        throw new Error(`${JSON.stringify(layers)}: ${error.message}`, { cause: error });
      });
    }
  });

  it.each(Object.entries(presets))('answers alike with the preset %s', async (_, { recipe }) => {
    await expectParity(
      await sampleNetwork(recipe.model.layers, { height: 28, width: 28, channels: 1, classCount: 10 }),
    );
  });

  it('answers alike with any stack of layers', async () => {
    const choose = <T>(...values: T[]) => fc.constantFrom(...values);
    const activation = choose(...Activation.options);
    const filters = fc.integer({ min: 1, max: 6 });
    const window = {
      filters,
      kernel: fc.integer({ min: 1, max: 5 }),
      stride: fc.integer({ min: 1, max: 3 }),
      activation,
    };
    const map = fc.oneof(
      fc.record({ kind: choose('conv', 'separable-conv'), ...window, batchNorm: fc.boolean() }),
      fc.record({
        kind: choose('residual'),
        filters,
        stride: fc.integer({ min: 1, max: 2 }),
        preActivation: fc.boolean(),
        activation,
        squeezeExcite: choose(null, 2),
      }),
      fc.record({
        kind: choose('inverted-residual'),
        ...window,
        expand: fc.integer({ min: 1, max: 3 }),
      }),
      fc.record({
        kind: choose('convnext'),
        kernel: fc.integer({ min: 1, max: 5 }),
        expand: fc.integer({ min: 1, max: 3 }),
      }),
      choose<unknown>(
        { kind: 'batch-norm' },
        { kind: 'layer-norm' },
        { kind: 'squeeze-excite', ratio: 2 },
        { kind: 'dropout', rate: 0.5 },
        { kind: 'spatial-dropout', rate: 0.5 },
      ),
      fc.record({ kind: choose('activation'), activation }),
    );
    const stack = fc.tuple(
      fc.array(map, { minLength: 1, maxLength: 4 }),
      choose('flatten', 'global-average-pool'),
    );
    const sizes = fc.record({
      height: fc.integer({ min: 8, max: 17 }),
      width: fc.integer({ min: 8, max: 17 }),
      channels: choose<1 | 3>(1, 3),
      seed: fc.nat(1000),
    });
    await fc.assert(
      fc.asyncProperty(stack, sizes, async ([layers, kind], size) => {
        const sample = await sampleNetwork([...layers, { kind }], size);
        await proveParity(encodeOnnx(onnxOf(sample)), sample.golden);
      }),
      { numRuns: 25 },
    );
  });

  it('says what it is, and holds all its data', async () => {
    const sample = await sampleNetwork([{ kind: 'conv', filters: 4 }], { channels: 1 });
    const bytes = encodeOnnx(onnxOf(sample));
    const model = proto.onnx.ModelProto.decode(bytes);
    expect(model.producerName).toBe('atelier');
    expect(Number(model.opsetImport[0]!.version)).toBe(17);
    expect(Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]))).toMatchObject({
      classes: JSON.stringify(sample.classes),
      fit: 'crop',
      'atelier.run': 'run-1',
    });
    const weights = model.graph!.initializer!.filter(({ name }) => sample.weights.has(name!));
    expect(weights.length).toBe(sample.weights.size);
    for (const { rawData, dims, externalData } of model.graph!.initializer!) {
      expect(rawData!.length).toBe(4 * dims!.reduce((total: number, side) => total * Number(side), 1));
      expect(externalData).toEqual([]);
    }
    expect(Buffer.compare(encodeOnnx(onnxOf(sample)), bytes)).toBe(0);
  });

  it('refuses weights and classes that do not fit the plan', async () => {
    const sample = await sampleNetwork([{ kind: 'conv', filters: 4 }]);
    const without = new Map(sample.weights);
    without.delete('classifier/bias');
    expect(() => encodeOnnx({ ...onnxOf(sample), weights: without })).toThrow(
      'classifier/bias expects 5 numbers, but received none',
    );
    expect(() => encodeOnnx({ ...onnxOf(sample), classes: ['one'] })).toThrow('expects 5 class names');
  });
});

describe('parity', () => {
  it('is refused where the file answers otherwise, with the figures', async () => {
    const sample = await sampleNetwork([flat]);
    const shifted = { ...sample.normalisation, mean: sample.normalisation.mean.map((mean) => mean + 0.1) };
    const bytes = encodeOnnx({ ...onnxOf(sample), normalisation: shifted });
    await expect(proveParity(bytes, sample.golden)).rejects.toMatchObject({
      code: 'PARITY_FAILED',
      details: {
        images: 6,
        passed: false,
        largestDifference: expect.any(Number),
        tolerance: parityTolerance,
      },
    });
  });

  it.each([
    [
      'not a number',
      (golden: Sample['golden']) => ({ ...golden, probabilities: golden.probabilities.fill(NaN, 3, 4) }),
    ],
    ['nothing to compare', (golden: Sample['golden']) => ({ ...golden, shape: [0, 12, 9, 3] as const })],
  ])('is refused with %s', async (_, change) => {
    const sample = await sampleNetwork([flat]);
    await expect(proveParity(encodeOnnx(onnxOf(sample)), change(sample.golden))).rejects.toMatchObject({
      code: 'PARITY_FAILED',
    });
  });

  it('is refused where the file cannot be read', async () => {
    const { golden } = await sampleNetwork([flat]);
    await expect(proveParity(new Uint8Array(10), golden)).rejects.toMatchObject({ code: 'PARITY_FAILED' });
  });

  it('stops when it is cancelled', async () => {
    const sample = await sampleNetwork([flat]);
    const stop = proveParity(encodeOnnx(onnxOf(sample)), sample.golden, { signal: AbortSignal.abort() });
    await expect(stop).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
