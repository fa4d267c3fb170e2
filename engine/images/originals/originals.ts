/**
 * Reads an item's original and compares it with what was imported: an item is one content for ever, so a file that has
 * changed since is never taken for it. What becomes of such files is for a re-scan to say (engine/intake/rescan/compare.ts). Runs in workers.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AtelierError, type Json } from '#contract/errors.ts';
import { cutShort } from '../packs/pack-file.ts';
import { packName } from '../../intake/importer.ts';
import { openForReading, rows } from '../../project/database.ts';
import { databaseName } from '../../project/folder.ts';
import { greatestFile, type Picture } from '../decode/decode.ts';

/** An item, and where its bytes lie. */
export interface Original {
  id: number;
  kind: 'idx' | 'folder';
  sourceId: number;
  /** Of the source: absolute, or relative to the project. */
  root: string;
  name: string;
  position: number;
  sourceHeight: number | null;
  sourceWidth: number | null;
  /** Hexadecimal, lower case; the first 16 bytes of SHA-256 of the content. */
  hash: string;
  removed: 0 | 1;
}

const query = `SELECT items.id, sources.kind, sources.id AS sourceId, sources.root, items.name, items.position,
    sources.height AS sourceHeight, sources.width AS sourceWidth, lower(hex(items.hash)) AS hash, items.removed
  FROM items JOIN sources ON sources.id = items.source_id`;

const named = 5;
const detailed = 100;

/** How an item's content is known. */
export const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 32);

/** All items up to `lastItemId`, removed ones too, in the order of their ids. */
export function originalsUpTo(project: string, lastItemId: number): Original[] {
  const database = openForReading(join(project, databaseName));
  try {
    return rows<Original>(database, `${query} WHERE items.id <= ? ORDER BY items.id`, lastItemId);
  } finally {
    database.close();
  }
}

/** One item as a picture that decode.ts takes. @throws NOT_FOUND, and what `readOriginal` and `Faults` throw */
export async function readItem(project: string, itemId: number): Promise<{ picture: Picture; name: string }> {
  const database = openForReading(join(project, databaseName));
  let found: Original | undefined;
  try {
    [found] = rows<Original>(database, `${query} WHERE items.id = ?`, itemId);
  } finally {
    database.close();
  }
  if (!found)
    throw new AtelierError('NOT_FOUND', `Expected an item of this project, received item ${itemId}.`);
  const faults = new Faults(project);
  const picture = await readOriginal(project, found, faults);
  faults.refuse();
  return { picture: picture!, name: found.name };
}

/**
 * @returns null where it is not what was imported, which `faults` then knows
 * @throws SOURCE_UNREADABLE where it is there and cannot be read, PROJECT_DAMAGED where a source's own pack is cut short
 */
export async function readOriginal(project: string, item: Original, faults: Faults): Promise<Picture | null> {
  if (item.kind === 'idx') return readIdx(project, item);
  const path = originalPath(project, item);
  try {
    const found = await stat(path);
    // Reading a pipe might never end.
    if (!found.isFile() || found.size > greatestFile) return faults.add(item, 'changed');
    const bytes = await readFile(path);
    return hashOf(bytes) === item.hash ? bytes : faults.add(item, 'changed');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return faults.add(item, 'missing');
    throw new AtelierError(
      'SOURCE_UNREADABLE',
      `Expected the original of ${item.name} at ${path}, but it cannot be read: ${message}. Make it readable, then try again.`,
      { item: item.id, name: item.name },
      { cause },
    );
  }
}

/** Where the original of a folder source lies. */
export const originalPath = (project: string, { root, name }: Pick<Original, 'root' | 'name'>) =>
  join(resolve(project, root), name);

function readIdx(project: string, item: Original): Picture {
  const height = item.sourceHeight!;
  const width = item.sourceWidth!;
  const pixels = new Uint8Array(height * width);
  const file = openSync(join(project, 'packs', packName('idx', item.sourceId)), 'r');
  try {
    const read = readSync(file, pixels, 0, pixels.length, item.position * pixels.length);
    if (read < pixels.length) throw cutShort(pixels.length, read);
  } finally {
    closeSync(file);
  }
  if (hashOf(pixels) !== item.hash) throw otherPixels(item);
  return { pixels, height, width, channels: 1 };
}

/** What to throw where a source's own pack holds other pixels than were imported. */
export const otherPixels = ({ sourceId, name }: Pick<Original, 'sourceId' | 'name'>) =>
  new AtelierError(
    'PROJECT_DAMAGED',
    `Expected the pixels that were imported as ${name}, but the pack of source ${sourceId} holds others. Put back a copy of packs/${packName('idx', sourceId)}, or import the data again into a new project.`,
    { sourceId, name },
  );

/** Originals that are not what was imported, gathered so that all are told at once. */
export class Faults {
  readonly #changed: Original[] = [];
  readonly #missing: Original[] = [];

  constructor(private readonly project: string) {}

  get any(): boolean {
    return this.#changed.length + this.#missing.length > 0;
  }

  add(item: Original, what: 'changed' | 'missing'): null {
    (what === 'changed' ? this.#changed : this.#missing).push(item);
    return null;
  }

  /** @throws ORIGINAL_CHANGED, ORIGINAL_MISSING */
  refuse(): void {
    if (!this.any) return;
    const inOrder = (items: Original[]) => items.sort((a, b) => a.id - b.id);
    const [changed, missing] = [inOrder(this.#changed), inOrder(this.#missing)];
    const all = [...changed, ...missing];
    const told = [
      ...(changed.length > 0 ? [tell(changed, 'other content than when imported', 'has', 'have')] : []),
      ...(missing.length > 0 ? [tell(missing, 'gone from where imported', 'is', 'are')] : []),
    ];
    const sources = [...new Set(all.map(({ sourceId }) => sourceId))];
    throw new AtelierError(
      changed.length > 0 ? 'ORIGINAL_CHANGED' : 'ORIGINAL_MISSING',
      `Expected the originals as they were imported, but ${told.join(', and ')}. ${this.#advice(all, sources)}`,
      {
        changed: changed.length,
        missing: missing.length,
        sources,
        files: [...listed(changed, 'changed'), ...listed(missing, 'missing')].slice(0, detailed),
      },
    );
  }

  #advice(all: Original[], sources: number[]): string {
    if (all.some(({ removed }) => removed)) {
      return 'They were removed from the project, or taken anew, after this was begun, so it cannot go on as it began. Start a new run.';
    }
    const away = this.#missing.find(({ root }) => !existsSync(resolve(this.project, root)));
    if (away) {
      return (
        `The folder ${resolve(this.project, away.root)} is gone: put it back, or relink source ${away.sourceId} to where it is now, ` +
        `in Data under Sources or with \`atelier sources PROJECT relink ${away.sourceId} FOLDER\`.`
      );
    }
    return (
      'Put the files back as they were, or re-scan the source to see what changed and take it over: ' +
      `in Data under Sources, or with \`atelier sources PROJECT rescan ${sources.join(', ')}\`.`
    );
  }
}

function tell(items: Original[], what: string, one: string, many: string): string {
  const names = items.slice(0, named).map(({ name }) => name);
  const rest = items.length > named ? ` and ${items.length - named} more` : '';
  return `${items.length} ${items.length === 1 ? one : many} ${what} (${names.join(', ')}${rest})`;
}

const listed = (items: Original[], fault: string): { [key: string]: Json }[] =>
  items
    .slice(0, detailed)
    .map(({ id, name, sourceId, root }) => ({ item: id, name, source: sourceId, root, fault }));
