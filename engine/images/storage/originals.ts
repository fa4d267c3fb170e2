/** The images of a project as its database lists them, read by the storage of their source. Runs in workers. */
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { openForReading, rows } from '../../project/database.ts';
import { databaseName } from '../../project/folder.ts';
import { ChangedOriginals, type Original } from './changed-originals.ts';
import type { StoredPicture } from './storage.ts';
import { storageOf } from './storages.ts';

const query = `SELECT items.id, sources.storage, sources.id AS sourceId, sources.root, items.name, items.position,
    items.length, items.width, items.height, lower(hex(items.hash)) AS hash, items.removed
  FROM items JOIN sources ON sources.id = items.source_id`;

/** All items up to `lastItemId`, removed ones too, in the order of their ids. */
export function originalsUpTo(project: string, lastItemId: number): Original[] {
  const database = openForReading(join(project, databaseName));
  try {
    return rows<Original>(database, `${query} WHERE items.id <= ? ORDER BY items.id`, lastItemId);
  } finally {
    database.close();
  }
}

/** One item as a picture that decode.ts takes. @throws NOT_FOUND, and what its storage and `ChangedOriginals` throw */
export async function readItem(
  project: string,
  itemId: number,
): Promise<{ picture: StoredPicture; name: string }> {
  const database = openForReading(join(project, databaseName));
  let found: Original | undefined;
  try {
    [found] = rows<Original>(database, `${query} WHERE items.id = ?`, itemId);
  } finally {
    database.close();
  }
  if (!found)
    throw new AtelierError('NOT_FOUND', `Expected an item of this project, received item ${itemId}.`);
  const faults = new ChangedOriginals(project);
  const picture = await storageOf(found.storage).picture(project, found, faults);
  faults.refuse();
  return { picture: picture!, name: found.name };
}
