/**
 * The files of a run's predictions for a split: the items that were evaluated, their labels at that time, and the probabilities.
 * Written by the evaluate job; prediction-store.ts reads them.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Split } from '#contract/project.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { writeArray } from './arrays.ts';

/** Files of one split; `rows` are those of the pack. */
export const predictionFiles = (folder: string, split: Split) => {
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
/** What was computed of the predictions of a split; it says which evaluation it is of. */
export const evidenceFile = (folder: string, split: Split) => join(folder, `evidence-${split}.json`);
/** Error slices of the predictions of a split, with their images; and a corruption sweep of its images. Each says which evaluation it is of. */
export const slicesFile = (folder: string, split: Split) => join(folder, `slices-${split}.json`);
export const robustnessFile = (folder: string, split: Split) => join(folder, `robustness-${split}.json`);
const digested = ['items', 'rows', 'labels', 'predictions'] as const;
type Digests = Partial<Record<(typeof digested)[number], string>>;

type Files = ReturnType<typeof predictionFiles>;

/** Names for the files of one evaluation that is under way: what was there stays until it is done. */
export function stagedFiles(folder: string, split: Split): Files {
  const end = `${randomBytes(6).toString('hex')}.next`;
  const files = Object.entries(predictionFiles(folder, split));
  return Object.fromEntries(files.map(([what, file]) => [what, `${file}.${end}`])) as Files;
}

export async function stageInputs(
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
export async function commitPredictions(staged: Files, folder: string, split: Split): Promise<void> {
  const files = predictionFiles(folder, split);
  const digests: Digests = {};
  for (const key of digested) digests[key] = digestOf(await readFile(staged[key]));
  await writeDurably(staged.digests, Buffer.from(JSON.stringify(digests)));
  for (const key of ['digests', ...digested] as const) renameSync(staged[key], files[key]);
}

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Whether the files are those that one evaluation wrote; files from before there were digests are taken to be. */
export async function asWritten(files: Files): Promise<boolean> {
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
export function discardPredictions(staged: Files): void {
  for (const file of Object.values(staged)) rmSync(file, { force: true });
}

/** Removes all predictions of a run, and what evaluations that died left behind. */
export function removePredictions(folder: string): void {
  const ours =
    /^(items|rows|labels|predictions|digests|evidence|slices|robustness)-(train|validation|test)\./;
  for (const name of readdirSync(folder)) {
    if (ours.test(name)) rmSync(join(folder, name), { force: true });
  }
}
