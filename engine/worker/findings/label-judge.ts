/**
 * What models that did not learn from an image say of it: a head on embeddings out of fold, a run where it was evaluated, or the
 * nearest images. It is asked anew with other labels where faults were planted. Runs in workers.
 */
import type * as tf from '@tensorflow/tfjs';
import type { LabelEvidence } from '#contract/findings.ts';
import { type Neighbours, nearestOthers } from '#learning/embeddings/nearest-others.ts';
import { VectorTable } from '#learning/embeddings/vector-table.ts';
import { meanOf } from '#learning/findings/embedding-duplicates.ts';
import type { Predicted } from '#learning/label-errors/confident-joint.ts';
import { meanProbabilities } from '#learning/label-errors/label-quality.ts';
import { neighbourVotes } from '#learning/label-errors/neighbour-votes.ts';
import { outOfFold } from '#learning/regression/out-of-fold.ts';
import { assignFolds } from '#learning/splits/assign-groups.ts';
import { centred, type Vectors } from './vectors.ts';

const folds = 5;
/** Fewer images of a class are in fewer folds than there are: nothing is said of them. */
export const leastOfClass = folds;
/** Fewer labelled images make no head that is worth asking. */
const leastForHead = 50;
const neighbours = 15;
/** Each image is compared with each for the nearest: beyond this that takes minutes. */
const mostForNeighbours = 100_000;
const learning = { decay: 1, evaluations: 80 };

export interface LabelJudge {
  evidence: LabelEvidence;
  /** Of the images that it judges, rising. */
  places: Int32Array;
  /** Class index of each, as it is given. */
  labels: Int32Array;
  classIds: readonly number[];
  /** What it says of them where they have these labels. @throws CANCELLED */
  judge(labels: Int32Array): Promise<Predicted>;
  /** Where it is a head: of the same images and of others too, such as the same ones changed. */
  head: Head | null;
  dispose(): void;
}

export interface Head {
  /** Of the judged images, each row of length 1, so that a product of two is a cosine; the judge's to dispose of. */
  features: tf.Tensor2D;
  /** Embeddings as the head takes them; the caller's to dispose of. */
  featuresOf(values: Float32Array): tf.Tensor2D;
  /** @param at of the judged images that each list of features is of. @returns [images, classes] of all, then of each list */
  judgeChanged(changed: readonly tf.Tensor2D[], at: Int32Array): Promise<Float64Array[]>;
}

/** Places of images of classes that have enough, and their class indices. @param classOf class id of each place; not positive for none */
export function labelled(
  classOf: Int32Array,
  places: Int32Array,
  least = leastOfClass,
): { places: Int32Array; labels: Int32Array; classIds: number[] } {
  const counts = new Map<number, number>();
  for (const place of places) counts.set(classOf[place]!, (counts.get(classOf[place]!) ?? 0) + 1);
  const classIds = [...counts]
    .filter(([id, count]) => id > 0 && count >= least)
    .map(([id]) => id)
    .sort((a, b) => a - b);
  const indexOf = new Map(classIds.map((id, index) => [id, index]));
  const kept = places.filter((place) => indexOf.has(classOf[place]!));
  return { places: kept, labels: kept.map((place) => indexOf.get(classOf[place]!)!), classIds };
}

/**
 * A head where there is enough to learn it from, else the votes of the nearest images.
 * @param embeddingRun name of the run that computed the vectors; null where a backbone did
 * @param groups images of one group are learned from and judged apart
 * @returns null where fewer than two classes have images with an embedding
 */
export async function judgeByVectors(
  { places: embedded, values, size }: Vectors,
  embeddingRun: string | null,
  classOf: Int32Array,
  groups: Int32Array,
  onFold: () => void,
): Promise<LabelJudge | null> {
  const enough = labelled(classOf, embedded);
  const isHead = enough.classIds.length > 1 && enough.places.length >= leastForHead;
  const { places, labels, classIds } = isHead ? enough : labelled(classOf, embedded, 2);
  if (classIds.length < 2) return null;
  const classes = classIds.length;
  const at = new Map(Array.from(embedded, (place, index) => [place, index]));
  const own = new Float32Array(places.length * size);
  places.forEach((place, index) => {
    const from = at.get(place)! * size;
    own.set(values.subarray(from, from + size), index * size);
  });
  const near = places.length <= mostForNeighbours ? await nearest(own, size) : null;
  if (!isHead)
    return {
      ...{
        evidence: { by: 'neighbours', count: near!.count, embeddingRun },
        places,
        labels,
        classIds,
        head: null,
      },
      judge: (given) =>
        Promise.resolve({ labels: given, probabilities: neighbourVotes(near!, given, classes), classes }),
      dispose: () => undefined,
    };

  const mean = meanOf(own, size);
  const featuresOf = (some: Float32Array) => centred(some, size, mean);
  const features = featuresOf(own);
  const images = Array.from(labels, (stratum, id) => ({ id, stratum, group: groups[places[id]!]! }));
  const { foldOf } = assignFolds(images, folds, 1);
  const options = { ...learning, classes, onFold };
  return {
    ...{
      evidence: { by: 'head', folds, neighbours: near?.count ?? null, embeddingRun },
      places,
      labels,
      classIds,
    },
    async judge(given) {
      const [ofHead] = await outOfFold([{ features, foldOf }], given, options);
      const probabilities = near
        ? meanProbabilities([ofHead!, neighbourVotes(near, given, classes)])
        : ofHead!;
      return { labels: given, probabilities, classes };
    },
    head: {
      features,
      featuresOf,
      judgeChanged: (changed, which) =>
        outOfFold(
          [
            { features, foldOf },
            ...changed.map((each) => ({ features: each, foldOf: which.map((index) => foldOf[index]!) })),
          ],
          labels,
          options,
        ),
    },
    dispose: () => features.dispose(),
  };
}

async function nearest(values: Float32Array, size: number): Promise<Neighbours> {
  const table = new VectorTable(size);
  table.append(values.slice());
  try {
    return await nearestOthers(table, Math.min(neighbours, values.length / size - 1));
  } finally {
    table.dispose();
  }
}

/** What a run said. @param said of images at these places, float32 [n, classes]; others of them are left out */
export function judgeByRun(
  evidence: Extract<LabelEvidence, { by: 'run' }>,
  said: { places: Int32Array; probabilities: Float32Array; classIds: readonly number[] },
  classOf: Int32Array,
): LabelJudge | null {
  const { classIds } = said;
  const classes = classIds.length;
  const indexOf = new Map(classIds.map((id, index) => [id, index]));
  const known = [...said.places.keys()]
    .filter((row) => said.places[row]! >= 0 && indexOf.has(classOf[said.places[row]!]!))
    .sort((a, b) => said.places[a]! - said.places[b]!);
  if (known.length === 0 || classes < 2) return null;
  const probabilities = new Float32Array(known.length * classes);
  known.forEach((row, index) =>
    probabilities.set(said.probabilities.subarray(row * classes, (row + 1) * classes), index * classes),
  );
  const places = Int32Array.from(known, (row) => said.places[row]!);
  return {
    ...{ evidence, places, classIds, head: null },
    labels: places.map((place) => indexOf.get(classOf[place]!)!),
    judge: (labels) => Promise.resolve({ labels, probabilities, classes }),
    dispose: () => undefined,
  };
}
