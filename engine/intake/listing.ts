/**
 * Lists the files of a source: walks a folder, follows links without going in circles, and names what can be no part of
 * a data set. Opens no file and writes none; what the files mean is left to the importers.
 */
import { type Dirent, lstatSync, type Stats, statSync } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { AtelierError } from '#contract/errors.ts';
import type { SkippedFile } from '#contract/project.ts';
import type { ListedFile, Listing } from './importer.ts';

const greatestDepth = 32;
/** Files and folders together: links can make few folders look like many. */
const greatestCount = 1_000_000;
const statsAtOnce = 32;
/** A disk that takes longer for so many is far away, and is asked for all of them at once instead of one by one. */
const nearMilliseconds = 8;

/** What systems and programs leave behind, in lower case. */
const litter = new Set([
  '@eadir', // Synology
  '#recycle',
  '@recycle',
  '$recycle.bin',
  'recycler',
  'system volume information',
  'lost+found',
  '__macosx',
  '__pycache__',
  'thumbs.db',
  'ehthumbs.db',
  'ehthumbs_vista.db',
  'desktop.ini',
  'icon\r',
]);

export const reasons = {
  litter: 'Left by the system or by another program, no part of the data set.',
  hidden: 'Hidden: its name begins with a dot.',
  name: 'Its name is not valid UTF-8. Rename the file.',
  loop: 'A link back to a folder that holds it.',
  twice: 'A link to a folder that is read already.',
  dangling: 'A link to a file that is not there.',
  empty: 'An empty folder.',
  special: 'Not a regular file.',
  deep: `Lies more than ${greatestDepth} folders deep.`,
} as const;

/**
 * Everything at `path`, a folder or a file, in the order of the names' bytes.
 * @param onListed told now and then how many files were seen
 * @throws SOURCE_NOT_FOUND, SOURCE_UNREADABLE, CANCELLED
 */
export async function listFiles(
  path: string,
  signal: AbortSignal,
  onListed: (files: number) => void = () => undefined,
): Promise<Listing> {
  const root = resolve(path);
  const found = await stat(root).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(root, cause.code === 'ENOENT' ? 'SOURCE_NOT_FOUND' : 'SOURCE_UNREADABLE', cause);
  });
  if (found.isFile()) {
    const name = root.slice(root.lastIndexOf(sep) + 1);
    return { root, files: [{ path: root, name, size: found.size }], skipped: [] };
  }
  if (!found.isDirectory()) {
    throw new AtelierError(
      'SOURCE_UNREADABLE',
      `Expected a folder or a file at ${root}, received a pipe or a device. Choose the folder of the data set.`,
      { path: root },
    );
  }
  const walk = new Walk(root, await realpath(root), signal, onListed);
  await walk.folder(root, [], []);
  return { root, files: walk.files, skipped: walk.skipped };
}

class Walk {
  readonly files: ListedFile[] = [];
  readonly skipped: SkippedFile[] = [];
  /** Real paths of folders that links led to. */
  readonly #linked = new Set<string>();
  #seen = 0;
  #near = true;

  constructor(
    private readonly root: string,
    private readonly realRoot: string,
    private readonly signal: AbortSignal,
    private readonly onListed: (files: number) => void,
  ) {}

  /** @param steps names below the root @param above real paths of linked folders that this one lies in */
  async folder(path: string, steps: readonly string[], above: readonly string[]): Promise<void> {
    if (steps.length > greatestDepth) return this.#skip(steps, reasons.deep);
    let entries: Dirent[];
    try {
      // The types say string, but the names are bytes.
      entries = await readdir(path, { encoding: 'buffer' as 'utf8', withFileTypes: true });
    } catch (cause) {
      if (steps.length === 0) throw unreadable(this.root, 'SOURCE_UNREADABLE', cause as Error);
      return this.#skip(steps, cannotRead(cause));
    }
    if (entries.length === 0 && steps.length > 0) return this.#skip(steps, reasons.empty);
    const names = entries
      .map(({ name }) => name as unknown as Buffer)
      .sort(Buffer.compare)
      .flatMap((bytes) => this.#named(bytes, steps));
    for (let at = 0; at < names.length; at += statsAtOnce) {
      if (this.signal.aborted) throw new AtelierError('CANCELLED', 'The import was cancelled.');
      const some = names.slice(at, at + statsAtOnce);
      const known = await this.#look(some.map((name) => join(path, name)));
      for (const [index, name] of some.entries())
        await this.#take(join(path, name), [...steps, name], known[index]!, above);
      this.onListed(this.files.length);
    }
  }

  /** Asking at once takes a near disk a tenth of the time that waiting for each answer does. */
  async #look(paths: readonly string[]): Promise<Found[]> {
    if (!this.#near) return Promise.all(paths.map(look));
    await turnOfEventLoop();
    const begun = performance.now();
    const found = paths.map(lookNow);
    this.#near = performance.now() - begun < nearMilliseconds;
    return found;
  }

  #skip(steps: readonly string[], reason: string): void {
    this.skipped.push({ path: steps.join('/'), reason });
  }

