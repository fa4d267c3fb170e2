/** How large the images of a project are, from a sample: asked at times when all of many images would take too long. */
import { type Database, rows } from './database.ts';

export interface SampledSize {
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
