/** The sources of a project as people see them, and the files of them that were skipped. Changing them is removal.ts. */
import type { SetAside, Source } from '#contract/project.ts';
import { AtelierError } from '#contract/errors.ts';
import { storageOf } from '../images/storage/storages.ts';
import { noClassId, textOf, wholeOf } from './cells.ts';
import { type Database, row, rows } from './database.ts';

/** A source, and where its originals are: absolute, or relative to the project. */
export type PlacedSource = Pick<Source, 'id' | 'location' | 'items'> & {
  /** Name of a storage, images/storage/storages.ts. */
  storage: string;
  root: string;
  options: string;
};

/** Those that have images, in the order of their ids. */
export const sourcesOf = (database: Database): Source[] =>
  rows<Omit<Source, 'originals'> & { storage: string }>(
    database,
    `SELECT id, storage, location, imported_at AS importedAt, items,
      (SELECT count(*) FROM set_aside WHERE source_id = sources.id) AS setAside
     FROM sources WHERE id > 0 AND id < ${noClassId} AND (typeof(items) <> 'integer' OR items > 0) ORDER BY id`,
  ).map(({ id, storage, location, importedAt, items, setAside }) => ({
    id,
    originals: storageOf(storage).originals,
    location: textOf(location),
    importedAt: textOf(importedAt),
    items: wholeOf(items, 0, noClassId, 0),
    setAside,
  }));

/** @throws NOT_FOUND where there is none, also where all of its images were removed */
export function sourceById(database: Database, sourceId: number): PlacedSource {
  const found = row<PlacedSource>(
    database,
    'SELECT id, storage, location, root, items, options FROM sources WHERE id = ? AND items > 0',
    sourceId,
  );
  if (found) return { ...found };
  throw new AtelierError(
    'NOT_FOUND',
    `Expected a source of this project, received source ${sourceId}. List them: Data, Sources; or \`atelier sources PROJECT\`.`,
    { sourceId },
  );
}

/** Of one source, or of all. */
export const skippedFiles = (database: Database, sourceId: number | null): SetAside[] =>
  rows<SetAside>(
    database,
    `SELECT path, reason FROM set_aside WHERE (?1 IS NULL OR source_id = ?1)
       AND source_id IN (SELECT id FROM sources WHERE items > 0) ORDER BY id`,
    sourceId,
  ).map(({ path, reason }) => ({ path: textOf(path), reason: textOf(reason) }));