  /** The name as text, where it is one and not litter. */
  #named(bytes: Buffer, steps: readonly string[]): string[] {
    const name = bytes.toString('utf8');
    const reason = !Buffer.from(name, 'utf8').equals(bytes)
      ? reasons.name
      : litter.has(name.toLowerCase()) ||
          name === '.DS_Store' ||
          /^\._/.test(name) ||
          name === '.ipynb_checkpoints'
        ? reasons.litter
        : name.startsWith('.')
          ? reasons.hidden
          : null;
    if (reason === null) return [name];
    this.#skip([...steps, name], reason);
    return [];
  }

  async #take(path: string, steps: string[], found: Found, above: readonly string[]): Promise<void> {
    if (++this.#seen > greatestCount) {
      throw new AtelierError(
        'SOURCE_UNREADABLE',
        `Expected a folder of at most ${greatestCount.toLocaleString('en')} files and folders, received more. Choose the folder of the data set itself.`,
        { path: this.root },
      );
    }
    if ('reason' in found) return this.#skip(steps, found.reason);
    const { status, link } = found;
    if (status.isFile()) {
      this.files.push({ path, name: steps.join('/'), size: status.size });
      return;
    }
    if (!status.isDirectory()) return this.#skip(steps, reasons.special);
    if (!link) return this.folder(path, steps, above);

    const real = await realpath(path);
    const here = await realpath(join(path, '..'));
    const holds = (folder: string, inner: string) => inner === folder || inner.startsWith(folder + sep);
    if (holds(real, here) || above.includes(real) || holds(real, this.realRoot))
      return this.#skip(steps, reasons.loop);
    if (holds(this.realRoot, real) || this.#linked.has(real)) return this.#skip(steps, reasons.twice);
    this.#linked.add(real);
    return this.folder(path, steps, [...above, real]);
  }
}

type Found = { status: Stats; link: boolean } | { reason: string };

async function look(path: string): Promise<Found> {
  try {
    const own = await lstat(path);
    if (!own.isSymbolicLink()) return { status: own, link: false };
    return { status: await stat(path), link: true };
  } catch (cause) {
    return notSeen(cause);
  }
}

function lookNow(path: string): Found {
  try {
    const own = lstatSync(path);
    if (!own.isSymbolicLink()) return { status: own, link: false };
    return { status: statSync(path), link: true };
  } catch (cause) {
    return notSeen(cause);
  }
}

function notSeen(cause: unknown): Found {
  const { code } = cause as NodeJS.ErrnoException;
  return { reason: code === 'ENOENT' ? reasons.dangling : cannotRead(cause) };
}

/** Without the path: files that cannot be read for one reason are one group. */
const causes: Record<string, string> = {
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
  ELOOP: 'its link leads back to itself',
  ENAMETOOLONG: 'its path is too long',
  EIO: 'the disk reports a fault',
};

const unread = 'Cannot be read: ';

/** Why a file or folder was skipped that is there and cannot be read. @param cause what the system said */
export function cannotRead(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return `${unread}${causes[code ?? ''] ?? code ?? message}.`;
}

/** Whether a reason is one that `cannotRead` gave. */
export const isUnread = (reason: string): boolean => reason.startsWith(unread);

function unreadable(
  path: string,
  code: 'SOURCE_NOT_FOUND' | 'SOURCE_UNREADABLE',
  cause: Error,
): AtelierError {
  return code === 'SOURCE_NOT_FOUND'
    ? new AtelierError(
        code,
        `Expected a folder at ${path}, but nothing is there. Check the path.`,
        { path },
        { cause },
      )
    : new AtelierError(
        code,
        `Expected a folder that can be read at ${path}. ${cannotRead(cause)} Check its permissions.`,
        { path },
        { cause },
      );
}
