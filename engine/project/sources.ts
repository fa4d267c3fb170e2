/** The sources of a project as people see them, and what is to be said of their files: those that were skipped, and images that were taken with a note. Changing them is removal.ts. */
import type { SkippedFile, Source } from '#contract/project.ts';
import { AtelierError } from '#contract/errors.ts';
import type { SkippedAndNotices, SkippedGroup } from '#contract/import.ts';
import { storageOf } from '../images/storage/storages.ts';
import { noClassId, textOf, wholeOf } from './database-problems.ts';
import { type Database, row, rows } from './database.ts';
import { groupSkipped } from '../intake/skipped.ts';

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
      (SELECT count(*) FROM set_aside WHERE source_id = sources.id) AS skippedFiles
     FROM sources WHERE id > 0 AND id < ${noClassId} AND (typeof(items) <> 'integer' OR items > 0) ORDER BY id`,
  ).map(({ id, storage, location, importedAt, items, skippedFiles }) => ({
    id,
    originals: storageOf(storage).originals,
    location: textOf(location),
    importedAt: textOf(importedAt),
    items: wholeOf(items, 0, noClassId, 0),
    skippedFiles,
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
export const skippedFiles = (database: Database, sourceId: number | null): SkippedFile[] =>
  rows<SkippedFile>(
    database,
    `SELECT path, reason FROM set_aside WHERE (?1 IS NULL OR source_id = ?1)
       AND source_id IN (SELECT id FROM sources WHERE items > 0) ORDER BY id`,
    sourceId,
  ).map(({ path, reason }) => ({ path: textOf(path), reason: textOf(reason) }));

/** Paths that a group names. */
const examples = 100;

/** Of what is in the project: what was removed from it is not told any more. @param sourceId of one source; null for all */
export function readSkippedAndNotices(database: Database, sourceId: number | null): SkippedAndNotices {
  return {
    skipped: groupSkipped(skippedFiles(database, sourceId), examples),
    notices: readNotices(database, sourceId),
  };
}

/** Notices of images, the most frequent last: what concerns few images is what to look at. */
function readNotices(database: Database, sourceId: number | null): SkippedGroup[] {
  const groups = rows<{ reason: string; count: number }>(
    database,
    `SELECT text AS reason, count(*) AS count FROM notices JOIN items ON items.id = item_id
     WHERE removed = 0 AND (?1 IS NULL OR source_id = ?1) GROUP BY text ORDER BY count, text`,
    sourceId,
  );
  return groups.map(({ reason, count }) => ({
    reason,
    count,
    examples: rows<{ name: string }>(
      database,
      `SELECT name FROM notices JOIN items ON items.id = item_id
       WHERE text = ?2 AND removed = 0 AND (?1 IS NULL OR source_id = ?1) ORDER BY item_id LIMIT ?3`,
      sourceId,
      reason,
      examples,
    ).map(({ name }) => name),
  }));
}
