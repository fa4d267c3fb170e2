/**
 * The folder that an archive is unpacked into: checks every name and every size before it writes, names what it leaves out,
 * and is there whole or not at all. Nothing of an archive can be written anywhere else.
 */
import * as files from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { SkippedFile } from '#contract/project.ts';
import { notWritten } from '#learning/files/durable-file.ts';

interface Bounds {
  /** Files and folders of all archives together. */
  entries: number;
  /** Bytes of all files together. */
  bytes: number;
}

export const reasons = {
  outside: 'Its path leads out of the archive.',
  absolute: 'Its path is absolute.',
  control: 'Its name holds control characters.',
  long: 'Its path is too long.',
  backslash: 'Its name holds a backslash.',
  link: 'A link. Only files are unpacked.',
  special: 'A device or a pipe. Only files are unpacked.',
  encrypted: 'Encrypted. Unpack the archive with its password, then choose the folder.',
  twice: 'Another entry of the archive has this name.',
  bomb: 'It would grow to more than 1000 times its size in the archive.',
} as const;

const greatestName = 255;
const greatestPath = 1024;
/** Space that is left free for everything else. */
const spare = 64 * 1024 * 1024;
const syncsAtOnce = 32;

/** At most what is free on the disk. */
export async function boundsOf(folder: string): Promise<Bounds> {
  // Since Node 18.15.
  const ask = files.statfs as typeof files.statfs | undefined;
  const answer = await ask?.(folder).catch(() => undefined);
  const free = answer && answer.blocks > 0 ? answer.bavail * answer.bsize - spare : 2 ** 40;
  return { entries: 1_000_000, bytes: Math.max(0, free) };
}

/** The steps of an entry's path, or why it is not taken; no steps for the root itself. */
export function stepsOf(name: string): string[] | { reason: string } {
  if (/\p{Cc}/u.test(name)) return { reason: reasons.control };
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) return { reason: reasons.absolute };
  if (name.includes('\\')) return { reason: reasons.backslash };
  const steps = name.split('/').filter((step) => step !== '' && step !== '.');
  if (steps.includes('..')) return { reason: reasons.outside };
  const tooLong = Buffer.byteLength(name) > greatestPath;
  if (tooLong || steps.some((step) => Buffer.byteLength(step) > greatestName))
    return { reason: reasons.long };
  return steps;
}

export class UnpackedFolder {
  readonly skipped: SkippedFile[] = [];
  #entries = 0;
  #bytes = 0;
  readonly #folders = new Set<string>();
  readonly #syncs = new Set<Promise<void>>();

  /**
   * @param folder exists and is empty
   * @param durable whether what is written must outlive a power cut
   */
  constructor(
    readonly folder: string,
    private readonly bounds: Bounds,
    private readonly durable: boolean,
    private readonly signal: AbortSignal,
    private readonly onFile: (files: number) => void,
  ) {
    this.#folders.add(folder);
  }

  skip(path: string, reason: string): void {
    this.skipped.push({ path, reason });
  }

  /** Counts an entry. @throws CANCELLED, SOURCE_UNREADABLE where there are too many */
  count(archive: string): void {
    if (this.signal.aborted) throw new AtelierError('CANCELLED', 'The import was cancelled.');
    if (++this.#entries > this.bounds.entries) {
      throw new AtelierError(
        'SOURCE_UNREADABLE',
        `${archive}: Expected an archive of at most ${this.bounds.entries} files and folders, received more. Unpack it, and choose the folder that contains the images.`,
        { file: archive },
      );
    }
  }

  /** Refuses before anything is written. @throws DISK_FULL */
  claim(archive: string, bytes: number): void {
    if (this.#bytes + bytes <= this.bounds.bytes) return;
    throw new AtelierError(
      'DISK_FULL',
      `${archive}: Expected room for ${bytes} bytes that are in the archive, received a disk with ${this.bounds.bytes - this.#bytes} left. Free some space and import again.`,
      { file: archive, bytes, free: this.bounds.bytes - this.#bytes },
    );
  }

  /**
   * Writes a file, or names it as skipped.
   * @param name what the archive calls it @param under steps of the folder that the archive is unpacked into
   * @throws DISK_FULL, FILE_NOT_WRITABLE, CANCELLED, and what `content` throws, for which the file is removed
   */
  async write(
    archive: string,
    name: string,
    under: readonly string[],
    content: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const steps = stepsOf(name);
    if ('reason' in steps) return this.skip(name, steps.reason);
    if (steps.length === 0) return this.skip(name, reasons.outside);
    const path = join(this.folder, ...under, ...steps);
    let file: files.FileHandle;
    try {
      await this.#makeFolder(dirname(path));
      file = await files.open(path, 'wx');
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR') return this.skip(name, reasons.twice);
      throw notWritten(path, cause);
    }
    try {
      for await (const piece of content) {
        if (this.signal.aborted) throw new AtelierError('CANCELLED', 'The import was cancelled.');
        this.claim(archive, piece.length);
        this.#bytes += piece.length;
        await file.writeFile(piece).catch((cause: unknown) => {
          throw notWritten(path, cause);
        });
      }
    } catch (thrown) {
      await file.close();
      await files.rm(path, { force: true });
      throw thrown;
    }
    await this.#finish(file, path);
    this.onFile(this.#entries);
  }

  /** Where all that a folder holds is one folder of this name, puts that one in its place. */
  async raise(folder: string, name: string): Promise<void> {
    const [only, ...others] = await files.readdir(folder, { withFileTypes: true }).catch(() => []);
    if (!only || others.length > 0 || only.name !== name || !only.isDirectory()) return;
    const inner = join(folder, name);
    await files.rename(inner, `${folder}.part`);
    await files.rmdir(folder);
    await files.rename(`${folder}.part`, folder);
    for (const made of [...this.#folders]) {
      if (made !== inner && !made.startsWith(inner + sep)) continue;
      this.#folders.delete(made);
      this.#folders.add(folder + made.slice(inner.length));
    }
  }

  /** Waits for the disk. @throws DISK_FULL, FILE_NOT_WRITABLE */
  async finish(): Promise<void> {
    await Promise.all(this.#syncs);
    if (!this.durable || process.platform === 'win32') return;
    for (const folder of this.#folders) {
      const handle = await files.open(folder, 'r');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    }
  }

  /** Files are synced side by side: one after the other, small ones take longer than writing them. */
  async #finish(file: files.FileHandle, path: string): Promise<void> {
    if (!this.durable) return file.close();
    const sync = (async () => {
      try {
        await file.sync();
      } catch (cause) {
        throw notWritten(path, cause);
      } finally {
        await file.close();
      }
    })();
    // Told to the one who waits for it.
    sync.catch(() => undefined);
    this.#syncs.add(sync);
    if (this.#syncs.size < syncsAtOnce) return;
    const all = [...this.#syncs];
    this.#syncs.clear();
    await Promise.all(all);
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return;
    await this.#makeFolder(dirname(folder));
    try {
      await files.mkdir(folder);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      // A file of that name came before.
      if (!(await files.stat(folder)).isDirectory()) throw cause;
    }
    this.#folders.add(folder);
  }
}
