/** Task `slices`: which slices of a part's images hold more wrong answers than the rest, by their facts, classes, places and embeddings. */
import { extname, posix } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { type SliceFact, sliceFactKeys } from '#contract/slices.ts';
import { type Candidate, endsOf, groupsOf } from '#learning/slices/candidates.ts';
import { falseDiscoveryRate, findSlices, leastImages } from '#learning/slices/find-slices.ts';
import { kMeans, shortened } from '#learning/slices/k-means.ts';
import { colourFacts } from '#learning/exploration/colour-facts.ts';
import { imageFacts } from '#learning/findings/image-facts.ts';
import { inTurns } from '#learning/work-in-turns.ts';
import { greatest } from '#recipe/metrics/counts.ts';
import type { Original } from '../../images/storage/changed-originals.ts';
import { originalsUpTo } from '../../images/storage/originals.ts';
import { readThumbnails } from '../../images/thumbnails/read-thumbnails.ts';
import { pixelsOf } from '../../images/thumbnails/thumbnail-pixels.ts';
import { readFloat32, readInt32 } from '../../project/arrays.ts';
import { keepClassifierFeatures, readClassifierFeatures } from '../classifier-features.ts';
import { readVectors } from '../findings/vectors.ts';
import { openModel } from '../model.ts';
import type { Input, Result, TaskFunction } from '../protocol.ts';
import type { SliceOfPart } from '../why-tasks.ts';

const seed = 1;
const mostClusters = 20;
/** Of a cluster, on average. */
const clusterImages = 40;
const toldEach = 64;

type Context = Parameters<TaskFunction<'slices'>>[1];

export const slices: TaskFunction<'slices'> = async (input, context) => {
  const rows = await readInt32(input.rows);
  const labels = await readInt32(input.labels);
  const probabilities = await readFloat32(input.predictions);
  const classCount = probabilities.length / rows.length;
  const wrong = Uint8Array.from(labels, (label, at) =>
    Number(greatest(probabilities, classCount, at * classCount) !== label),
  );
  const all = originalsUpTo(input.project, input.lastItemId);
  const items = Array.from(rows, (row) => all[row]!);
  const { facts, unread } = await factsOf(input.project, items, context);
  const clusters = await clustersOf(input, all, rows, labels, context);
  const { tried, slices: found } = findSlices(wrong, labels, [
    ...groupsOf(labels).map(named((place): SliceOfPart => ({ by: 'class', place }))),
    ...sliceFactKeys.flatMap((fact) =>
      endsOf(facts[fact]).map(({ condition: end, places }) => ({
        condition: { by: 'fact' as const, fact, ...end },
        places,
        family: `${fact} ${end.side}`,
      })),
    ),
    ...groupsOf(items.map(fileType)).map(named((name): SliceOfPart => ({ by: 'file-type', name }))),
    ...groupsOf(items.map(({ sourceId }) => sourceId)).map(
      named((sourceId): SliceOfPart => ({ by: 'source', sourceId })),
    ),
    ...groupsOf(items.map(folder)).map(named((name): SliceOfPart => ({ by: 'folder', name }))),
    ...(clusters?.candidates ?? []),
  ]);
  return {
    ...{ images: rows.length, wrong: wrong.reduce((sum, one) => sum + one, 0), tried, unread },
    ...{ falseDiscoveryRate, leastImages, clusteredBy: clusters?.by ?? null },
    slices: found.map(({ places, ...slice }, at) => ({
      ...{ id: String(at + 1), ...slice },
      ...{ images: places.length, places: [...places] },
    })),
  } satisfies Result<'slices'>;
};

const named =
  <F, T>(into: (from: F) => T) =>
  ({ condition, places }: Candidate<F>): Candidate<T> => ({ condition: into(condition), places });

/** null of an image that is one of many in a file. */
function fileType({ name }: Original): string | null {
  const type = extname(name).slice(1).toLowerCase();
  return type === '' || !/^[a-z0-9]{1,8}$/.test(type) ? null : type === 'jpeg' ? 'jpg' : type;
}
function folder({ name }: Original): string | null {
  const found = posix.dirname(name.replaceAll('\\', '/'));
  return found === '.' ? null : found;
}

/** Of the thumbnails, as the charts of the data have them, and of the images' own sizes. */
async function factsOf(project: string, items: readonly Original[], { emit, signal }: Context) {
  const facts = Object.fromEntries(
    sliceFactKeys.map((key) => [key, new Float64Array(items.length).fill(NaN)]),
  ) as Record<SliceFact, Float64Array>;
  let [done, unread] = [0, 0];
  await readThumbnails(project, items, pixelsOf, ({ width, height }, thumbnail, at) => {
    if (signal.aborted)
      throw new AtelierError('CANCELLED', 'Looking for slices was cancelled. What was known before stays.');
    facts.pixels[at] = width * height;
    facts.aspect[at] = width / height;
    if (thumbnail) {
      const { pixels, channels } = thumbnail;
      const found = imageFacts(pixels, thumbnail.width, thumbnail.height, channels);
      facts.brightness[at] = found.brightness;
      facts.contrast[at] = found.contrast;
      facts.sharpness[at] = found.sharpness;
      facts.saturation[at] = colourFacts(pixels, channels).saturation;
    } else unread += 1;
    done += 1;
    if (done % toldEach === 0 || done === items.length)
      emit({ kind: 'step', done, total: items.length, unit: 'images' });
  });
  return { facts, unread };
}

/** Clusters of the project's embeddings where all these images have one, else of what the run's classifier looks at. Null of too few images. */
async function clustersOf(
  { project, folder: runFolder, lastItemId, origin }: Input<'slices'>,
  all: readonly Original[],
  rows: Int32Array,
  labels: Int32Array,
  context: Context,
): Promise<{ by: 'project' | 'run'; candidates: Candidate<SliceOfPart>[] } | null> {
  const k = Math.min(mostClusters, Math.floor(rows.length / clusterImages));
  if (k < 2) return null;
  const { signal } = context;
  const what = 'looking for slices';
  const known = origin && (await readVectors(project, all, rows, origin));
  const by = known?.places.length === rows.length ? 'project' : 'run';
  let size: number;
  let vectors: Float32Array;
  if (known && by === 'project') {
    ({ vectors, size } = await inTurns(shortened(known.values, known.size, seed), what, signal));
  } else {
    const model = await openModel(runFolder, null);
    const asked = { project, lastItemId, rows };
    await keepClassifierFeatures(model, asked, context);
    const blocks: Float32Array[] = [];
    const lacking = await readClassifierFeatures(model, asked, (_, features) => blocks.push(features));
    // Whoever took them away meanwhile costs this run its clusters only.
    if (lacking > 0) return null;
    const short = [];
    for (const block of blocks)
      short.push(await inTurns(shortened(block, model.outputs.size, seed), what, signal));
    size = short[0]!.size;
    vectors = new Float32Array(rows.length * size);
    let at = 0;
    for (const { vectors: some } of short) {
      vectors.set(some, at);
      at += some.length;
    }
  }
  const clusterOf = await inTurns(kMeans(vectors, size, k, seed), what, signal);
  const candidates = groupsOf(clusterOf).map(({ condition: cluster, places }) => ({
    condition: { by: 'cluster' as const, cluster, ...commonest(places, labels) },
    places,
  }));
  return { by, candidates };
}

function commonest(places: Int32Array, labels: Int32Array): { mostly: number; share: number } {
  const counts = new Map<number, number>();
  for (const at of places) counts.set(labels[at]!, (counts.get(labels[at]!) ?? 0) + 1);
  const [mostly, count] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]!;
  return { mostly, share: count / places.length };
}
