/** Which augmentations turn images of one class into another: a head says what images are as they are and changed. Runs in workers. */
import * as tf from '@tensorflow/tfjs';
import type { FindingEntry } from '#contract/findings.ts';
import { Augmentation } from '#recipe/augmentation.ts';
import { greatest } from '#recipe/metrics/counts.ts';
import { normaliseRows } from '#learning/embeddings/vector-table.ts';
import { classTurns } from '#learning/findings/unsafe-augmentation.ts';
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
const all: readonly { name: string; augmentation: readonly Augmentation[]; ofColours?: true }[] = [
  {
    name: 'Horizontal flip',
    augmentation: [Augmentation.parse({ kind: 'horizontal-flip', probability: 1 })],
  },
  { name: 'Vertical flip', augmentation: [Augmentation.parse({ kind: 'vertical-flip', probability: 1 })] },
  { name: 'Rotation up to 90°', augmentation: [Augmentation.parse({ kind: 'rotation', degrees: 90 })] },
  {
    name: 'Grayscale',
    augmentation: [Augmentation.parse({ kind: 'grayscale', probability: 1 })],
    ofColours: true,
  },
];
/** A network of grey images cannot be asked about colours. */
const triedOn = (channels: number) => all.filter(({ ofColours }) => !ofColours || channels === 3);
export const triedNames = (channels: number) => triedOn(channels).map(({ name }) => name);

type Turn = Extract<FindingEntry, { measured: 'augmentation' }>;

/**
 * @param itemOf of a place among the pictures
 * @returns each pair of classes that is turned, without an image that another has already
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
      for (const [which, { augmentation }] of tried.entries()) {
        // The same list each time, so that it is traced once.
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
    const used = new Set<number>();
    return others.flatMap((said, which) => {
      const after = sample.map((_, at) => greatest(said, classes, at * classes));
      return classTurns(own, before, after).map(({ from, to, images, turned, turnedBack, p }): Turn => {
        const shown = sample.flatMap((index, at) =>
          own[at] === from && before[at] === from && after[at] === to && !used.has(index) ? [index] : [],
        );
        for (const index of shown) used.add(index);
        return {
          ...{ measured: 'augmentation', augmentation: tried[which]!.name, images, turned, turnedBack, p },
          ...{ from: classIds[from]!, to: classIds[to]! },
          itemIds: shown.map((index) => itemOf(places[index]!).id),
        };
      });
    });
  } finally {
    tf.dispose(changed);
  }
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
