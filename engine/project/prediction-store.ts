/**
 * A run's predictions for the items of a split, with the labels as they were when it was evaluated: behind the confusion
 * matrix's cells, the item pages and the export. Their files are prediction-files.ts.
 */
import { existsSync } from 'node:fs';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { AtelierError } from '#contract/errors.ts';
import type { RunComparison } from '#contract/evaluation.ts';
import { type ItemFilter, type Split, splitNames } from '#contract/project.ts';
import { greatest } from '#recipe/metrics/counts.ts';
import { comparePairs, countPairs } from '#recipe/statistics/paired.ts';
import { readFloat32, readInt32 } from './arrays.ts';
import type { BehindCells } from './columns.ts';
import { asWritten, predictionFiles } from './prediction-files.ts';
import type { Runs } from './runs.ts';

export interface Predictions {
  itemIds: Int32Array;
  /** Class index of each item. */
  labels: Int32Array;
  /** [items, classes] */
  probabilities: Float32Array;
  classCount: number;
  /** Index of each item's most probable class: to find it for 50,000 items of 1,000 classes takes a while. */
  predicted: Int32Array;
}

/** Keeps the predictions last read, by evaluation. */
export class PredictionStore {
  readonly #kept = new Map<string, Promise<Predictions>>();
  readonly #byItem = new WeakMap<Predictions, Map<number, number>>();

  constructor(private readonly runs: Runs) {}

  /** null where the split has not been evaluated */
  async of(runId: string, split: Split): Promise<Predictions | null> {
    const key = this.#key(runId, split);
    if (!key) return null;
    const kept = this.#kept.get(key) ?? this.#read(runId, split);
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    kept.catch(() => this.#kept.delete(key));
    if (this.#kept.size > 6) this.#kept.delete(this.#kept.keys().next().value!);
    return kept;
  }

  #key(runId: string, split: Split): string | null {
    const evaluatedAt = this.runs.evaluatedAt(runId, split);
    return evaluatedAt && [runId, split, evaluatedAt].join(' ');
  }

  async #read(runId: string, split: Split): Promise<Predictions> {
    const files = predictionFiles(this.runs.folderOf(runId), split);
    const classCount = this.runs.classesOf(runId).length;
    if (!existsSync(files.predictions) || !(await asWritten(files))) throw lost(runId, split);
    const itemIds = await readInt32(files.items);
    const labels = await readInt32(files.labels);
    const probabilities = await readFloat32(files.predictions);
    if (labels.length !== itemIds.length || probabilities.length !== itemIds.length * classCount) {
      throw lost(runId, split);
    }
    return {
      itemIds,
      labels,
      probabilities,
      classCount,
      predicted: await mostProbable(probabilities, classCount),
    };
  }

  /** The run's predictions for these items, null for those that were not evaluated. */
  async lookUp(runId: string, itemIds: number[]) {
    const found: ({ probabilities: number[]; predicted: number } | null)[] = itemIds.map(() => null);
    for (const split of splitNames) {
      const predictions = await this.of(runId, split);
      if (!predictions) continue;
      let places = this.#byItem.get(predictions);
      if (!places) {
        places = new Map(Array.from(predictions.itemIds, (id, place) => [id, place]));
        this.#byItem.set(predictions, places);
      }
      itemIds.forEach((id, index) => {
        const place = places.get(id);
        if (place === undefined) return;
        const { classCount, probabilities } = predictions;
        found[index] = {
          probabilities: [...probabilities.subarray(place * classCount, (place + 1) * classCount)],
          predicted: predictions.predicted[place]!,
        };
      });
    }
    return found;
  }

  /** null where one of the runs has not been evaluated on this part */
  async compare(baselineId: string, runId: string, split: Split): Promise<RunComparison | null> {
    const [before, after] = [await this.of(baselineId, split), await this.of(runId, split)];
    if (!before || !after) return null;
    const [classesBefore, classesAfter] = [baselineId, runId].map((id) =>
      this.runs.classesOf(id).map(({ id: classId }) => classId),
    ) as [number[], number[]];
    const placeBefore = new Map(Array.from(before.itemIds, (id, place) => [id, place]));
    const both = [...after.itemIds.keys()].filter((place) => placeBefore.has(after.itemIds[place]!));
    const label = both.map((place) => classesAfter[after.labels[place]!]!);
    const a = both.map((place) => classesBefore[before.predicted[placeBefore.get(after.itemIds[place]!)!]!]!);
    const b = both.map((place) => classesAfter[after.predicted[place]!]!);
    const labelBefore = both.map(
      (place) => classesBefore[before.labels[placeBefore.get(after.itemIds[place]!)!]!]!,
    );
    const relabelled = label.filter((classId, at) => classId !== labelBefore[at]).length;
    const [atBefore, atAfter] = [baselineId, runId].map((id) => this.runs.evaluatedAt(id, split) ?? '');
    const itemsWhere = (is: (at: number) => boolean) =>
      [...both.keys()]
        .filter(is)
        .slice(0, 1000)
        .map((at) => after.itemIds[both[at]!]!);
    const [first, second] = [baselineId, runId].map((id) => this.runs.evaluation(id, split)?.partVersion);
    return {
      sameVersion: first && second ? first === second : null,
      otherLabels: relabelled > 0 ? { images: relabelled, older: atBefore! > atAfter! ? 'B' : 'A' } : null,
      ...comparePairs(countPairs(label, a, b)),
      fixedItems: itemsWhere((at) => a[at] !== label[at] && b[at] === label[at]),
      brokenItems: itemsWhere((at) => a[at] === label[at] && b[at] !== label[at]),
    };
  }

  /** The items behind cells of the matrix. @throws NOT_FOUND where the split has not been evaluated */
  async behind({ runId, split, actual, predicted }: NonNullable<ItemFilter['cells']>): Promise<BehindCells> {
    const predictions = await this.of(runId, split);
    if (!predictions) throw notEvaluated(runId, split);
    const classes = this.runs.classesOf(runId);
    const chosen = (ids: readonly number[] | undefined) => {
      const wanted = ids && new Set(ids);
      return classes.map(({ id }) => !wanted || wanted.has(id));
    };
    const [rows, columns] = [chosen(actual), chosen(predicted)];
    const itemIds = new Set<number>();
    for (let place = 0; place < predictions.itemIds.length; place++)
      if (rows[predictions.labels[place]!] && columns[predictions.predicted[place]!])
        itemIds.add(predictions.itemIds[place]!);
    return { key: this.#key(runId, split)!, itemIds };
  }
}

export const notEvaluated = (runId: string, split: Split) =>
  new AtelierError(
    'NOT_FOUND',
    `Expected an evaluation of ${runId} on the ${split} part, but there is none. Evaluate it first.`,
    { runId, split },
  );

const lost = (runId: string, split: Split) =>
  new AtelierError(
    'NOT_FOUND',
    `Expected the stored predictions of ${runId} on the ${split} part, but they are gone, cut short or damaged. Evaluate the run again.`,
    { runId, split },
  );

/** Probabilities that are looked at before others have their turn. */
const perTurn = 2_000_000;

async function mostProbable(probabilities: Float32Array, classCount: number): Promise<Int32Array> {
  const predicted = new Int32Array(probabilities.length / classCount);
  const together = Math.max(1, Math.floor(perTurn / classCount));
  for (let place = 0; place < predicted.length; place++) {
    if (place > 0 && place % together === 0) await turnOfEventLoop();
    predicted[place] = greatest(probabilities, classCount, place * classCount);
  }
  return predicted;
}
