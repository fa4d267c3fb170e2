/**
 * What every importer hands over, whatever the format: first what its files are taken for (a scan), then the images it
 * read, what it skipped, and the file it packed them into. Which importers there are is left to importers.ts, writing
 * to the project to store.ts.
 */
import type { ImportOptions, ImportPart, ImportPlan, ImportWarning } from '#contract/import.ts';
import type { SetAside, Source } from '#contract/project.ts';

/** A regular file that can be listed and whose name is text. */
export interface ListedFile {
  /** Absolute. */
  path: string;
  /** Path within the source with forward slashes. */
  name: string;
  /** Bytes. */
  size: number;
}

/** Everything in a source, before anything is taken for something; a file that was chosen is its only entry. */
export interface Listing {
  /** The folder, or the file, that was chosen; absolute. */
  root: string;
  files: ListedFile[];
  /** What can be no file of a data set: litter, links that lead nowhere, pipes, unreadable folders. */
  skipped: SetAside[];
}

/** What the files of a source are taken for; nothing has been decoded yet. */
export interface Scan {
  kind: ImportPlan['kind'];
  layout: ImportPlan['layout'];
  /** What was inferred, in one or two sentences. */
  statement: string;
  /** Classes × parts; those without images are left out. */
  classes: ImportPlan['classes'];
  /** How many images without a class there are in each part. */
  unlabelled: ImportPlan['unlabelled'];
  skipped: SetAside[];
  warnings: ImportWarning[];
  /** Options that say the same explicitly. */
  options: ImportOptions;
  /** The folder that the names are relative to, where it is not what was chosen; absolute. */
  root?: string;
}

/** A scan whose images are a file each. */
export interface FileScan extends Scan {
  images: FoundImage[];
}

export interface ScanContext {
  /** What the person chose, as it is shown: a path, or the name of what was dropped. */
  location: string;
  options: ImportOptions;
  signal: AbortSignal;
  /** Where archives may be unpacked; null where there is no such place. */
  unpackTo?: UnpackTo | null;
}

/** A place for what archives hold. */
export interface UnpackTo {
  /** Is not there yet. */
  folder: string;
  /** Whether it is kept, and must outlive a power cut. */
  durable: boolean;
}

/** One way to read a source, such as a folder per class or IDX. */
export interface Importer<S extends Scan = Scan> {
  kind: ImportPlan['kind'];
  /** Layouts that ask for this importer whatever it would detect. */
  layouts: readonly ImportPlan['layout'][];
  /** Whether the listing looks like its own; by names, and by content where names say nothing. */
  detect(listing: Listing): Promise<boolean>;
  /** @throws SOURCE_UNREADABLE for files that are wrong in themselves or disagree, CANCELLED */
  scan(listing: Listing, context: ScanContext): Promise<S>;
  /** Decodes what the scan found. @throws CANCELLED, DISK_FULL, FILE_NOT_WRITABLE */
  read(scan: S, options: ReadOptions): Promise<ReadSource>;
}

/** An image that a scan found, before it is decoded. */
export interface FoundImage {
  /** Of the file, absolute. */
  path: string;
  /** Path within the source with forward slashes. */
  name: string;
  /** null where the source gives none: the image is unlabelled. */
  className: string | null;
  part: ImportPart;
  /** Images of one group stay in one part; absent where the source names none. */
  group?: string;
}

export interface ReadItem {
  /** Path within the source with forward slashes, or "train/00042". */
  name: string;
  /** null where the source gives none: the image is unlabelled. */
  className: string | null;
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
  /** Something to say of the image, each a sentence without its name; such as how its values were scaled. */
  notices?: string[];
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
  /** Goes on where a worker before died, see images/read/journal.ts. */
  resume?: boolean;
  onProgress(done: number, total: number | null): void;
  signal: AbortSignal;
}

/** Name of a source's pack: pixels [count, height, width] (idx) or thumbnails one after another (folder). */
export const packName = (kind: Source['kind'], sourceId: number) =>
  kind === 'idx' ? `source-${sourceId}.u8` : `source-${sourceId}.thumbnails`;
