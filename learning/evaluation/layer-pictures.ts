/**
 * What a network's layers make of one image, as grey pictures: what they answer, and the kernels they answer with.
 * Loading the image and the run, and giving pictures an address, is left to engine/worker.
 *
 * A line is a convolution, a dense layer, a pool, a sum or a product, shown after the norm and activation that follow
 * it and nothing else: as the next layer sees it. Norms and activations that stand on their own, such as those at the
 * head of a pre-activation block, are lines too where there is room. At most `mostLines` are shown: where there are
 * more, first those norms, the inside of squeeze-and-excitation and projections go, then all but the last of each
 * of the recipe's layers, then lines evenly, the first and the last kept.
 */
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import type { LayerPicture } from '#contract/probes.ts';
import type { NamedVariable, Network } from '#learning/model/network.ts';
import type { Operation, Plan } from '#recipe/operation.ts';
import { product } from '#recipe/shape.ts';
import { encodePng } from '#learning/files/png.ts';
import { type Normalisation, normalise } from '#learning/model/preprocessing.ts';

/** As the contract has it, with the pictures themselves where it has their addresses. */
export type PicturedLayer = Omit<LayerPicture, 'activations' | 'filters'> & {
  /** PNG, a tile a channel; null for a vector. */
  activationsPng: Uint8Array | null;
  /** PNG, a tile an output channel, in the places of the activations' tiles; null for what has no kernel wider than a pixel. */
  filtersPng: Uint8Array | null;
};

export const mostLines = 24;
export const mostTiles = 64;
const mostColumns = 8;
/** Pixels of a tile's longer side: smaller tiles are enlarged, larger ones thinned out, both by whole factors. */
const leastSide = 28;
const greatestSide = 256;
/** Grey of the line between two tiles: neither of the ends, nor the middle that stands for a weight of 0. */
const gapGrey = 64;
const zeroGrey = 128;

/**
 * One line for each operation worth showing, in the plan's order. A tile of activations reaches from black, its own
 * channel's least value, to white, its greatest; a channel of one value is black. A tile of filters is the mean over
 * input channels, mid-grey where it is 0, lighter above and darker below, as far as its own greatest magnitude.
 * Channels beyond `mostTiles` are left out.
 * @param pixels uint8 [height, width, channels] at the recipe's size
 * @throws INTERNAL where `pixels` has another size
 */
export async function pictureLayers(
  network: Network,
  normalisation: Normalisation,
  pixels: Uint8Array,
): Promise<PicturedLayer[]> {
  const { plan } = network;
  if (pixels.length !== product(plan.inputShape)) {
    throw new AtelierError(
      'INTERNAL',
      `pictureLayers expects ${product(plan.inputShape)} values for [${plan.inputShape.join(', ')}], received ${pixels.length}.`,
    );
  }
  const lines = linesOf(plan);
  const shown = tf.tidy(() => {
    const [height, width, channels] = plan.inputShape as [number, number, number];
    const image = tf.tensor4d(Float32Array.from(pixels), [1, height, width, channels]);
    const outputs = network.outputs(normalise(image, normalisation), { training: false });
    // Cloned: an operation that does nothing gives its input, and the same tensor would be let go twice.
    return lines.map(({ shown }) => tf.clone(outputs[shown]!));
  });
  const pictures: PicturedLayer[] = [];
  try {
    for (const [position, { operation }] of lines.entries()) {
      const values = (await shown[position]!.data()) as Float32Array;
      const kernel = network.variables.find(({ name }) => name === `${operation.name}/kernel`);
      pictures.push(await pictureOf(operation, values, kernel));
    }
  } finally {
    tf.dispose(shown);
  }
  return pictures;
}

async function pictureOf(
  { name, kind, outputShape, weights }: Operation,
  values: Float32Array,
  kernel: NamedVariable | undefined,
): Promise<PicturedLayer> {
  const line = { name, kind, outputShape: [...outputShape] };
  if (outputShape.length === 1) {
    // JSON has neither infinity nor what is not a number.
    const finite = Array.from(values, (value) => (Number.isFinite(value) ? value : 0));
    return { ...line, activationsPng: null, values: finite, filtersPng: null, tiles: 0, columns: 0 };
  }
  const [height, width, channels] = outputShape as [number, number, number];
  const tiles = Math.min(channels, mostTiles);
  const columns = Math.min(tiles, mostColumns);
  const activations = Array.from({ length: tiles }, (_, channel) =>
    fromLeastToGreatest(
      Float32Array.from({ length: height * width }, (_, i) => values[i * channels + channel]!),
    ),
  );
  const [side] = weights[0]?.role === 'kernel' ? weights[0].shape : [1];
  const filters =
    kernel && side! > 1
      ? meanKernels(kernel, (await kernel.variable.data()) as Float32Array, tiles).map(aboutZero)
      : null;
  return {
    ...line,
    activationsPng: draw(activations, height, width, columns),
    values: null,
    filtersPng: filters && draw(filters, side!, side!, columns),
    tiles,
    columns,
  };
}

