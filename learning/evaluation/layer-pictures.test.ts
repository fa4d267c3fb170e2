/** Pictures of layers, decoded again and compared with convolutions worked out by hand. */
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Layer } from '#recipe/layer.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { buildNetwork, type Network } from '#learning/model/network.ts';
import { presets } from '#recipe/presets.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { smallRecipe } from '#learning/training/testing.ts';
import { mostLines, type PicturedLayer, pictureLayers } from './layer-pictures.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const normalisation = { mean: [0], std: [1] };

function build(layers: unknown[], height = 8, width = 8): Network {
  const recipe: Recipe = smallRecipe({ model: { layers: layers.map((layer) => Layer.parse(layer)) } });
  recipe.preprocessing = { ...recipe.preprocessing, height, width };
  return buildNetwork(recipe, 3);
}
const pixelsOf = ({ plan }: Network) =>
  Uint8Array.from({ length: plan.inputShape.reduce((a, b) => a * b) }, (_, i) => (i * 37) % 256);
const set = (network: Network, name: string, values: number[]) =>
  network.variables
    .find((each) => each.name === name)!
    .variable.dataSync()
    .set(values);

async function decode(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  return { at: (y: number, x: number) => data[(y * info.width + x) * info.channels]!, ...info };
}
const names = (pictures: PicturedLayer[]) => pictures.map(({ name }) => name);

describe('a convolution', () => {
  test('is shown after its norm and activation; tiles reach from black to white, enlarged, a pixel apart', async () => {
    const network = build([{ kind: 'conv', filters: 9, kernel: 1, activation: 'relu' }]);
    const pixels = pixelsOf(network);
    const [picture] = await pictureLayers(network, normalisation, pixels);
    expect(picture).toMatchObject({
      name: '1.conv',
      kind: 'conv',
      outputShape: [8, 8, 9],
      tiles: 9,
      columns: 8,
    });
    expect(picture!.filtersPng).toBeNull(); // A kernel of one pixel is no picture.
    const image = await decode(picture!.activationsPng!);
    // Eight pixels, four times enlarged: 32 to a tile. Two rows, the second with one tile.
    expect([image.width, image.height]).toEqual([8 * 33 - 1, 2 * 33 - 1]);
    expect(picture!.activationsPng![25]).toBe(0); // Grey, by the PNG's header.

    const kernel = network.variables[0]!.variable.dataSync();
    for (let channel = 0; channel < 9; channel += 1) {
      // One factor a channel: the picture is the image itself, its negative's side cut off to black.
      const values = Array.from(pixels, (pixel) => Math.max(0, (pixel / 255) * kernel[channel]!));
      const most = Math.max(...values);
      const least = Math.min(...values);
      const [top, left] = [33 * Math.floor(channel / 8), 33 * (channel % 8)];
      for (const [y, x] of [
        [0, 0],
        [3, 5],
        [7, 7],
        [6, 1],
      ] as const) {
        const expected = most > least ? (255 * (values[y * 8 + x]! - least)) / (most - least) : 0;
        for (const inside of [0, 3]) {
          const grey = image.at(top + 4 * y + inside, left + 4 * x + inside);
          expect(Math.abs(grey - expected)).toBeLessThanOrEqual(1);
        }
      }
    }
    for (let y = 0; y < image.height; y += 1) expect(image.at(y, 32)).toBe(64);
    network.dispose();
  });

  test("shows each filter's mean over input channels about mid-grey", async () => {
    const network = build([
      { kind: 'conv', filters: 2, batchNorm: false },
      { kind: 'conv', filters: 3 },
    ]);
    const kernel = Array.from({ length: 3 * 3 * 2 * 3 }, (_, i) => Math.sin(i * i));
    const second = network.variables.find(({ name }) => name === '2.conv/kernel')!.variable;
    set(network, '2.conv/kernel', kernel);
    expect(second.dataSync()[5]).toBeCloseTo(kernel[5]!);
    const pictures = await pictureLayers(network, normalisation, pixelsOf(network));
    const image = await decode(pictures[1]!.filtersPng!);
    // Three pixels, ten times enlarged.
    expect([image.width, image.height]).toEqual([3 * 31 - 1, 30]);
    for (let filter = 0; filter < 3; filter += 1) {
      const means = Array.from({ length: 9 }, (_, place) => (kernel[place * 6 + filter]! + kernel[place * 6 + 3 + filter]!) / 2); // prettier-ignore
      const magnitude = Math.max(...means.map(Math.abs));
      means.forEach((mean, place) => {
        const grey = image.at(10 * Math.floor(place / 3) + 5, 31 * filter + 10 * (place % 3) + 5);
        expect(Math.abs(grey - (128 + (127 * mean) / magnitude))).toBeLessThanOrEqual(1);
      });
    }
    network.dispose();
  });

  test('of the depthwise kind has a filter a channel; large maps are thinned out, wide lists cut', async () => {
    const network = build(
      [
        { kind: 'conv', filters: 70, kernel: 1 },
        { kind: 'separable-conv', filters: 4 },
      ],
      300,
      300,
    );
    const pictures = await pictureLayers(network, normalisation, pixelsOf(network));
    expect(names(pictures)).toEqual(['1.conv', '2.separable-conv/depthwise', '2.separable-conv/pointwise', 'pool', 'classifier']); // prettier-ignore
    expect(pictures[1]).toMatchObject({ kind: 'depthwise-conv', tiles: 64, columns: 8 });
    const activations = await decode(pictures[1]!.activationsPng!);
    expect(activations.width).toBe(8 * 151 - 1);
    const filters = await decode(pictures[1]!.filtersPng!);
    const kernel = network.variables.find(({ name }) => name === '2.separable-conv/depthwise/kernel')!;
    const values = kernel.variable.dataSync();
    const own = Array.from({ length: 9 }, (_, place) => values[place * 70 + 10]!);
    const magnitude = Math.max(...own.map(Math.abs));
    own.forEach((value, place) => {
      const grey = filters.at(31 + 10 * Math.floor(place / 3), 31 * 2 + 10 * (place % 3));
      expect(Math.abs(grey - (128 + (127 * value) / magnitude))).toBeLessThanOrEqual(1);
    });
    network.dispose();
  });
});

