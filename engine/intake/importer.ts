/**
 * What every importer hands over, whatever the format: first what its files are taken for (a scan), then the images it
 * read, what it skipped, and the file it packed them into. Which importers there are is left to importers.ts, writing
 * to the project to store.ts.
 */
import type { ImportOptions, ImportSplit, ImportPlan, ImportWarning } from '#contract/import.ts';
import type { SkippedFile } from '#contract/project.ts';
import type { Storage } from '../images/storage/storage.ts';

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
  skipped: SkippedFile[];
}

/** What the files of a source are taken for; nothing has been decoded yet. */
export interface Scan {
  /** One of the importer's. */
  layout: string;
  /** Which options beside `layout` and `part` make a difference here. */
  asks: ImportPlan['asks'];
  /** What was inferred, in one or two sentences. */
  statement: string;
  /** Classes × parts; those without images are left out. */
  classes: ImportPlan['classes'];
  /** How many images without a class there are in each part. */
  unlabelled: ImportPlan['unlabelled'];
  skipped: SkippedFile[];
  warnings: ImportWarning[];
  /** Options that say the same explicitly. */
  options: ImportOptions;
  /** The folder that the names are relative to, where it is not what was chosen; absolute. */
  root?: string;
}

/** A scan whose images are a file each. A re-scan compares these files with what the project has. */
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

/**
 * One format of sources, such as folders of images or IDX. Thumbnails and pixels of what it read, re-scan and relink come
 * with the storage that `read` chooses: `originalFiles` where images stay files (then its scan is a `FileScan`), `keptPixels`
 * where the project keeps their pixels.
 */
export interface Importer<S extends Scan = Scan> {
  /** What people may ask for by name, whatever it would detect, and what they call it. */
  layouts: Readonly<Record<string, string>>;
  /** What a file of it is called, where one can be chosen by itself: "an IDX file". */
  file?: string;
  /** Whether its files may be zipped or gzipped themselves: then it is asked before archives are unpacked. */
  packed?: boolean;
  /** Whether the listing looks like its own; by names, and by content where names say nothing. @throws CANCELLED */
  detect(listing: Listing): Promise<boolean>;
  /** What to say of files of its own where the folders are read instead. */
  unused?(listing: Listing, signal: AbortSignal): Promise<ImportWarning[]>;
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
  part: ImportSplit;
  /** Images of one group stay in one part; absent where the source names none. */
  group?: string;
}

export interface ReadItem {
  /** Path within the source with forward slashes, or "train/00042". */
  name: string;
  /** null where the source gives none: the image is unlabelled. */
  className: string | null;
  /** `pool` where the source leaves open whether it trains, validates or tests. */
  part: ImportSplit;
  /** Images of one group stay in one part; absent where the source names none. */
  group?: string;
  width: number;
  height: number;
  /** Hexadecimal; the first 16 bytes of SHA-256 of the content. */
  hash: string;
  /** Where its pixels or its thumbnail begin in the packed file, and how many bytes they are. */
  position: number;
  length: number;
  /** Something to say of the image, each a sentence without its name; such as how its values were scaled. */
  notices?: string[];
}

export interface ReadSource {
  /** How they are stored, images/storage/. */
  storage: Storage;
  /** Names in the order in which new classes are made. */
  classes: string[];
  items: ReadItem[];
  skippedFiles: SkippedFile[];
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
