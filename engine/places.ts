/**
 * What a path really is: where it leads once links are followed, and whether it is a place for files at all. Making a
 * folder, too, since Node's own `recursive` never ends where the system answers ENOENT for ever. Which places a client
 * may name is left to paths.ts.
 */
import { lstatSync, mkdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { AtelierError, type ErrorCode, storageError } from '#contract/errors.ts';

const codeOf = (thrown: unknown) => (thrown as NodeJS.ErrnoException).code;
const mostLinks = 40;

/**
 * The absolute path with all links followed, also where its end is not there yet.
 * @throws FORBIDDEN where that cannot be told: a loop of links, a folder that may not be looked into
 */
export function realPlace(path: string): string {
  const missing: string[] = [];
  let at = resolve(path);
  for (let links = 0; ;) {
    try {
      return join(realpathSync.native(at), ...missing);
    } catch (thrown) {
      const code = codeOf(thrown);
      const parent = dirname(at);
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || parent === at || links > mostLinks) {
        throw new AtelierError(
          'FORBIDDEN',
          `Expected a path that can be followed to its end, received ${path} (${code ?? String(thrown)}). Choose another one.`,
          { path },
          { cause: thrown },
        );
      }
      const target = linkTarget(at);
      if (target === null) {
        missing.unshift(basename(at));
        at = parent;
      } else {
        // A link that leads to nothing yet: what is written there would come to be at its target.
        links += 1;
        at = resolve(parent, target);
      }
    }
  }
}

function linkTarget(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch {
    return null;
  }
}

/** Whether `place` is `folder` or below it. Both are absolute, with links followed. */
export function isWithin(place: string, folder: string): boolean {
  const way = relative(folder, place);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** Folders of each system that look like files and are none: processes, devices, switches of the kernel. */
const systemFolders: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['/proc', '/sys', '/dev'],
  darwin: ['/dev'],
};
/** Memory as a disk: files like any other. */
const ordinary = ['/dev/shm'];

/** The system folder that a path lies in, or null. */
function systemFolderOf(path: string): string | null {
  let place: string;
  try {
    place = realPlace(path);
  } catch {
    // Whoever opens it says why it cannot.
    return null;
  }
  // Windows' devices, such as \\.\NUL, which `resolve` makes of NUL.
  if (process.platform === 'win32') return /^\\\\[.?]\\/.test(place) ? place : null;
  if (ordinary.some((folder) => isWithin(place, folder))) return null;
  return systemFolders[process.platform]?.find((folder) => isWithin(place, folder)) ?? null;
}

/**
 * Refuses what lies among the system's processes and devices, where reading may wait for ever and nothing can be kept.
 * @throws `code`
 */
export function requireOrdinaryPlace(path: string, code: ErrorCode): void {
  const system = systemFolderOf(path);
  if (system === null) return;
  throw new AtelierError(
    code,
    `Expected a place for files, received ${path}, which lies in ${system}: the system's own processes and devices. Choose another place.`,
    { path },
  );
}

/**
 * What is where a file is to be written; undefined where nothing is.
 * @throws FILE_NOT_WRITABLE where that cannot be told, such as below a file
 */
export function statAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (thrown) {
    throw storageError(thrown, { kind: 'file', path, doing: 'write' }) ?? thrown;
  }
}

/**
 * Makes a folder and those above it where they are absent. Tries each once.
 * @throws what the system says, such as EACCES or ENOTDIR
 */
export function makeFolder(path: string): void {
  const absent: string[] = [];
  for (let at = resolve(path); !isFolder(at); at = dirname(at)) {
    absent.push(at);
    if (dirname(at) === at) break;
  }
  for (const folder of absent.reverse()) {
    try {
      mkdirSync(folder);
    } catch (thrown) {
      // Somebody else was quicker.
      if (codeOf(thrown) !== 'EEXIST' || !isFolder(folder)) throw thrown;
    }
  }
}

/** @throws ENOTDIR where something else is there, and what else the system says */
function isFolder(path: string): boolean {
  try {
    if (statSync(path).isDirectory()) return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return false;
    throw thrown;
  }
  throw Object.assign(new Error(`ENOTDIR: not a directory, ${path}`), { code: 'ENOTDIR', path });
}
