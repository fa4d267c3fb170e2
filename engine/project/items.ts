/** Rows of the item table as the contract has them. Which rows is left to columns.ts. */
import { AtelierError } from '#contract/errors.ts';
import { type Item, type Source, splitNames } from '#contract/project.ts';
import { noClassId, textOf, wholeOf } from './cells.ts';
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
  width: number;
  height: number;
  position: number;
  length: number;
}

/** Where an item's bytes lie. */
export interface ItemPlace {
  kind: Source['kind'];
  sourceId: number;
  name: string;
  /** As the source keeps it: absolute, or relative to the project. */
  root: string;
  width: number;
  height: number;
  position: number;
  length: number;
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
    `SELECT sources.kind, sources.root, items.source_id AS sourceId, items.name, items.width, items.height,
      items.position, items.length FROM items JOIN sources ON sources.id = items.source_id WHERE items.id = ?`,
    itemId,
  );
  if (!found) throw noItem(itemId);
  return { ...found };
}
