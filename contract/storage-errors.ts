/**
 * What the operating system or SQLite says where a file cannot be read or written, each as its own true word: a
 * code of ours and a sentence that says what to do. Who throws it is errors.ts; when to try again is left to the callers.
 */

/** What became of a file. */
type Trouble =
  | 'full'
  | 'quota'
  | 'read-only'
  | 'denied'
  | 'missing'
  | 'unfit'
  | 'too-large'
  | 'too-many-files'
  | 'failing'
  | 'locked'
  | 'damaged'
  | 'replaced'
  | 'no-memory';

const ofErrno: Readonly<Record<string, Trouble>> = {
  ENOSPC: 'full',
  EDQUOT: 'quota',
  EROFS: 'read-only',
  EACCES: 'denied',
  EPERM: 'denied',
  ENOENT: 'missing',
  ENOTDIR: 'unfit',
  EISDIR: 'unfit',
  ENAMETOOLONG: 'unfit',
  ELOOP: 'unfit',
  EFBIG: 'too-large',
  EMFILE: 'too-many-files',
  ENFILE: 'too-many-files',
  EIO: 'failing',
  ENXIO: 'failing',
  ENODEV: 'failing',
  ESTALE: 'failing',
  EREMOTEIO: 'failing',
  EBUSY: 'locked',
  ETXTBSY: 'locked',
  ENOMEM: 'no-memory',
};

/** By primary result code, https://www.sqlite.org/rescode.html. Others are faults of ours. */
const ofSqlite: Readonly<Record<number, Trouble>> = {
  3: 'denied', // PERM
  5: 'locked', // BUSY
  6: 'locked', // LOCKED
  7: 'no-memory', // NOMEM
  8: 'read-only', // READONLY
  10: 'failing', // IOERR
  11: 'damaged', // CORRUPT
  13: 'full', // FULL
  14: 'unfit', // CANTOPEN
  15: 'locked', // PROTOCOL: too many want the same lock
  22: 'too-large', // NOLFS
  23: 'denied', // AUTH
  24: 'damaged', // FORMAT
  26: 'damaged', // NOTADB
};

/** By extended result code, where that says more. */
const ofExtended: Readonly<Record<number, Trouble>> = {
  1032: 'replaced', // READONLY_DBMOVED
  3082: 'no-memory', // IOERR_NOMEM
  3338: 'denied', // IOERR_ACCESS
  8202: 'damaged', // IOERR_DATA: a checksum is wrong
  8458: 'damaged', // IOERR_CORRUPTFS
  522: 'damaged', // IOERR_SHORT_READ: the file ends too early
};

/** Numbers of the system's errors where SQLite tells one, the same on Linux and macOS but for the quota. */
const ofNumber: Readonly<Record<number, Trouble>> = {
  1: 'denied',
  5: 'failing',
  13: 'denied',
  23: 'too-many-files',
  24: 'too-many-files',
  28: 'full',
  30: 'read-only',
  69: 'quota',
  122: 'quota',
};
const ofWindows: Readonly<Record<number, Trouble>> = {
  4: 'too-many-files',
  5: 'denied',
  19: 'read-only',
  32: 'locked',
  33: 'locked',
  39: 'full',
  112: 'full',
};

/** What could not be read or written. */
export interface Place {
  /** The project's database, or a file of any kind. */
  kind: 'project' | 'file';
  path: string;
  doing: 'read' | 'write';
}

interface StorageWords {
  code:
    | 'DISK_FULL'
    | 'DISK_FAILED'
    | 'TOO_MANY_FILES'
    | 'OUT_OF_MEMORY'
    | 'FILE_NOT_READABLE'
    | 'FILE_NOT_WRITABLE'
    | 'PROJECT_LOCKED'
    | 'PROJECT_READ_ONLY'
    | 'PROJECT_DAMAGED'
    | 'PROJECT_REPLACED'
    | 'PROJECT_NOT_FOUND';
  message: string;
  details: { path: string; reason: string };
}

/** As Node and the SQLite driver throw them. */
interface Thrown {
  code?: unknown;
  errcode?: unknown;
  systemErrno?: unknown;
  syscall?: unknown;
  path?: unknown;
  message?: unknown;
}

