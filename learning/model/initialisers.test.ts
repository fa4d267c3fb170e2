/** First weights: the intended spread, one stream per weight, and the same numbers for ever. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Initialiser, Model } from '#recipe/model.ts';
import { smallRecipe } from '#learning/training/testing.ts';
import { generator } from '#learning/random-numbers.ts';
import * as initialisers from './initialisers.ts';
import { initialWeights, initialWeightsInTurns, type Weights } from './network.ts';
import { planNetwork, type Weight } from '#recipe/plan.ts';
import { finish } from '#learning/work-in-turns.ts';

/** In one go. */
const initialValues = (...of: Parameters<typeof initialisers.initialValues>) =>
  finish(initialisers.initialValues(...of));

const kernel: Weight = { name: 'k', shape: [3, 3, 32, 64], role: 'kernel', trainable: true };
const deviation = (values: Float32Array) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};

describe('initialisers', () => {
  test.each([
    ['he-normal', Math.sqrt(2 / (9 * 32))],
    ['he-uniform', Math.sqrt(2 / (9 * 32))],
    ['glorot-normal', Math.sqrt(2 / (9 * 32 + 9 * 64))],
    ['orthogonal', Math.sqrt(2 / (9 * 32))],
    ['lecun-normal', Math.sqrt(1 / (9 * 32))],
    ['lecun-uniform', Math.sqrt(1 / (9 * 32))],
    ['glorot-uniform', Math.sqrt(2 / (9 * 32 + 9 * 64))],
  ] as const)('%s has deviation %f', (initialiser, expected) => {
    const values = initialValues(kernel, initialiser, 1, 0);
    expect(deviation(values) / expected).toBeCloseTo(1, 1);
    const reach = { normal: 2.3, uniform: 1.74, orthogonal: 6 }[initialiser.split('-').at(-1)!]!;
    expect(Math.max(...values.map(Math.abs))).toBeLessThan(expected * reach);
  });

  test.each(Initialiser.options)(
    '%s counts one channel as what a depthwise kernel takes in',
    (initialiser) => {
      const depthwise: Weight = { ...kernel, shape: [5, 5, 400, 1], groups: 400 };
      const variance = initialiser.startsWith('glorot') || initialiser.startsWith('lecun') ? 1 / 25 : 2 / 25;
      const values = initialValues(depthwise, initialiser, 1, 0);
      expect(deviation(values) / Math.sqrt(variance)).toBeCloseTo(1, 1);
    },
  );

  test.each([
    ['a tall matrix', [3, 3, 4, 8], undefined],
    ['a wide one', [1, 1, 4, 9], undefined],
    ['a square one', [6, 6], undefined],
    ['one of more vectors than are freed at once', [21, 21], undefined],
    ['one column a channel', [3, 3, 5, 1], 5],
  ])('orthogonal: %s has columns, or rows, at right angles and of length √2', (_, shape, groups = 1) => {
    const values = initialValues({ ...kernel, shape, ...(groups > 1 && { groups }) }, 'orthogonal', 1, 0);
    const outputs = shape.at(-1)!;
    const inputs = values.length / outputs / groups;
    for (let group = 0; group < groups; group += 1) {
      const at = (input: number, output: number) => values[(input * groups + group) * outputs + output]!;
      const tall = outputs <= inputs;
      const [count, length] = tall ? [outputs, inputs] : [inputs, outputs];
      const vector = (i: number) => Array.from({ length }, (_, j) => (tall ? at(j, i) : at(i, j)));
      for (let a = 0; a < count; a += 1) {
        for (let b = 0; b < count; b += 1) {
          const along = vector(a).reduce((sum, value, i) => sum + value * vector(b)[i]!, 0);
          expect(along).toBeCloseTo(a === b ? 2 : 0, 5);
        }
      }
    }
  });

  test('values of before stay as they were, to the byte', () => {
    const { weights } = planNetwork(
      Model.parse({
        layers: [
          { kind: 'conv', filters: 8 },
          { kind: 'conv', filters: 6, kernel: 5, stride: 2, batchNorm: false, activation: 'gelu' },
          { kind: 'residual', filters: 6 },
          { kind: 'residual', filters: 8, stride: 2 },
          { kind: 'residual', filters: 8, preActivation: true },
        ],
      }),
      [28, 20, 3],
      10,
    );
    const digest = (initialiser: Initialiser) => {
      const hash = createHash('sha256');
      weights.forEach((weight, position) =>
        hash.update(new Uint8Array(initialValues(weight, initialiser, 3, position).buffer)),
      );
      return hash.digest('hex').slice(0, 16);
    };
    expect(
      (['he-normal', 'glorot-uniform', 'lecun-normal'] as const).map((initialiser) => digest(initialiser)),
    ).toEqual(['cab5103d8047e708', '73dc849f3c940d98', '34ddf55879c28580']);
    expect(digest('orthogonal')).toBe('dc506300bb467051');
  });

  test.each(['orthogonal', 'he-normal'] as const)(
    '%s: large kernels are drawn in turns with other work, and cancelled within one',
    async (initialiser) => {
      const { preprocessing, model, ...rest } = smallRecipe();
      const layers = [
        { kind: 'dense', units: initialiser === 'orthogonal' ? 320 : 1600, activation: 'relu' },
      ];
      const recipe = {
        ...rest,
        preprocessing,
        model: Model.parse({ ...model, initialiser, layers: [{ kind: 'flatten' }, ...layers] }),
      };
      let turns = 0;
      const stop = new AbortController();
      let open = true;
      const count = () => {
        turns += 1;
        if (open) setImmediate(count);
      };
      setImmediate(count);
      const whole = await initialWeightsInTurns(recipe, 10);
      open = false;
      expect(turns).toBeGreaterThan(3);
      const bytes = (weights: Weights) =>
        Buffer.concat([...weights.values()].map(({ buffer }) => new Uint8Array(buffer as ArrayBuffer)));
      expect(bytes(whole).equals(bytes(initialWeights(recipe, 10)))).toBe(true);

      setImmediate(() => stop.abort());
      await expect(initialWeightsInTurns(recipe, 10, stop.signal)).rejects.toMatchObject({
        code: 'CANCELLED',
        message: 'Cancelled while the first weights were drawn.',
      });
    },
  );

  test('seed and position give other values, the same ones the same', () => {
    const first = initialValues(kernel, 'he-normal', 1, 0);
    expect(initialValues(kernel, 'he-normal', 1, 0)).toEqual(first);
    expect(initialValues(kernel, 'he-normal', 2, 0)).not.toEqual(first);
    expect(initialValues(kernel, 'he-normal', 1, 1)).not.toEqual(first);
  });

  test('the generator gives these numbers on every machine', () => {
    const next = generator(1, 2);
    expect([next(), next(), next()]).toMatchInlineSnapshot(`
      [
        0.6098171235062182,
        0.3312078700400889,
        0.8609476438723505,
      ]
    `);
  });

  test('uniform draws are spread evenly', () => {
    const next = generator(7);
    const tenths = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 10_000; draw += 1) tenths[Math.floor(next() * 10)]! += 1;
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
});
