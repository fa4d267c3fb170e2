/**
 * The data of a run as it was when the run started: which rows of the pack train and validate, and with
 * which labels. Kept in the run's folder, so that a resumed training sees exactly the same. Test rows
 * are in neither part, and their labels are not in here.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { splitNames } from '#contract/project.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
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
const parts = ['labels', 'train', 'validation'] as const;

interface About {
  lastItemId: number;
  /** SHA-256 of each part, hexadecimal; missing in what an earlier version wrote. */
  digests?: Record<string, string>;
}

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

/** Each file whole or not at all, whatever is killed. @throws DISK_FULL, FILE_NOT_WRITABLE */
export async function writeSnapshot(folder: string, snapshot: Snapshot): Promise<void> {
  const digests: Record<string, string> = {};
  for (const part of parts) {
    const { buffer, byteOffset, byteLength } = snapshot[part];
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    await writeDurably(join(folder, file[part]), bytes);
    digests[part] = digestOf(bytes);
  }
  // Last, so that its presence says that the others are there.
  const about: About = { lastItemId: snapshot.lastItemId, digests };
  await writeDurably(join(folder, file.about), new TextEncoder().encode(JSON.stringify(about)));
}

/** null where the run never started. @throws PROJECT_DAMAGED where it is not what was written */
export async function readSnapshot(folder: string): Promise<Snapshot | null> {
  let text: string;
  try {
    text = await readFile(join(folder, file.about), 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw damaged(folder, file.about, cause);
  }
  const { lastItemId, digests } = aboutOf(folder, text);
  const read = async (part: (typeof parts)[number]): Promise<Int32Array> => {
    const path = join(folder, file[part]);
    const bytes = await readFile(path).catch((cause: unknown) => {
      throw damaged(folder, file[part], cause);
    });
    const expected = digests?.[part];
    if (bytes.length % 4 !== 0 || (digests && digestOf(bytes) !== expected))
      throw damaged(folder, file[part]);
    return new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  };
  return {
    lastItemId,
    labels: await read('labels'),
    train: await read('train'),
    validation: await read('validation'),
  };
}

function aboutOf(folder: string, text: string): About {
  try {
    return JSON.parse(text) as About;
  } catch (cause) {
    throw damaged(folder, file.about, cause);
  }
}

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const damaged = (folder: string, name: string, cause?: unknown) =>
  new AtelierError(
    'PROJECT_DAMAGED',
    `Expected the data that ${basename(folder)} was started on, but its file ${name} is damaged or missing. Put back a copy of the file, or delete the run.`,
    { runId: basename(folder), file: name },
    { cause },
  );
