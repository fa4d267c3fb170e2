/**
 * What every importer hands over, whatever the format: the images it read, what it set aside, and the
 * file it packed them into. Writing that to the project is left to store.ts.
 */
import type { SetAside, Source } from '#contract/entities.ts';
import type { ImportOptions, ImportPart } from '#contract/import.ts';

/** An image that a scan found, before it is decoded. */
export interface FoundImage {
  /** Of the file, absolute. */
  path: string;
  /** Path within the source with forward slashes. */
  name: string;
  className: string;
  part: ImportPart;
  /** Images of one group stay in one part; absent where the source names none. */
  group?: string;
}

export interface ReadItem {
  /** Path within the source with forward slashes, or "train/00042". */
  name: string;
  className: string;
  /** `pool` where the source leaves open whether it trains, validates or tests. */
  part: ImportPart;
  /** Images of one group stay in one part; absent where the source names none. */
  group?: string;
  width: number;
  height: number;
  /** Hexadecimal; the first 16 bytes of SHA-256 of the content. */
  hash: string;
  /** Row in the pack (idx), or offset of the thumbnail in bytes (folder). */
  position: number;
  /** Bytes of the thumbnail (folder), 0 (idx). */
  length: number;
}

export interface ReadSource {
  kind: Source['kind'];
  /** Names in the order in which new classes are made. */
  classes: string[];
  items: ReadItem[];
  setAside: SetAside[];
  /** Of every image, for idx. */
  height: number | null;
  width: number | null;
  /** The packed file, still under its temporary name. */
  pack: string;
}

export interface ReadOptions {
  /** Where the pack is written, a name ending in ".part". */
  pack: string;
  /** Names of the images to read; all when absent. */
  only?: ReadonlySet<string>;
  /** What a person said instead of what would be inferred. */
  options?: ImportOptions;
  onProgress(done: number, total: number | null): void;
  signal: AbortSignal;
}

/** Name of a source's pack: pixels [count, height, width] (idx) or thumbnails one after another (folder). */
export const packName = (kind: Source['kind'], sourceId: number) =>
  kind === 'idx' ? `source-${sourceId}.u8` : `source-${sourceId}.thumbnails`;
