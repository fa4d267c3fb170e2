/** One table, read and understood as far as its columns and its files; which rows count is left to gather.ts. */
import { readFile, stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { ImportSplit } from '#contract/import.ts';
import { readPart } from '../part-names.ts';
import type { ListedFile } from '../importer.ts';
import { columnsOf, type TableColumns, usualNames } from './columns.ts';
import { TableFiles } from './files.ts';
import { greatestTable, parseTable, type TableText } from './text.ts';

/** The files that tables may name. */
export interface SourceFiles {
  /** Absolute. */
  root: string;
  images: ListedFile[];
  /** What can be no image, and why. */
  others: Map<string, string>;
}

export interface OpenTable {
  table: ListedFile;
  text: TableText;
  columns: TableColumns;
  files: TableFiles;
  /** The part that the table's name or folder speaks of. */
  part: ImportSplit | null;
  /** How many rows name a file that is there, of the first ones; of all where none of those does. */
  hits: number;
  /** What the first row has for the file, and why that is none; null where it is one. */
  miss: { cell: string; reason: string } | null;
  /** Whether those files lie in the table's own folder. */
  ownFolder: boolean;
}

/** Rows that tell whether a table is one of files, and those that tell where the files of a column lie. */
const looked = 200;
const learned = 30;

/** @throws SOURCE_UNREADABLE where it cannot be read, or lacks a column */
export async function openTable(
  table: ListedFile,
  { root, images, others }: SourceFiles,
): Promise<OpenTable> {
  const text = parseTable(await bytesOf(table), table.name);
  const files = new TableFiles(root, posix.dirname(table.name).replace(/^\.$/, ''), images, others);
  const lines = text.delimiter === null;
  if (text.columns.length === 0 || (text.rows.length === 0 && lines)) {
    throw unusable(
      table.name,
      `Expected rows that name a file and its class, received ${text.faults.length > 0 ? 'lines that are not JSON' : 'an empty table'}.`,
    );
  }
  const first = text.rows.slice(0, looked).map(({ cells }) => cells);
  const part = partOfTable(table.name);
  const isFile = (cell: string) => cell.trim() !== '' && 'file' in files.find(cell, holds(part));
  // Each column is looked at by itself, since which one names the files is not known yet.
  const filesIn = (at: number, withHeader: boolean) => {
    const rows = first.slice(0, learned).flatMap((cells) => cells[at] ?? []);
    files.learn(withHeader ? [text.columns[at]!, ...rows] : rows);
    return isFile;
  };
  const columns = columnsOf(text.columns, first, filesIn, !lines);
  if ('missing' in columns) {
    throw unusable(
      table.name,
      `Expected a column for the ${columns.missing} (${usualNames[columns.missing]}), received ${listed(text.columns)}. Rename the column.`,
    );
  }
  if (!columns.header) text.rows.unshift({ row: 1, cells: text.columns });
  const cells = text.rows.flatMap(({ cells: row }) => row[columns.file] ?? []);
  files.learn(cells);
  const start = cells.slice(0, looked).filter(isFile);
  // What was downloaded in part may miss its first files.
  const hits = start.length > 0 ? start : cells.filter(isFile);
  const folder = posix.dirname(table.name);
  const [cell] = cells;
  const found = cell === undefined ? null : files.find(cell, holds(part));
  return {
    table,
    text,
    columns,
    files,
    part,
    hits: hits.length,
    miss: cell !== undefined && found && 'reason' in found ? { cell, reason: found.reason } : null,
    ownFolder: hits.every((hit) => {
      const match = files.find(hit, holds(part));
      return 'file' in match && posix.dirname(match.file.name) === folder;
    }),
  };
}

/** By the table's own name (train_labels.csv), else by its folder's (train/metadata.csv). */
function partOfTable(name: string): ImportSplit | null {
  const own = readPart(posix.basename(name).replace(/\.[^.]+$/, ''));
  return (own ?? readPart(posix.basename(posix.dirname(name))))?.part ?? null;
}

/** Whether a folder is the one of a part. */
export const holds = (part: ImportSplit | null) => (folder: string) =>
  part !== null && readPart(posix.basename(folder))?.part === part;

async function bytesOf({ path, name }: ListedFile): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new Error('it is no regular file');
    if (found.size > greatestTable)
      throw new Error(`it has ${found.size} bytes, and ${greatestTable} are the most that is read`);
    return await readFile(path);
  } catch (cause) {
    throw unusable(name, `Expected a table that can be read, but ${(cause as Error).message}.`, cause);
  }
}

const listed = (columns: readonly string[]) =>
  columns.length === 1
    ? `the one column ${shown(columns[0]!)}`
    : `the columns ${columns.slice(0, 12).map(shown).join(', ')}${columns.length > 12 ? ' …' : ''}`;

/** A name from a file, short enough for a message. */
export const shown = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

const unusable = (name: string, message: string, cause?: unknown) =>
  new AtelierError('SOURCE_UNREADABLE', `${name}: ${message}`, { file: name }, { cause });