const asThrown = (thrown: unknown): Thrown =>
  typeof thrown === 'object' && thrown !== null ? (thrown as Thrown) : {};

/** The number that SQLite gave for a failure; null where it was not SQLite. The primary code is its last 8 bits. */
export function sqliteCodeOf(thrown: unknown): number | null {
  const { code, errcode } = asThrown(thrown);
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' ? errcode : null;
}

const isWindows = () => (globalThis as { process?: { platform?: string } }).process?.platform === 'win32';

function troubleOf(thrown: unknown): { trouble: Trouble; reason: string } | null {
  const { code, systemErrno, message } = asThrown(thrown);
  const sqlite = sqliteCodeOf(thrown);
  if (sqlite === null) {
    const trouble = typeof code === 'string' ? ofErrno[code] : undefined;
    return trouble ? { trouble, reason: code as string } : null;
  }
  const primary = sqlite & 0xff;
  const reason = `SQLite ${sqlite}${typeof message === 'string' ? `: ${message}` : ''}`;
  // What the system said is truer than SQLite's own word for it, but for the last file that it tried to open.
  const told =
    primary === 10 || primary === 14
      ? (isWindows() ? ofWindows : ofNumber)[typeof systemErrno === 'number' ? systemErrno : -1]
      : undefined;
  // A table or column that a hand took away.
  const torn = primary === 1 && /^no such (table|column)/.test(String(message)) ? 'damaged' : undefined;
  const trouble = ofExtended[sqlite] ?? (told === 'failing' ? undefined : told) ?? torn ?? ofSqlite[primary];
  return trouble ? { trouble, reason } : null;
}

/** Whether another try may find what was in the way gone: a lock that somebody holds for a moment. */
export const isLocked = (thrown: unknown): boolean => troubleOf(thrown)?.trouble === 'locked';

/** Whether there is no room, or none that this user may take. */
export const isFull = (thrown: unknown): boolean =>
  ['full', 'quota'].includes(troubleOf(thrown)?.trouble ?? '');

/** The true word for it; null for what is no trouble with a file. */
export function storageWords(thrown: unknown, place: Place): StorageWords | null {
  const found = troubleOf(thrown);
  if (!found) return null;
  const { trouble, reason } = found;
  const { code, message } = (place.kind === 'project' ? projectWords : fileWords)(trouble, reason, place);
  return { code, message, details: { path: place.path, reason } };
}

type Words = Pick<StorageWords, 'code' | 'message'>;

function fileWords(trouble: Trouble, reason: string, { path, doing }: Place): Words {
  const not = doing === 'write' ? 'written' : 'read';
  const code = doing === 'write' ? 'FILE_NOT_WRITABLE' : 'FILE_NOT_READABLE';
  const could = `${path} could not be ${not} (${reason}).`;
  switch (trouble) {
    case 'full':
      return { code: 'DISK_FULL', message: `No space is left to write ${path}. Free some, then try again.` };
    case 'quota':
      return {
        code: 'DISK_FULL',
        message: `Your share of the disk (quota) is used up, so ${path} could not be written. Free some, then try again.`,
      };
    case 'read-only':
      return { code, message: `${could} Its disk is read-only. Choose another place, or make it writable.` };
    case 'denied':
      return {
        code,
        message: `${could} You have not the permission. Check who owns it, then try again.`,
      };
    case 'too-large':
      return { code, message: `${could} Its file system takes no file of that size. Choose another disk.` };
    case 'too-many-files':
      return tooManyFiles(path, reason);
    case 'failing':
    case 'damaged':
      return diskFailed(path, reason);
    case 'locked':
      return { code, message: `${could} Another program uses it. Close it there, then try again.` };
    case 'no-memory':
      return outOfMemory(path, reason);
    case 'missing':
    case 'unfit':
    case 'replaced':
      return doing === 'write'
        ? { code, message: `${could} Check that its folder exists and may be written to, then try again.` }
        : { code, message: `${could} Check that it is there and is a file, then try again.` };
  }
}

