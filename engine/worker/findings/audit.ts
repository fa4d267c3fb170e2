/**
 * The finders put to the test on a person's own data: known label flips and near copies are planted in memory, never in the project, and
 * it is counted how many come up. Which faults is learning/findings/audit.ts. Runs in workers.
 */
import sharp from 'sharp';
import type { FindingAudit } from '#contract/findings.ts';
import { plantFaults, type PlantedCopy } from '#learning/findings/audit.ts';
import { picturePixels } from '#learning/findings/grey-picture.ts';
import { findLabelErrors } from '#learning/label-errors/label-errors.ts';
import { normaliseRows } from '#learning/embeddings/vector-table.ts';
import { toNetworkInput } from '../../images/decode/decode.ts';
import { ChangedOriginals, type Original } from '../../images/storage/changed-originals.ts';
import { type Alike, clustersOf, findAlikeOfNew } from './alike.ts';
import type { LabelJudge } from './label-judge.ts';
import { atScale, greyOf, lookAt, type LookedAt } from './pictures.ts';
import type { Vectors } from './vectors.ts';

const seed = 20;
/** More would be a fault in every tenth image or more: that would not be this data any more. */
const mostShare = 0.1;

/** @throws CANCELLED */
export async function auditLabels(judge: LabelJudge, wanted: number): Promise<FindingAudit['flips']> {
  const { labels } = judge;
  const errors = Math.min(wanted, Math.floor(mostShare * labels.length));
  if (errors === 0) return null;
  const planted = plantFaults(labels, { errors, copies: 0, seed });
  const suspects = findLabelErrors(await judge.judge(planted.labels));
  const flipped = new Set(planted.errors);
  const found = suspects.filter(({ place }) => flipped.has(place)).length;
  return { planted: errors, found, suspects: suspects.length };
}

/** @param grey [n, 32, 32] @param itemOf of a place @throws CANCELLED */
export async function auditCopies(
  project: string,
  itemOf: (place: number) => Original,
  {
    grey,
    contents,
    alike,
    vectors,
  }: { grey: Uint8Array; contents: string[]; alike: Alike; vectors: Vectors | null },
  wanted: number,
  signal: AbortSignal,
): Promise<FindingAudit['copies']> {
  const count = contents.length;
  const copies = Math.min(wanted, Math.floor(mostShare * count));
  if (copies === 0) return null;
  const planted = plantFaults(new Int32Array(count), { errors: 0, copies, seed }).copies;
  const faults = new ChangedOriginals(project);
  const made: { of: number; grey: Uint8Array; input: Uint8Array | null }[] = [];
  for (const copy of planted) {
    const { name } = itemOf(copy.of);
    const looked = await lookAt(project, itemOf(copy.of), faults);
    if (!looked) continue;
    const file = await copyOf(looked, copy);
    const input = vectors && (await toNetworkInput(file, vectors.network.preprocessing, name));
    made.push({ of: copy.of, grey: greyOf(await atScale(file, name)), input });
  }
  const all = new Uint8Array((count + made.length) * picturePixels);
  all.set(grey);
  made.forEach((copy, at) => all.set(copy.grey, (count + at) * picturePixels));
  const embeddings =
    vectors &&
    (await embedded(
      vectors,
      made.map(({ input }) => input!),
      signal,
    ));
  const more = await findAlikeOfNew(alike, all, count, vectors, embeddings, signal);
  const clusters = clustersOf([...contents, ...made.map(() => '')], more);
  const clusterOf = new Map(clusters.flatMap(({ members }, at) => members.map((place) => [place, at])));
  const found = made.filter(({ of }, at) => {
    const cluster = clusterOf.get(count + at);
    return cluster !== undefined && cluster === clusterOf.get(of);
  });
  return { planted: made.length, found: found.length };
}

async function embedded(
  { network }: Vectors,
  inputs: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<Float32Array> {
  const reader = network.open();
  try {
    const pixels = Uint8Array.from(Buffer.concat(inputs));
    const values = await reader.read(pixels, Int32Array.from(inputs.keys()), null, { signal });
    normaliseRows(values, network.size);
    return values;
  } finally {
    reader.dispose();
  }
}

/** Moved, mirrored, made brighter or darker and encoded as JPEG. What comes in at the edge has the median colour of the edge. */
async function copyOf(
  { pixels, width, height, channels }: LookedAt,
  { right, down, brightness, mirrored, quality }: PlantedCopy,
): Promise<Buffer> {
  const [byX, byY] = [Math.round(right * width), Math.round(down * height)];
  const edge = Array.from({ length: channels }, (_, channel) =>
    edgeColour(pixels, width, height, channels, channel),
  );
  const changed = Buffer.alloc(pixels.length);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const fromX = (mirrored ? width - 1 - x : x) - byX;
      const fromY = y - byY;
      const inside = fromX >= 0 && fromY >= 0 && fromX < width && fromY < height;
      for (let channel = 0; channel < channels; channel += 1) {
        const value = inside ? pixels[(fromY * width + fromX) * channels + channel]! : edge[channel]!;
        changed[(y * width + x) * channels + channel] = Math.min(255, Math.round(value * brightness));
      }
    }
  return sharp(changed, { raw: { width, height, channels } }).jpeg({ quality }).toBuffer();
}

function edgeColour(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: number,
  channel: number,
): number {
  const values: number[] = [];
  for (let x = 0; x < width; x += 1)
    for (const y of [0, height - 1]) values.push(pixels[(y * width + x) * channels + channel]!);
  return values.sort((a, b) => a - b)[width]!;
}
