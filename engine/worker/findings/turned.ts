/** Which augmentations turn images of one class into another: a head says what images are as they are and changed. Runs in workers. */
import * as tf from '@tensorflow/tfjs';
import { augmentationWords } from '#contract/finding-words.ts';
import type { FindingEntry } from '#contract/findings.ts';
import { Augmentation } from '#recipe/augmentation.ts';
import { greatest } from '#recipe/metrics/counts.ts';
import { normaliseRows } from '#learning/embeddings/vector-table.ts';
import { shareOut } from '#learning/findings/share-out.ts';
import { classTurns } from '#learning/findings/unsafe-augmentation.ts';
import { gatherRows } from '#learning/tensorflow/operations.ts';
import { generator, shuffle } from '#learning/random-numbers.ts';
import { toNetworkInput } from '../../images/decode/decode.ts';
import { ChangedOriginals, type Original } from '../../images/storage/changed-originals.ts';
import { storageOf } from '../../images/storage/storages.ts';
import type { LabelJudge } from './label-judge.ts';
import { refuseCancelled } from './pictures.ts';
import type { Vectors } from './vectors.ts';

/** Images that are looked at: each augmentation costs their embeddings once more. */
export const lookedAt = 400;
const together = 16;
/** Those that change what an image shows; the others of the recipe are made so that they do not. */
const all: readonly { tried: Augmentation; ofColours?: true }[] = [
  { tried: Augmentation.parse({ kind: 'horizontal-flip', probability: 1 }) },
  { tried: Augmentation.parse({ kind: 'vertical-flip', probability: 1 }) },
  { tried: Augmentation.parse({ kind: 'rotation', degrees: 90 }) },
  { tried: Augmentation.parse({ kind: 'grayscale', probability: 1 }), ofColours: true },
];
/** A network of grey images cannot be asked about colours. */
const triedOn = (channels: number) =>
  all.filter(({ ofColours }) => !ofColours || channels === 3).map(({ tried }) => tried);
export const triedNames = (channels: number) => triedOn(channels).map(augmentationWords);
/** Images of a pair of classes that are shown. */
const mostShown = 48;

type Turn = Extract<FindingEntry, { measured: 'augmentation' }>;

/**
 * @param itemOf of a place among the pictures
 * @returns each pair of classes that is turned; no image is in two
 * @throws CANCELLED
 */
export async function turnedClasses(
  project: string,
  itemOf: (place: number) => Original,
  { network }: Vectors,
  { head, labels, places, classIds }: LabelJudge,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (done: number, total: number) => void },
): Promise<Turn[]> {
  const order = shuffle(Int32Array.from(places.keys()), generator(1, places.length));
  const sample: number[] = [];
  const reader = network.open();
  const tried = triedOn(network.preprocessing.channels);
  // The same list each time, so that it is traced once.
  const lists = tried.map((augmentation) => [augmentation]);
  const features: Float32Array[][] = tried.map(() => []);
  const faults = new ChangedOriginals(project);
  const count = Math.min(lookedAt, order.length);
  try {
    for (let at = 0; at < count; at += together) {
      refuseCancelled(signal);
      onProgress(at, count);
      const inputs: Uint8Array[] = [];
      for (const index of order.subarray(at, Math.min(count, at + together))) {
        const item = itemOf(places[index]!);
        const picture = await storageOf(item.storage).picture(project, item, faults);
        if (!picture) continue;
        inputs.push(await toNetworkInput(picture, network.preprocessing, item.name));
        sample.push(index);
      }
      const pixels = Uint8Array.from(Buffer.concat(inputs));
      const rows = Int32Array.from(inputs.keys());
      for (const [which, augmentation] of lists.entries()) {
        const values = await reader.read(pixels, rows, { augmentation, seed: [1, at] }, { signal });
        normaliseRows(values, network.size);
        features[which]!.push(values.slice());
      }
    }
  } finally {
    reader.dispose();
  }
  const changed = features.map((parts) => head!.featuresOf(joined(parts)));
  try {
    const [plain, ...others] = await head!.judgeChanged(changed, Int32Array.from(sample));
    const classes = classIds.length;
    const own = sample.map((index) => labels[index]!);
    const before = sample.map((index) => greatest(plain!, classes, index * classes));
    const turns = others.flatMap((said, which) => {
      const after = sample.map((_, at) => greatest(said, classes, at * classes));
      return classTurns(own, before, after).map((turn) => {
        const sureness = (at: number) => said[at * classes + turn.to]!;
        const shown = [...sample.keys()]
          .filter((at) => own[at] === turn.from && before[at] === turn.from && after[at] === turn.to)
          .sort((a, b) => sureness(b) - sureness(a));
        return { ...turn, which, shown, sureness };
      });
    });
    const shared = shareOut(
      turns.map(({ shown }) => shown),
      mostShown,
    );
    const found: Turn[] = [];
    for (const [index, { from, to, images, turned, turnedBack, p, which, sureness }] of turns.entries()) {
      const shown = shared[index]!;
      const ofTo = Int32Array.from(labels.keys()).filter((at) => labels[at] === to);
      const likest = await likestOf(changed[which]!, shown, head!.features, ofTo);
      found.push({
        ...{ measured: 'augmentation', augmentation: tried[which]!, images, turned, turnedBack, p },
        ...{ from: classIds[from]!, to: classIds[to]! },
        itemIds: shown.map((at) => itemOf(places[sample[at]!]!).id),
        each: shown.map((at, place) => ({
          probability: Math.min(1, sureness(at)),
          like: itemOf(places[likest[place]!.index]!).id,
          similarity: Math.min(1, likest[place]!.cosine),
        })),
      });
    }
    return found;
  } finally {
    tf.dispose(changed);
  }
}

/**
 * Of each of these rows the likest one among others.
 * @param rows of `changed`, and `candidates` of `features`: both [n, size] with rows of length 1
 */
async function likestOf(
  changed: tf.Tensor2D,
  rows: readonly number[],
  features: tf.Tensor2D,
  candidates: Int32Array,
): Promise<{ index: number; cosine: number }[]> {
  if (rows.length === 0) return [];
  const product = tf.tidy(() => {
    const asked = gatherRows(changed, tf.tensor1d([...rows], 'int32'));
    return tf.matMul(asked, gatherRows(features, tf.tensor1d(candidates, 'int32')), false, true);
  });
  const cosines = (await product.data()) as Float32Array;
  product.dispose();
  return rows.map((_, row) => {
    const at = greatest(cosines, candidates.length, row * candidates.length);
    return { index: candidates[at]!, cosine: cosines[row * candidates.length + at]! };
  });
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
