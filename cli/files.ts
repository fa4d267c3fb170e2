/** Files that a command writes into a folder a person named: pictures of the studio, tables. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AtelierError, storageError } from '#contract/errors.ts';
import { isFull } from '#contract/storage-errors.ts';
import type { Studio } from '#engine/studio.ts';
import { writeDurably } from '#learning/model/durable-file.ts';
import { type Option, text, type Values } from './command.ts';
import { usage } from './output.ts';

export interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

export const outFolder: Option = {
  type: 'string',
  value: 'FOLDER',
  about: 'where to; made if absent, files of the same names are replaced',
};

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

/** Makes the folder where it is absent; replaces files of the same names, as an export does. @throws FILE_NOT_WRITABLE, DISK_FULL */
export async function writeFiles(folder: string, files: readonly NamedBytes[]): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    if (isFull(cause)) throw storageError(cause, { kind: 'file', path: folder, doing: 'write' })!;
    throw new AtelierError(
      'FILE_NOT_WRITABLE',
      `Expected a folder that can be made or written to, received ${folder} (${(cause as NodeJS.ErrnoException).code ?? String(cause)}). Choose another one with --out.`,
      { path: folder },
      { cause },
    );
  }
  for (const { name, bytes } of files) await writeDurably(join(folder, name), bytes);
}