/** [side, side] of each of the first `count` output channels. */
function meanKernels({ weight }: NamedVariable, values: Float32Array, count: number): Float32Array[] {
  const [height, width, channels, filters] = weight.shape as [number, number, number, number];
  // A depthwise kernel, [height, width, channels, 1], has one input for each output.
  const [inputs, outputs] = weight.groups === undefined ? [channels, filters] : [1, channels * filters];
  return Array.from({ length: count }, (_, output) =>
    Float32Array.from({ length: height * width }, (_, place) => {
      let sum = 0;
      for (let input = 0; input < inputs; input += 1)
        sum += values[(place * inputs + input) * outputs + output]!;
      return sum / inputs;
    }),
  );
}

/** Greys from 0 at the least value to 255 at the greatest; what is not finite is 0. */
function fromLeastToGreatest(values: Float32Array): Uint8Array {
  const finite = values.filter(Number.isFinite);
  const least = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const range = finite.reduce((a, b) => Math.max(a, b), -Infinity) - least;
  return Uint8Array.from(values, (value) =>
    range > 0 && Number.isFinite(value) ? Math.round((255 * (value - least)) / range) : 0,
  );
}

/** Greys about `zeroGrey`, from 1 to 255. */
function aboutZero(values: Float32Array): Uint8Array {
  const magnitude = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Uint8Array.from(values, (value) =>
    magnitude > 0 ? Math.round(zeroGrey + ((255 - zeroGrey) * value) / magnitude) : zeroGrey,
  );
}

/** Tiles of [height, width] greys in rows, a pixel apart. */
function draw(tiles: Uint8Array[], height: number, width: number, columns: number): Uint8Array {
  const longer = Math.max(height, width);
  const factor = Math.ceil(leastSide / longer);
  const step = Math.ceil(longer / greatestSide);
  const sizeOf = (side: number) => Math.ceil(side / step) * factor;
  const [tileHeight, tileWidth] = [sizeOf(height), sizeOf(width)];
  const rows = Math.ceil(tiles.length / columns);
  const [fullHeight, fullWidth] = [rows * (tileHeight + 1) - 1, columns * (tileWidth + 1) - 1];
  const picture = new Uint8Array(fullHeight * fullWidth).fill(gapGrey);
  tiles.forEach((tile, index) => {
    const top = Math.floor(index / columns) * (tileHeight + 1);
    const left = (index % columns) * (tileWidth + 1);
    for (let y = 0; y < tileHeight; y += 1) {
      const from = Math.floor(y / factor) * step * width;
      const to = (top + y) * fullWidth + left;
      for (let x = 0; x < tileWidth; x += 1) {
        picture[to + x] = tile[from + Math.floor(x / factor) * step]!;
      }
    }
  });
  return encodePng(picture, fullWidth, fullHeight, 1);
}

interface Line {
  operation: Operation;
  /** Index of the operation whose output is shown: the last that only works on this one's. */
  shown: number;
}

function linesOf({ operations }: Plan): Line[] {
  const readers = operations.map((): number[] => []);
  operations.forEach(({ inputs }, index) => inputs.forEach((input) => readers[input]?.push(index)));
  const all: Line[] = [];
  const followers = new Set<number>();
  operations.forEach((operation, index) => {
    if (followers.has(index) || hidden(operation)) return;
    let shown = index;
    for (;;) {
      const [next, ...others] = readers[shown]!;
      if (next === undefined || others.length > 0 || !refines(operations[next]!)) break;
      followers.add(next);
      shown = next;
    }
    all.push({ operation, shown });
  });
  const main = all.filter(({ operation }) => !minor(operation));
  const lastOfLayer = main.filter(({ operation }, i) => main[i + 1]?.operation.layer !== operation.layer);
  const enough = [all, main, lastOfLayer].find(({ length }) => length <= mostLines);
  if (enough) return enough;
  return Array.from(
    { length: mostLines },
    (_, i) => lastOfLayer[Math.round((i * (lastOfLayer.length - 1)) / (mostLines - 1))]!,
  );
}

/** Works on a map value by value, or does nothing outside training. */
function refines({ kind }: Operation): boolean {
  return kind === 'batch-norm' || kind === 'layer-norm' || kind === 'activation' || hidden({ kind });
}

/** The same numbers as before it. */
function hidden({ kind }: Pick<Operation, 'kind'>): boolean {
  return kind === 'flatten' || kind === 'dropout' || kind === 'spatial-dropout';
}

function minor(operation: Operation): boolean {
  const { kind, name } = operation;
  if (refines(operation) || name.endsWith('/shortcut')) return true;
  return /squeeze-excite\//.test(name) && kind !== 'multiply';
}
