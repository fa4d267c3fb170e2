/** What is to be said of a project's sources, grouped: files that were skipped, and images that were taken with a note. */
import type { ImportFindings, SkippedGroup } from '#contract/import.ts';
import { groupSkipped } from '../intake/skipped.ts';
import { type Database, rows } from './database.ts';
import { skippedFiles } from './sources.ts';

/** Paths that a group names. */
const examples = 100;

/** Of what is in the project: what was removed from it is no finding any more. @param sourceId of one source; null for all */
export function readFindings(database: Database, sourceId: number | null): ImportFindings {
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
