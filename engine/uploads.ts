/**
 * Files that a browser or a drop hands over: kept in a temporary folder under an unguessable id until they
 * are imported or looked at. Their names come from outside and are checked here.
 */
import { randomBytes } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
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

  /** Moves an upload's files to a folder that keeps them. */
  moveTo(uploadId: string, target: string): void {
    const folder = this.#existing(uploadId);
    mkdirSync(dirname(target), { recursive: true });
    try {
      renameSync(folder, target);
    } catch {
      // Another file system.
      cpSync(folder, target, { recursive: true });
      rmSync(folder, { recursive: true, force: true });
    }
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
