/**
 * Reads files of plain pictures from the disk: hash and thumbnail. A file that is none, that cannot be read or that
 * anything is to be said of is told apart and left to take-images.ts. Synchronous: runs in the threads of readers.ts.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { mayBePlain, PlainPictures } from '../plain/plain.ts';

export interface PlainRead {
  /** As ReadItem has it. */
  hash: string;
  width: number;
  height: number;
  /** Bytes of the thumbnail. */
  length: number;
}

export interface PlainBatch {
  /** In the order of the paths; null where the file is not a plain picture. */
  read: (PlainRead | null)[];
  /** Thumbnails one after another. */
  thumbnails: Uint8Array;
}

/** Larger files take long enough for sharp's cost to be small. */
const greatestBytes = 16 * 1024 * 1024;
/** Read before it is known whether the rest is wanted. */
const startBytes = 16 * 1024;

export class PlainReader {
  readonly #pictures = new PlainPictures();
  #memory = Buffer.alloc(256 * 1024);

  /** @param paths absolute */
  read(paths: readonly string[]): PlainBatch {
    const thumbnails: Uint8Array[] = [];
    const read = paths.map((path) => {
      const bytes = this.#bytesOf(path);
      const thumbnail = bytes && this.#pictures.thumbnail(bytes);
      if (!thumbnail) return null;
      thumbnails.push(thumbnail.bytes);
      const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
      const { width, height } = thumbnail;
      return { hash, width, height, length: thumbnail.bytes.length };
    });
    const all = new Uint8Array(thumbnails.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const bytes of thumbnails) {
      all.set(bytes, at);
      at += bytes.length;
    }
    return { read, thumbnails: all };
  }

  /** @returns a view of memory that the next file takes; null where it holds no picture that may be plain */
  #bytesOf(path: string): Buffer | null {
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch {
      return null;
    }
    try {
      const { size } = fstatSync(file);
      if (size > greatestBytes) return null;
      if (size > this.#memory.length) this.#memory = Buffer.alloc(size * 2);
      let length = readSync(file, this.#memory, 0, Math.min(size, startBytes), null);
      if (!mayBePlain(this.#memory.subarray(0, length))) return null;
      while (length < size) {
        const more = readSync(file, this.#memory, length, size - length, null);
        if (more === 0) return null;
        length += more;
      }
      return this.#memory.subarray(0, length);
    } catch {
      return null;
    } finally {
      closeSync(file);
    }
  }
}
