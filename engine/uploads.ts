/**
 * Files that a browser or a drop hands over: kept in a temporary folder under an unguessable id until they
 * are imported or looked at. Their names come from outside and are checked here.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';

const idPattern = /^[0-9a-f]{32}$/;
const greatestPath = 1024;
const uploadsKept = 64;

export class Uploads {
  constructor(private readonly folder: string) {}

  /**
   * Keeps a file, as a new upload or as a part of one.
   * @param path name, or relative path with forward slashes
   * @throws BAD_REQUEST for a path that would leave the folder, NOT_FOUND for an unknown upload
   */
  add(uploadId: string | null, path: string, bytes: Uint8Array): string {
    const steps = checkedPath(path);
    const id = uploadId ?? randomBytes(16).toString('hex');
    const folder = uploadId === null ? join(this.folder, id) : this.#existing(uploadId);
    if (uploadId === null) this.#makeRoom();
    const target = join(folder, ...steps);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
    return id;
  }

  /** @throws NOT_FOUND */
  folderOf(uploadId: string): { folder: string; name: string } {
    const folder = this.#existing(uploadId);
    const entries = readdirSync(folder);
    return { folder, name: entries.length === 1 ? entries[0]! : `${entries.length} dropped files` };
  }

  /** The one file of an upload. @throws NOT_FOUND */
  fileOf(uploadId: string): string {
    const folder = this.#existing(uploadId);
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
    return moveFolder(this.#existing(uploadId), target);
  }

  /** Takes back what `moveTo` moved, so that it can be imported again. */
  takeBack(uploadId: string, from: string): Promise<void> {
    return moveFolder(from, join(this.folder, uploadId));
  }

  #existing(uploadId: string): string {
    const folder = join(this.folder, uploadId);
    if (!idPattern.test(uploadId) || !existsSync(folder)) throw unknown();
    return folder;
  }

  #makeRoom(): void {
    if (!existsSync(this.folder)) return;
    const old = readdirSync(this.folder)
      .map((name) => ({ name, at: statSync(join(this.folder, name)).mtimeMs }))
      .sort((a, b) => a.at - b.at);
    for (const { name } of old.slice(0, Math.max(0, old.length - uploadsKept))) {
      rmSync(join(this.folder, name), { recursive: true, force: true });
    }
  }
}

/** All of it is at the target afterwards, or all of it where it was. */
async function moveFolder(from: string, target: string): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true });
    try {
      await rename(from, target);
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'EXDEV') throw fault;
      // Another file system.
      await cp(from, target, { recursive: true });
      await rm(from, { recursive: true, force: true });
    }
  } catch (cause) {
    if (existsSync(from)) await rm(target, { recursive: true, force: true }).catch(() => undefined);
    const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
    throw new AtelierError(
      full ? 'DISK_FULL' : 'FILE_NOT_WRITABLE',
      `Expected to move the dropped files to ${target}, but ${full ? 'the disk is full. Free some space' : 'it cannot be written to. Check the folder'} and import again.`,
      { path: target },
      { cause },
    );
  }
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
    steps.some((step) => step === '.' || step === '..' || /[\\:]|\p{Cc}/u.test(step) || step.length > 255);
  if (refused) {
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected the relative path of a dropped file, received ${JSON.stringify(path.slice(0, 100))}. Rename the file.`,
    );
  }
  return steps;
}
