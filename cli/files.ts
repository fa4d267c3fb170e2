/** Files that a command writes where a person said: never in the place of another one, unless --force says so. */
import { join, resolve } from 'node:path';
import { AtelierError, storageError } from '#contract/errors.ts';
import { isFull } from '#contract/storage-errors.ts';
import { makeFolder, requireOrdinaryPlace, statAt } from '#engine/places.ts';
import type { Studio } from '#engine/studio.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { type Option, text, type Values } from './command.ts';
import { usage } from './output.ts';

export interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

export const outFolder: Option = {
  type: 'string',
  value: 'FOLDER',
  about: 'where to; made if absent',
};

export const forceOption: Option = {
  type: 'boolean',
  about: 'replace files that are there already',
};

const shownAtMost = 5;

/**
 * To be asked before the work, and where it took long, again before writing.
 * @param option such as --out, for the message
 * @throws CONFLICT where one of the files is there and --force was not given, FILE_NOT_WRITABLE where that cannot be told
 */
export function refuseToReplace(paths: readonly string[], values: Values, option: string): void {
  if (values.force === true) return;
  const there = paths.filter((path) => statAt(path) !== undefined);
  if (there.length === 0) return;
  const more = there.length > shownAtMost ? ` and ${there.length - shownAtMost} more` : '';
  throw new AtelierError(
    'CONFLICT',
    `Expected no file yet where ${option} writes, but there is ${there.slice(0, shownAtMost).join(', ')}${more}. Choose another place with ${option}, or add --force to replace.`,
    { paths: there.slice(0, 100) },
  );
}

/** The folder of --out. @throws USAGE */
export function folderOf(values: Values): string {
  const out = text(values.out);
  if (!out) throw usage('Expected --out FOLDER: where to write the pictures.');
  return resolve(out);
}

/** What the studio has at an address that it gave, such as a preview's. */
export async function bytesAt(studio: Studio, address: string): Promise<Uint8Array> {
  return (await studio.resources({ method: 'GET', path: address, headers: {}, body: null })).body;
}

/** Makes the folder where it is absent. @throws CONFLICT as `refuseToReplace`, FILE_NOT_WRITABLE, DISK_FULL */
export async function writeFiles(
  folder: string,
  files: readonly NamedBytes[],
  values: Values,
): Promise<void> {
  requireOrdinaryPlace(folder, 'FILE_NOT_WRITABLE');
  try {
    makeFolder(folder);
  } catch (cause) {
    if (isFull(cause)) throw storageError(cause, { kind: 'file', path: folder, doing: 'write' })!;
    throw new AtelierError(
      'FILE_NOT_WRITABLE',
      `Expected a folder that can be made or written to, received ${folder} (${(cause as NodeJS.ErrnoException).code ?? String(cause)}). Choose another one with --out.`,
      { path: folder },
      { cause },
    );
  }
  const paths = files.map(({ name }) => join(folder, name));
  refuseToReplace(paths, values, '--out');
  for (const [index, { bytes }] of files.entries()) await writeDurably(paths[index]!, bytes);
}
