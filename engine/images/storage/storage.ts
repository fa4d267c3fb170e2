/**
 * What a project needs to know of the images of a source, whatever format they came in: where their thumbnails and pixels
 * are. Each importer chooses one of storages.ts; the database has its name and a place in its file for each image.
 * Light enough for the studio process: decoding is left to ../decode/.
 */
import type { ChangedOriginals, Original } from './changed-originals.ts';

/** Encoded bytes of a picture file, or pixels [height, width, channels]; as ../decode/open.ts takes it. */
export type StoredPicture =
  Uint8Array | { pixels: Uint8Array; height: number; width: number; channels: 1 | 3 };

/** Height and width of the image itself, and how many bytes it takes in the source's file. */
export interface StoredSize {
  width: number;
  height: number;
  length: number;
}

export interface Storage {
  /** As `sources.storage` has it: never changed once it was released. */
  name: string;
  /** Whether images are files that are read where they are. Only these can be edited, moved, re-scanned and relinked. */
  originals: boolean;
  /** Name of a source's file in packs/; an image lies in it at its `position`, `length` bytes long. */
  packName(sourceId: number): string;
  /** Channels of the pixels; null where only decoding tells. */
  channels(size: StoredSize): 1 | 3 | null;
  /**
   * What shows the image in a grid: `grey` pixels [height, width], or an `encoded` PNG or JPEG.
   * @param bytes of the image in the source's file
   * @returns null where they can be none of it
   */
  tile(bytes: Uint8Array, size: StoredSize): { form: 'grey' | 'encoded'; bytes: Uint8Array } | null;
  /**
   * The image as it was imported, compared with its hash.
   * @param project folder of the project
   * @returns null where it is something else now, which `faults` then knows
   * @throws SOURCE_UNREADABLE, PROJECT_DAMAGED
   */
  picture(project: string, item: Original, faults: ChangedOriginals): Promise<StoredPicture | null>;
}
