/** Rows of the item table as the contract has them. Which rows is left to columns.ts. */
import { AtelierError } from '#contract/errors.ts';
import { type Item, splitNames } from '#contract/project.ts';
import { noClassId, textOf, wholeOf } from './database-problems.ts';
import { type Database, row, rows } from './database.ts';

interface ItemRow {
  id: number;
  source_id: number;
  name: string;
  class_id: number | null;
  imported_class_id: number | null;
  split: number | null;
  excluded: unknown;
  note: unknown;
  hard: unknown;
  width: number;
  height: number;
  position: number;
  length: number;
}

/** Where an item's bytes lie. */
export interface ItemPlace {
  /** Name of a storage, images/storage/storages.ts. */
  storage: string;
  sourceId: number;
  name: string;
  /** As the source keeps it: absolute, or relative to the project. */
  root: string;
  width: number;
  height: number;
  position: number;
  length: number;
}

/** What a thumbnail is made of, and what it changes with. */
export interface ItemThumbnail {
  id: number;
  /** Name of a storage, images/storage/storages.ts. */
  storage: string;
  sourceId: number;
  width: number;
  height: number;
  position: number;
  length: number;
  /** Of the content, in hexadecimal digits. */
  hash: string;
}

export const noItem = (itemId: number) =>
  new AtelierError('NOT_FOUND', `Expected an item of this project, received item ${itemId}.`, { itemId });

/** In the order of their ids; unknown ones are left out. */
export function itemsById(database: Database, ids: number[]): Item[] {
  return rows<ItemRow>(
    database,
    'SELECT * FROM items WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id',
    JSON.stringify(ids),
  ).map((item) => ({
    id: item.id,
    name: textOf(item.name),
    classId: classOf(item.class_id),
    importedClassId: classOf(item.imported_class_id),
    split:
      item.class_id === null || item.excluded !== null ? null : splitNames[wholeOf(item.split, 0, 2, 0)]!,
    excluded: item.excluded === null ? null : textOf(item.excluded),
    note: textOf(item.note),
    hard: item.hard === 1,
    width: wholeOf(item.width, 0, noClassId, 0),
    height: wholeOf(item.height, 0, noClassId, 0),
  }));
}

const classOf = (cell: unknown) => (cell === null ? null : wholeOf(cell, 1, noClassId, noClassId));

/** @throws NOT_FOUND */
export function itemOf(database: Database, itemId: number): Item {
  const [item] = itemsById(database, [itemId]);
  if (!item) throw noItem(itemId);
  return item;
}

/** @throws NOT_FOUND */
export function placeOf(database: Database, itemId: number): ItemPlace {
  const found = row<ItemPlace>(
    database,
    `SELECT sources.storage, sources.root, items.source_id AS sourceId, items.name, items.width, items.height,
      items.position, items.length FROM items JOIN sources ON sources.id = items.source_id WHERE items.id = ?`,
    itemId,
  );
  if (!found) throw noItem(itemId);
  return { ...found };
}

/** A place that no file has. */
const beyondAll = Number.MAX_SAFE_INTEGER;

/** In the order of their ids; unknown ones are left out, and what cannot be a place in a file is beyond all files. */
export function thumbnailsById(database: Database, ids: readonly number[]): ItemThumbnail[] {
  return rows<ItemThumbnail>(
    database,
    `SELECT items.id, sources.storage, items.source_id AS sourceId, items.width, items.height, items.position,
      items.length, lower(hex(items.hash)) AS hash FROM items JOIN sources ON sources.id = items.source_id
      WHERE items.id IN (SELECT value FROM json_each(?)) ORDER BY items.id`,
    JSON.stringify(ids),
  ).map((item) => ({
    ...item,
    width: wholeOf(item.width, 0, noClassId, 0),
    height: wholeOf(item.height, 0, noClassId, 0),
    position: wholeOf(item.position, 0, beyondAll, beyondAll),
    length: wholeOf(item.length, 0, noClassId, 0),
  }));
}

interface SampledSize {
  id: number;
  /** Name of a storage, images/storage/storages.ts. */
  storage: string;
  width: number;
  height: number;
  length: number;
}

const sampled = 1000;

/** Of images that were not removed: about a thousand, spread over all by their ids. */
export const sampledSizes = (database: Database): SampledSize[] =>
  rows<SampledSize>(
    database,
    `SELECT items.id, sources.storage, items.width, items.height, items.length FROM items JOIN sources ON sources.id = items.source_id
     WHERE items.removed = 0 AND items.id IN (SELECT id FROM items ORDER BY (id * 2654435761) % 4294967296 LIMIT ?)`,
    sampled,
  );

/** 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
