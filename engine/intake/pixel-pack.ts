/** What an importer whose images are stored as pixels reads them into: one file of them all, never held as a whole. */
import { closeSync, openSync } from 'node:fs';
import { append } from '../images/packs/pack-file.ts';
import { hashOf } from '../images/storage/changed-originals.ts';
import { keptPixels } from '../images/storage/kept-pixels.ts';
import type { ReadItem, ReadOptions, ReadSource } from './importer.ts';

/** Bytes that are written at once. */
const gatheredBytes = 1 << 20;

export class PixelPack {
  readonly #items: ReadItem[] = [];
  readonly #file: number;
  #gathered: Uint8Array[] = [];
  #waiting = 0;
  #position = 0;

  /** @param total images to come */
  constructor(
    private readonly total: number,
    private readonly options: Pick<ReadOptions, 'pack' | 'onProgress'>,
  ) {
    this.#file = openSync(options.pack, 'w');
  }

  /**
   * @param pixels uint8 [height, width] or [height, width, 3]; kept until they are written
   * @throws DISK_FULL, FILE_NOT_WRITABLE
   */
  add(image: Omit<ReadItem, 'hash' | 'position' | 'length'>, pixels: Uint8Array): void {
    const { length } = pixels;
    this.#items.push({ ...image, hash: hashOf(pixels), position: this.#position, length });
    this.#gathered.push(pixels);
    this.#position += length;
    this.#waiting += length;
    if (this.#waiting > gatheredBytes) this.#flush();
  }

  /** @param classes names in the order in which new classes are made @throws DISK_FULL, FILE_NOT_WRITABLE */
  finish(classes: string[]): ReadSource {
    this.#flush();
    return { storage: keptPixels, classes, items: this.#items, skippedFiles: [], pack: this.options.pack };
  }

  close(): void {
    closeSync(this.#file);
  }

  #flush(): void {
    append(this.#file, Buffer.concat(this.#gathered), this.options.pack);
    this.#gathered = [];
    this.#waiting = 0;
    this.options.onProgress(this.#items.length, this.total);
  }
}
