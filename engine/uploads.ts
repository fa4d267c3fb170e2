/**
 * Files that a browser or a drop hands over: kept in a temporary folder under an unguessable id until they are imported or
 * looked at. Their names come from outside and are checked here. An upload may be the only copy there is: it is on the disk
 * before it is acknowledged, and what is in use or still arriving never makes room for others.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { cp, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { isFull } from '#contract/storage-errors.ts';
import { notWritten, syncFolder } from '#learning/files/durable-file.ts';

const idPattern = /^[0-9a-f]{32}$/;
const greatestPath = 1024;
/** Bytes of one name, as file systems take them. */
const longestName = 255;

export interface UploadLimits {
  /** Single files that are kept. */
  files: number;
  /** Bytes of all uploads together. */
  bytes: number;
  /** A folder to which nothing was added for so long has been given up. */
  idleMilliseconds: number;
}
const usualLimits: UploadLimits = { files: 64, bytes: 64 * 2 ** 30, idleMilliseconds: 60 * 60 * 1000 };

interface Upload {
  bytes: number;
  /** A folder, of which more may come. */
  folder: boolean;
  /** Work that reads or writes it now. */
  holders: number;
  usedAt: number;
}

export class Uploads {
  /** The least recently used first. */
  readonly #kept = new Map<string, Upload>();
  readonly #limits: UploadLimits;

  constructor(
    private readonly folder: string,
    limits: Partial<UploadLimits> = {},
    private readonly now: () => number = Date.now,
  ) {
    this.#limits = { ...usualLimits, ...limits };
  }

  /**
   * Keeps a file, as a new upload or as a part of one; it is on the disk when this resolves.
   * @param path name, or relative path with forward slashes
   * @throws BAD_REQUEST for a path that would leave the folder, NOT_FOUND for an unknown upload, CONFLICT where no more can be
   * kept, DISK_FULL, FILE_NOT_WRITABLE
   */
  async add(uploadId: string | null, path: string, bytes: Uint8Array): Promise<string> {
    const steps = checkedPath(path);
    const id = uploadId ?? randomBytes(16).toString('hex');
    const upload = uploadId === null ? this.#begin(id, steps.length > 1) : this.#use(uploadId);
    const release = this.hold(id);
    try {
      if (uploadId !== null) upload.folder = true;
      await this.#makeRoom(bytes.length);
      upload.bytes += bytes.length;
      await writeFileDurably(this.folder, join(this.folder, id, ...steps), bytes);
      return id;
    } catch (thrown) {
      if (uploadId === null) await this.#drop(id);
      throw thrown;
    } finally {
      release();
    }
  }

  /** Keeps an upload from making room for others until the function returned is called. @throws NOT_FOUND */
  hold(uploadId: string): () => void {
    const upload = this.#use(uploadId);
    upload.holders += 1;
    let held = true;
    return () => {
      if (held) upload.holders -= 1;
      held = false;
    };
  }

  /** Holds an upload, if it is one, while `work` is under way. @throws NOT_FOUND */
  async during<T>(uploadId: string | null, work: () => Promise<T>): Promise<T> {
    const release = uploadId === null ? () => undefined : this.hold(uploadId);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** @throws NOT_FOUND */
  folderOf(uploadId: string): { folder: string; name: string } {
    this.#use(uploadId);
    const folder = join(this.folder, uploadId);
    const entries = readdirSync(folder);
    return { folder, name: entries.length === 1 ? entries[0]! : `${entries.length} dropped files` };
  }

  /** The one file of an upload. @throws NOT_FOUND */
  fileOf(uploadId: string): string {
    this.#use(uploadId);
    const folder = join(this.folder, uploadId);
    const [name] = readdirSync(folder);
    const file = join(folder, name ?? '');
    if (!name || !statSync(file).isFile()) throw unknown();
    return file;
  }

  /** A place beside the uploads that is not there yet and nobody else has. */
  placeFor(): string {
    mkdirSync(this.folder, { recursive: true });
    return join(this.folder, randomBytes(16).toString('hex'));
  }

  /** Moves an upload's files to a folder that keeps them. @throws NOT_FOUND, DISK_FULL, FILE_NOT_WRITABLE */
  moveTo(uploadId: string, target: string): Promise<void> {
    this.#use(uploadId);
    return moveFolder(join(this.folder, uploadId), target);
  }

  /** Takes back what `moveTo` moved, so that it can be imported again. */
  takeBack(uploadId: string, from: string): Promise<void> {
    return moveFolder(from, join(this.folder, uploadId));
  }

  #begin(id: string, folder: boolean): Upload {
    const upload = { bytes: 0, folder, holders: 0, usedAt: this.now() };
    this.#kept.set(id, upload);
    return upload;
  }

