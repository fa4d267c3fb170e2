/**
 * A place in the plane for each embedding, so that images that are alike lie beside each other: UMAP (McInnes et al. 2018) by
 * umap-js, from exact neighbours and principal components. Of very many images UMAP lays out some, and the others are
 * placed by those of these that they are most like. Keeping the map is the caller's.
 */
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { UMAP } from 'umap-js';
import { AtelierError } from '#contract/errors.ts';
import { generator, normal, shuffle } from '#learning/random-numbers.ts';
import { nearestAmong, nearestOthers, type Neighbours } from './nearest-others.ts';
import { principalComponents } from './principal-components.ts';
import { VectorTable } from './vector-table.ts';

/** Fewer have no shape to show. */
export const leastMapped = 8;
/** Images that UMAP lays out at most: it takes seconds for these, and minutes and gigabytes for 70,000. */
export const mostLaidOut = 15_000;
/** As umap-learn has them: neighbours of each image, and how near to each other points may lie. */
const neighboursOfEach = 15;
const minDist = 0.1;
/** Half the side of the square that the layout begins in. */
const extent = 10;
/** Against points that begin at the same place and never part. */
const jitter = 1e-3;
/** Images that a further one is placed by. */
const placedBy = 4;
/** A neighbour much less alike than the nearest one has little say. */
const sharpness = 4;

export type MapStep = 'comparing' | 'laying out' | 'placing';

export interface MapLayout {
  /** [images, 2] */
  coordinates: Float32Array;
  /** How many of them UMAP laid out. */
  laidOut: number;
}

/**
 * The same table and seed, on the same machine: the same map.
 * @param tell how far a step is: images compared or placed, epochs laid out
 * @param most images that UMAP lays out
 * @throws CANCELLED, and NOT_ENOUGH_DATA below `leastMapped` images
 */
export async function mapLayout(
  table: VectorTable,
  seed: number,
  tell: (step: MapStep, done: number, total: number) => void,
  signal: AbortSignal,
  most = mostLaidOut,
): Promise<MapLayout> {
  const { length } = table;
  if (length < leastMapped)
    throw new AtelierError(
      'NOT_ENOUGH_DATA',
      `Expected at least ${leastMapped} images with an embedding to draw a map of, received ${length}. Import more images, or compute the embeddings first.`,
    );
  const turn = async () => {
    await turnOfEventLoop();
    if (signal.aborted) throw new AtelierError('CANCELLED', 'Cancelled while drawing the map.');
  };
  const told = (step: MapStep, total: number) => (done: number) => (tell(step, done, total), turn());
  if (length <= most) return { coordinates: await layOut(table, seed, told), laidOut: length };

  const order = shuffle(
    Int32Array.from({ length }, (_, place) => place),
    generator(seed, 1),
  );
  const chosen = order.slice(0, most).sort();
  const rest = order.slice(most).sort();
  const sample = await someOf(table, chosen);
  try {
    const laidOut = await layOut(sample, seed, told);
    const near = await nearestAmong(table, rest, sample, placedBy, told('placing', rest.length));
    const coordinates = new Float32Array(2 * length);
    chosen.forEach((place, at) => coordinates.set(laidOut.subarray(2 * at, 2 * at + 2), 2 * place));
    rest.forEach((place, at) => coordinates.set(placeBy(near, at, laidOut), 2 * place));
    return { coordinates, laidOut: most };
  } finally {
    sample.dispose();
  }
}

type Told = (step: MapStep, total: number) => (done: number) => Promise<void>;

async function layOut(table: VectorTable, seed: number, told: Told): Promise<Float32Array> {
  const { length } = table;
  const others = Math.min(neighboursOfEach, length - 2) - 1;
  const near = await nearestOthers(table, others, told('comparing', length));
  const uniform = generator(seed, 2);
  const umap = new UMAP({ nComponents: 2, nNeighbors: others + 1, minDist, random: uniform });
  // Itself is among an image's neighbours there.
  const places = Array.from({ length }, (_, at) => [at, ...rowOf(near.places, at, others)]);
  const distances = Array.from({ length }, (_, at) => [
    0,
    ...rowOf(near.cosines, at, others).map((cosine) => Math.max(0, 1 - cosine)),
  ]);
  umap.setPrecomputedKNN(places, distances);
  // Of the images themselves it looks at the number only, once their neighbours are known.
  const epochs = umap.initializeFit(places);
  begin(umap.getEmbedding(), await principalComponents(table), uniform);
  const tell = told('laying out', epochs);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    umap.step();
    await tell(epoch + 1);
  }
  return Float32Array.from(umap.getEmbedding().flat());
}

/** The points of umap-js are moved to where the layout is to begin; it goes on from the same arrays. */
function begin(points: number[][], components: Float32Array, uniform: () => number): void {
  const largest = components.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = largest === 0 ? 0 : extent / largest;
  const noise = normal(uniform);
  points.forEach((point, at) => {
    for (const axis of [0, 1]) point[axis] = components[2 * at + axis]! * scale + jitter * noise();
  });
}

/** The mean of where its neighbours lie, by how alike they are. */
function placeBy({ count, places, cosines }: Neighbours, at: number, laidOut: Float32Array): number[] {
  const [nearest] = rowOf(cosines, at, count);
  let [x, y, sum] = [0, 0, 0];
  rowOf(places, at, count).forEach((place, rank) => {
    const weight = Math.exp(
      (sharpness * (cosines[at * count + rank]! - nearest!)) / Math.max(1e-3, 1 - nearest!),
    );
    x += weight * laidOut[2 * place]!;
    y += weight * laidOut[2 * place + 1]!;
    sum += weight;
  });
  return [x / sum, y / sum];
}

const rowOf = (values: ArrayLike<number>, row: number, width: number): number[] =>
  Array.from({ length: width }, (_, at) => values[row * width + at]!);

/** A table of some places of another, in this order. */
async function someOf(table: VectorTable, places: Int32Array): Promise<VectorTable> {
  const some = new VectorTable(table.size);
  const vectors = table.gather(places);
  try {
    some.append((await vectors.data()) as Float32Array);
  } finally {
    vectors.dispose();
  }
  return some;
}
