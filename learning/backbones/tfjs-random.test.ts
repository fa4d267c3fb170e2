/** Models of TensorFlow.js with anything in them: each is read, or refused as such; nothing else is thrown. */
import fc from 'fast-check';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readOwn } from './own.ts';
import { isRefusal } from './testing-refusal.ts';
import { smallGraph, smallLayers } from './testing-tfjs-hostile.ts';
import { type Artifacts, writeModel } from './testing-tfjs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'random-tfjs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('any model.json', () => {
  /** Replaces the value at a place among all values of the JSON, counted in order. */
  function replaced(value: unknown, at: { left: number }, by: unknown): unknown {
    at.left -= 1;
    if (at.left === -1) return by;
    if (Array.isArray(value)) return value.map((item) => replaced(item, at, by));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, at, by)]));
  }
  function count(value: unknown): number {
    if (typeof value !== 'object' || value === null) return 1;
    return Object.values(value).reduce<number>((sum, item) => sum + count(item), 1);
  }
  const values = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      '',
      'image',
      'first',
      'norm',
      '__proto__',
      -1,
      0,
      0.5,
      3,
      1e308,
      [],
      {},
      [[]],
    ),
    fc.constant(JSON.parse('{"__proto__": {"toString": 1}, "length": 9, "toString": null}') as unknown),
    fc.json().map((text) => JSON.parse(text) as unknown),
    fc.integer(),
  );

  test.each([
    ['layers', smallLayers],
    ['a graph', smallGraph],
  ])('of %s with other values somewhere is read or refused', async (_title, of) => {
    const path = await writeModel(join(folder, 'changed'), await of(), { shardBytes: 10_000 });
    const whole = JSON.parse(await readFile(path, 'utf8')) as unknown;
    const most = count(whole) - 1;
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.nat(most), by: values }), { minLength: 1, maxLength: 3 }),
        async (changes) => {
          let json = whole;
          for (const { at, by } of changes) json = replaced(json, { left: at }, by);
          await writeFile(path, JSON.stringify(json));
          await readOwn(path, { pixels: '0..1' }).then(() => void (kept += 1), isRefusal);
        },
      ),
      { numRuns: 300 },
    );
    expect(kept).toBeGreaterThan(0);
  });

  test('of layers put together at random is read or refused', async () => {
    const kinds = fc.constantFrom(
      ...(
        'Conv2D DepthwiseConv2D SeparableConv2D BatchNormalization Activation ReLU ' +
        'ZeroPadding2D MaxPooling2D AveragePooling2D GlobalAveragePooling2D ' +
        'GlobalMaxPooling2D Add Multiply Concatenate Dropout Flatten Reshape Dense ' +
        'Rescaling Normalization LayerNormalization Softmax LeakyReLU InputLayer ' +
        'Sequential ELU'
      ).split(' '),
    );
    const settings = fc.dictionary(
      fc.constantFrom(
        ...(
          'padding strides pool_size use_bias activation axis keepdims target_shape scale ' +
          'offset mean variance max_value negative_slope alpha dilation_rate'
        ).split(' '),
      ),
      fc.oneof(
        fc.constantFrom<unknown>(
          'same',
          'valid',
          'relu6',
          'swish',
          true,
          false,
          null,
          [1, 1, 4],
          [4],
          [
            [0, 1],
            [1, 0],
          ],
        ),
        fc.integer({ min: -2, max: 6 }),
        fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 3 }),
      ),
      { maxKeys: 3 },
    );
    const layer = fc.record({ kind: kinds, from: fc.array(fc.nat(4), { maxLength: 3 }), settings });
    const names = [
      'kernel',
      'depthwise_kernel',
      'pointwise_kernel',
      'bias',
      'gamma',
      'beta',
      'moving_mean',
      'moving_variance',
      'mean',
      'variance',
    ];
    const shapes: Record<string, number[]> = {
      kernel: [1, 1, 3, 3],
      depthwise_kernel: [3, 3, 3, 1],
      pointwise_kernel: [1, 1, 3, 3],
    };
    let kept = 0;
    const at = join(folder, 'random');
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 5 }), async (given) => {
        const name = (place: number) => (place === 0 ? 'image' : `l${place - 1}`);
        const json = [
          {
            class_name: 'InputLayer',
            name: 'image',
            config: { name: 'image', batch_input_shape: [null, 9, 9, 3] },
            inbound_nodes: [],
          },
          ...given.map(({ kind, from, settings: config }, index) => ({
            class_name: kind,
            name: `l${index}`,
            config: { ...config, name: `l${index}` },
            inbound_nodes: [from.map((before) => [name(before), 0, 0, {}])],
          })),
        ];
        const weightSpecs = given.flatMap((_, index) =>
          names.map((weight) => ({
            name: `l${index}/${weight}`,
            dtype: 'float32' as const,
            shape: shapes[weight] ?? [3],
          })),
        );
        const numbers = weightSpecs.reduce(
          (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
          0,
        );
        const model: Artifacts = {
          modelTopology: {
            class_name: 'Functional',
            config: {
              layers: json,
              input_layers: [['image', 0, 0]],
              output_layers: [[`l${given.length - 1}`, 0, 0]],
            },
          },
          weightSpecs,
          weightData: Float32Array.from({ length: numbers }, (_, place) => 0.5 + (place % 7) / 10).buffer,
        };
        await readOwn(await writeModel(at, model, { shardBytes: 100_000 }), {
          pixels: '0..1',
          name: 'x',
        }).then(() => void (kept += 1), isRefusal);
      }),
      { numRuns: 300 },
    );
    expect(kept).toBeGreaterThan(0);
  });
});