  #use(uploadId: string): Upload {
    const upload = this.#kept.get(uploadId);
    if (!upload || !idPattern.test(uploadId)) throw unknown();
    this.#kept.delete(uploadId);
    this.#kept.set(uploadId, upload);
    upload.usedAt = this.now();
    return upload;
  }

  /** Lets go of what was used longest ago, until `bytes` more can be kept. @throws CONFLICT */
  async #makeRoom(bytes: number): Promise<void> {
    for (;;) {
      let [files, total] = [0, bytes];
      for (const upload of this.#kept.values()) {
        if (!upload.folder) files += 1;
        total += upload.bytes;
      }
      const tooMany = files > this.#limits.files;
      const tooMuch = total > this.#limits.bytes;
      if (!tooMany && !tooMuch) return;
      const oldest = [...this.#kept].find(([, upload]) => this.#mayGo(upload, tooMuch));
      if (oldest) await this.#drop(oldest[0]);
      else if (tooMuch) throw this.#full();
      else return;
    }
  }

  #mayGo({ holders, folder, usedAt }: Upload, tooMuch: boolean): boolean {
    if (holders > 0) return false;
    return folder ? tooMuch && this.now() - usedAt > this.#limits.idleMilliseconds : true;
  }

  async #drop(id: string): Promise<void> {
    this.#kept.delete(id);
    await rm(join(this.folder, id), { recursive: true, force: true });
  }

  #full(): AtelierError {
    const most = this.#limits.bytes;
    return new AtelierError(
      'CONFLICT',
      `Expected at most ${(most / 2 ** 30).toFixed(1)} GiB of dropped files that are not imported yet, and this one would be more. Import what was dropped, or import the folder by its path.`,
      { bytes: most },
    );
  }
}

/** What the system says where a file is in the place of a folder, or a folder in that of a file. */
const inTheWay: ReadonlySet<string> = new Set(['EEXIST', 'EISDIR', 'ENOTDIR']);

/**
 * The file, and the folders down to it: whole, or what was there before, for that may be acknowledged.
 * @throws BAD_REQUEST, DISK_FULL, FILE_NOT_WRITABLE
 */
async function writeFileDurably(root: string, path: string, bytes: Uint8Array): Promise<void> {
  const part = join(root, `${randomBytes(16).toString('hex')}.part`);
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(part, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
    for (let folder = dirname(path); folder.length >= root.length; folder = dirname(folder))
      await syncFolder(folder);
  } catch (cause) {
    await rm(part, { force: true }).catch(() => undefined);
    if (inTheWay.has((cause as NodeJS.ErrnoException).code ?? '')) {
      const [, ...steps] = relative(root, path).split(sep);
      throw new AtelierError(
        'BAD_REQUEST',
        `Expected each path of an upload to be a file or a folder, but part of ${JSON.stringify(steps.join('/'))} would be both. Rename one.`,
      );
    }
    throw notWritten(path, cause);
  }
}

/** All of it is at the target afterwards, and stays there through a power cut; or all of it is where it was. */
async function moveFolder(from: string, target: string): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true });
    try {
      await rename(from, target);
      await syncFolder(dirname(target));
      await syncFolder(dirname(from));
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'EXDEV') throw fault;
      // Another file system.
      await cp(from, target, { recursive: true });
      await syncTree(target);
      await syncFolder(dirname(target));
      await rm(from, { recursive: true, force: true });
    }
  } catch (cause) {
    if (existsSync(from)) await rm(target, { recursive: true, force: true }).catch(() => undefined);
    const full = isFull(cause);
    throw new AtelierError(
      full ? 'DISK_FULL' : 'FILE_NOT_WRITABLE',
      `Expected to move the dropped files to ${target}, but ${full ? 'the disk is full. Free some space' : 'it cannot be written to. Check the folder'} and import again.`,
      { path: target },
      { cause },
    );
  }
}

async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else {
      const file = await open(path, 'r+');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    }
  }
  await syncFolder(folder);
}

const unknown = () =>
  new AtelierError(
    'NOT_FOUND',
    'Expected an upload of this session, but there is none. Drop the file again.',
  );

/** @throws BAD_REQUEST */
function checkedPath(path: string): string[] {
  const steps = path.split('/').filter((step) => step !== '');
  const refused =
    steps.length === 0 ||
    path.startsWith('/') ||
    path.length > greatestPath ||
    steps.some(
      (step) =>
        step === '.' || step === '..' || /[\\:]|\p{Cc}/u.test(step) || Buffer.byteLength(step) > longestName,
    );
  if (refused) {
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected the relative path of a dropped file, received ${JSON.stringify(path.slice(0, 100))}. Rename the file.`,
    );
  }
  return steps;
}