test('vectors are told as numbers; the last ones are the logits', async () => {
  const network = build([{ kind: 'conv', filters: 4 }, { kind: 'flatten' }, { kind: 'dense', units: 5 }]);
  const pictures = await pictureLayers(network, normalisation, pixelsOf(network));
  expect(names(pictures)).toEqual(['1.conv', '3.dense', 'classifier']);
  expect(pictures.map(({ values }) => values?.length ?? null)).toEqual([null, 5, 3]);
  expect(pictures[1]!.values!.every((value) => value >= 0)).toBe(true); // After its ReLU.
  expect(pictures[1]).toMatchObject({ activationsPng: null, filtersPng: null, tiles: 0 });
  network.dispose();
});

test('of a pre-activation block, and of squeeze-and-excitation, every step is a line while there is room', async () => {
  const block = { kind: 'residual', filters: 4, preActivation: true, squeezeExcite: 2 };
  const network = build([{ kind: 'conv', filters: 4 }, block]);
  const pictures = await pictureLayers(network, normalisation, pixelsOf(network));
  const inside = ['norm1', 'conv1', 'conv2', 'squeeze-excite/pool', 'squeeze-excite/squeeze', 'squeeze-excite/excite', 'squeeze-excite/multiply', 'add']; // prettier-ignore
  expect(names(pictures)).toEqual([
    '1.conv',
    ...inside.map((name) => `2.residual/${name}`),
    'pool',
    'classifier',
  ]);
  network.dispose();
});

test('a deep network is shown in few lines, the first and the last kept, and leaves nothing in memory', async () => {
  const before = engine.counts();
  const blocks = (count: number, preActivation: boolean) =>
    Array.from({ length: count }, () => ({ kind: 'residual', filters: 3, preActivation }));
  for (const [layers, some] of [
    [blocks(7, true), '4.residual/conv2'],
    [blocks(20, false), '9.residual/add'],
    [blocks(60, false), '1.residual/add'],
  ] as const) {
    const network = build([...layers]);
    const pictures = await pictureLayers(network, normalisation, pixelsOf(network));
    expect(pictures.length).toBeLessThanOrEqual(mostLines);
    expect(pictures.length).toBeGreaterThan(mostLines / 2);
    expect(new Set(names(pictures)).size).toBe(pictures.length);
    expect(names(pictures)).toContain(some);
    expect(names(pictures).at(-1)).toBe('classifier');
    network.dispose();
  }
  expect(engine.counts()).toEqual(before);
});

test.each(Object.entries(presets))('the preset %s can be shown', async (_, { recipe }) => {
  const network = buildNetwork(recipe, 10);
  const pictures = await pictureLayers(network, normalisation, pixelsOf(network));
  expect(pictures.some(({ filtersPng }) => filtersPng !== null)).toBe(true);
  expect(pictures.length).toBeLessThanOrEqual(mostLines);
  network.dispose();
});

test('pixels of another size are refused', async () => {
  const network = build([{ kind: 'flatten' }]);
  await expect(pictureLayers(network, normalisation, new Uint8Array(3))).rejects.toThrow(
    'pictureLayers expects 64 values for [8, 8, 1], received 3.',
  );
  network.dispose();
});
