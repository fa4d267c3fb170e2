/**
 * A run's stored answers to the items of a split, with the labels as they were when it was evaluated.
 * Written by the evaluate job, read by the confusion matrix's cells, the item pages and the export.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { type ItemFilter, type Split, splitNames } from '#contract/project.ts';
import { greatest } from '#learning/evaluation/scores.ts';
import { writeDurably } from '#learning/model/durable-file.ts';
import { readFloat32, readInt32, writeArray } from './arrays.ts';
import type { Cell } from './columns.ts';
import type { Runs } from './runs.ts';

export interface Answers {
  itemIds: Int32Array;
  /** Class index of each item. */
  labels: Int32Array;
  /** [items, classes] */
  probabilities: Float32Array;
  classCount: number;
}

/** Files of one split; `rows` are those of the pack. */
export const answerFiles = (folder: string, split: Split) => {
  const file = (what: string) => join(folder, `${what}-${split}`);
  return {
    items: `${file('items')}.i32`,
    rows: `${file('rows')}.i32`,
    labels: `${file('labels')}.i32`,
    predictions: `${file('predictions')}.f32`,
    /** SHA-256 of each of the others; missing in what an earlier version wrote. */
    digests: `${file('digests')}.json`,
  };
};
const digested = ['items', 'rows', 'labels', 'predictions'] as const;
type Digests = Partial<Record<(typeof digested)[number], string>>;

type Files = ReturnType<typeof answerFiles>;

/** Names for the files of one evaluation that is under way: what was there stays until it is done. */
export function stagedFiles(folder: string, split: Split): Files {
  const files = answerFiles(folder, split);
  const end = `${randomBytes(6).toString('hex')}.next`;
  return {
    items: `${files.items}.${end}`,
    rows: `${files.rows}.${end}`,
    labels: `${files.labels}.${end}`,
    predictions: `${files.predictions}.${end}`,
    digests: `${files.digests}.${end}`,
  };
}

export async function stageQuestions(
  staged: Files,
  questions: { itemIds: Int32Array; rows: Int32Array; labels: Int32Array },
): Promise<void> {
  await writeArray(staged.items, questions.itemIds);
  await writeArray(staged.rows, questions.rows);
  await writeArray(staged.labels, questions.labels);
}

/**
 * Puts a finished evaluation's files in the place of the ones before. The digests go first: where a kill leaves files of two
 * evaluations, they agree with none of them, and nothing is read.
 */
export async function commitAnswers(staged: Files, folder: string, split: Split): Promise<void> {
  const files = answerFiles(folder, split);
  const digests: Digests = {};
  for (const key of digested) digests[key] = digestOf(await readFile(staged[key]));
  await writeDurably(staged.digests, Buffer.from(JSON.stringify(digests)));
  for (const key of ['digests', ...digested] as const) renameSync(staged[key], files[key]);
}

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Whether the files are those that one evaluation wrote; files from before there were digests are taken to be. */
async function asWritten(files: Files): Promise<boolean> {
  const text = await readFile(files.digests, 'utf8').catch(() => null);
  if (text === null) return true;
  try {
    const digests = JSON.parse(text) as Digests;
    for (const key of digested) if (digestOf(await readFile(files[key])) !== digests[key]) return false;
    return true;
  } catch {
    return false;
  }
}

/** Removes the files of an evaluation that came to nothing. */
export function discardAnswers(staged: Files): void {
  for (const file of Object.values(staged)) rmSync(file, { force: true });
}

/** Removes all answers of a run, and what evaluations that died left behind. */
export function removeAnswers(folder: string): void {
  const answers = /^(items|rows|labels|predictions|digests)-(train|validation|test)\./;
  for (const name of readdirSync(folder)) {
    if (answers.test(name)) rmSync(join(folder, name), { force: true });
  }
}

/** Keeps the answers last read, by evaluation. */
export class AnswerShelf {
  readonly #kept = new Map<string, Promise<Answers>>();
  readonly #byItem = new WeakMap<Answers, Map<number, number>>();

  constructor(private readonly runs: Runs) {}

  /** null where the split has not been evaluated */
  async of(runId: string, split: Split): Promise<Answers | null> {
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
    const evaluation = this.runs.evaluation(runId, split);
    return evaluation && [runId, split, evaluation.evaluatedAt].join(' ');
  }

  async #read(runId: string, split: Split): Promise<Answers> {
    const files = answerFiles(this.runs.folderOf(runId), split);
    const classCount = this.runs.classesOf(runId).length;
    if (!existsSync(files.predictions) || !(await asWritten(files))) throw lost(runId, split);
    const itemIds = await readInt32(files.items);
    const labels = await readInt32(files.labels);
    const probabilities = await readFloat32(files.predictions);
    if (labels.length !== itemIds.length || probabilities.length !== itemIds.length * classCount) {
      throw lost(runId, split);
    }
    return { itemIds, labels, probabilities, classCount };
  }

  /** The run's answers to these items, null for those it was not asked about. */
  async lookUp(runId: string, itemIds: number[]) {
    const found: ({ probabilities: number[]; predicted: number } | null)[] = itemIds.map(() => null);
    for (const split of splitNames) {
      const answers = await this.of(runId, split);
      if (!answers) continue;
      let places = this.#byItem.get(answers);
      if (!places) {
        places = new Map(Array.from(answers.itemIds, (id, place) => [id, place]));
        this.#byItem.set(answers, places);
      }
      itemIds.forEach((id, index) => {
        const place = places.get(id);
        if (place === undefined) return;
        const { classCount, probabilities } = answers;
        found[index] = {
          probabilities: [...probabilities.subarray(place * classCount, (place + 1) * classCount)],
          predicted: predictedAt(answers, place),
        };
      });
    }
    return found;
  }

  /** The items behind a cell. @throws NOT_FOUND where the split has not been evaluated */
  async cell(cell: NonNullable<ItemFilter['cell']>): Promise<Cell> {
    const { runId, split, actual, predicted } = cell;
    const answers = await this.of(runId, split);
    if (!answers) {
      throw new AtelierError(
        'NOT_FOUND',
        `Expected an evaluation of ${runId} on the ${split} part, but there is none. Evaluate it first.`,
        { runId, split },
      );
    }
    const classIds = this.runs.classesOf(runId).map(({ id }) => id);
    const itemIds = new Set<number>();
    for (let place = 0; place < answers.itemIds.length; place++) {
      if (actual !== undefined && classIds[answers.labels[place]!] !== actual) continue;
      if (predicted !== undefined && classIds[predictedAt(answers, place)] !== predicted) continue;
      itemIds.add(answers.itemIds[place]!);
    }
    return { key: this.#key(runId, split)!, itemIds };
  }
}

const lost = (runId: string, split: Split) =>
  new AtelierError(
    'NOT_FOUND',
    `Expected the stored answers of ${runId} to the ${split} part, but they are gone, cut short or damaged. Evaluate the run again.`,
    { runId, split },
  );

const predictedAt = ({ probabilities, classCount }: Answers, place: number) =>
  greatest(probabilities, classCount, place * classCount);
