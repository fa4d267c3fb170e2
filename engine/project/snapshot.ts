/**
 * The data of a run as it was when the run started: which rows of the pack train and validate, and with
 * which labels. Kept in the run's folder, so that a resumed training sees exactly the same. Test rows
 * are in neither part, and their labels are not in here.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { splitNames } from '#contract/entities.ts';
import { readInt32, writeArray } from './arrays.ts';
import type { Columns } from './columns.ts';

export interface Snapshot {
  /** Items up to this one are rows of the pack. */
  lastItemId: number;
  /** Class index per row; 0 for rows that neither train nor validate. */
  labels: Int32Array;
  train: Int32Array;
  validation: Int32Array;
}

const file = {
  labels: 'labels.i32',
  train: 'train.i32',
  validation: 'validation.i32',
  about: 'snapshot.json',
};

export function takeSnapshot(columns: Columns, classIds: number[]): Snapshot {
  const indexOf = new Map(classIds.map((id, index) => [id, index]));
  const labels = new Int32Array(columns.length);
  const test = splitNames.indexOf('test');
  for (let at = 0; at < columns.length; at++) {
    if (columns.splits[at] !== test) labels[at] = indexOf.get(columns.classIds[at]!) ?? 0;
  }
  const known = (at: number) => indexOf.has(columns.classIds[at]!);
  return {
    lastItemId: columns.length ? columns.ids[columns.length - 1]! : 0,
    labels,
    train: columns.ofSplit('train').filter(known),
    validation: columns.ofSplit('validation').filter(known),
  };
}

export async function writeSnapshot(folder: string, snapshot: Snapshot): Promise<void> {
  await writeArray(join(folder, file.labels), snapshot.labels);
  await writeArray(join(folder, file.train), snapshot.train);
  await writeArray(join(folder, file.validation), snapshot.validation);
  // Last, so that its presence says that the others are whole.
  await writeFile(join(folder, file.about), JSON.stringify({ lastItemId: snapshot.lastItemId }));
}

/** null where the run never started */
export async function readSnapshot(folder: string): Promise<Snapshot | null> {
  const about = await readFile(join(folder, file.about), 'utf8').catch(() => null);
  if (about === null) return null;
  const { lastItemId } = JSON.parse(about) as { lastItemId: number };
  return {
    lastItemId,
    labels: await readInt32(join(folder, file.labels)),
    train: await readInt32(join(folder, file.train)),
    validation: await readInt32(join(folder, file.validation)),
  };
}