function projectWords(trouble: Trouble, reason: string, place: Place): Words {
  const { path } = place;
  switch (trouble) {
    case 'full':
      return {
        code: 'DISK_FULL',
        message: 'No space is left to write the project. Nothing was changed; free some, then try again.',
      };
    case 'quota':
      return {
        code: 'DISK_FULL',
        message: 'Your share of the disk (quota) is used up. Nothing was changed; free some, then try again.',
      };
    case 'read-only':
      return {
        code: 'PROJECT_READ_ONLY',
        message: `The project at ${path} can be looked at but not changed: its folder or database is read-only (${reason}). Make it writable and open it again, or work on a copy.`,
      };
    case 'denied':
      return place.doing === 'write'
        ? {
            code: 'PROJECT_READ_ONLY',
            message: `The project at ${path} can be looked at but not changed: you have not the permission to write (${reason}). Check who owns its folder and open it again, or work on a copy.`,
          }
        : {
            code: 'FILE_NOT_READABLE',
            message: `The project at ${path} may not be read (${reason}). Check who owns its folder and files, then try again.`,
          };
    case 'missing':
      return {
        code: 'PROJECT_NOT_FOUND',
        message: `Expected a project at ${path}, but its database is gone (${reason}). Check the path, or put the folder back.`,
      };
    case 'unfit':
      return {
        code: 'FILE_NOT_READABLE',
        message: `The database of the project at ${path} could not be opened (${reason}). Check that its folder is there and may be read, then try again.`,
      };
    case 'too-large':
      return {
        code: 'FILE_NOT_WRITABLE',
        message: `The database of the project at ${path} has grown to what its file system takes (${reason}). Move the project to another disk.`,
      };
    case 'too-many-files':
      return tooManyFiles(path, reason);
    case 'failing':
      return diskFailed(path, reason);
    case 'locked':
      return {
        code: 'PROJECT_LOCKED',
        message: `Another program is using the database of the project at ${path}. Nothing was changed. Close it there, then try again.`,
      };
    case 'damaged':
      return {
        code: 'PROJECT_DAMAGED',
        message: `The database of the project at ${path} is damaged (${reason}). What it says may be wrong from here on: stop working on it, keep its folder as it is, and put back a copy of project.sqlite.`,
      };
    case 'replaced':
      return {
        code: 'PROJECT_REPLACED',
        message: `The database at ${path} is not the file any more that was opened (${reason}). Open the project again.`,
      };
    case 'no-memory':
      return outOfMemory(path, reason);
  }
}

const tooManyFiles = (path: string, reason: string): Words => ({
  code: 'TOO_MANY_FILES',
  message: `${path} could not be opened: too many files are open at once (${reason}). Close other programs, or raise the limit (ulimit -n), then try again.`,
});

const diskFailed = (path: string, reason: string): Words => ({
  code: 'DISK_FAILED',
  message: `The disk failed at ${path} (${reason}). Check the disk and its connection, and copy what matters to another one before you go on.`,
});

const outOfMemory = (path: string, reason: string): Words => ({
  code: 'OUT_OF_MEMORY',
  message: `There is not enough memory to use ${path} (${reason}). Close other programs, then try again.`,
});

const writing =
  /^(write|mkdir|mkdtemp|rename|unlink|rmdir|rm|copyfile|cp|f?truncate|f?d?a?t?a?sync|fsync|utime|futime|symlink|link|f?chmod|f?chown)$/;
const reading = /^(open|read|f?l?stat|scandir|opendir|readlink|realpath|access|close)$/;

/** The place as the thrown error itself names it; null where it is none of a file. */
export function placeIn(thrown: unknown): Place | null {
  const { syscall, path, code } = asThrown(thrown);
  if (sqliteCodeOf(thrown) !== null) return { kind: 'project', path: 'this place', doing: 'write' };
  if (typeof syscall !== 'string' || !(writing.test(syscall) || reading.test(syscall))) return null;
  const write = writing.test(syscall) || code === 'EROFS' || code === 'ENOSPC' || code === 'EDQUOT';
  return { kind: 'file', path: typeof path === 'string' ? path : 'A file', doing: write ? 'write' : 'read' };
}
