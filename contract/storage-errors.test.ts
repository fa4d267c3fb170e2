/** A table: what the system or SQLite says, and the word that a person reads for it. */
import { expect, test } from 'vitest';
import { AtelierError, storageError, toWireError } from './errors.ts';
import { isFull, isLocked } from './storage-errors.ts';

const errno = (code: string, syscall = 'open') =>
  Object.assign(new Error(`${code}: no matter, ${syscall} '/p/x'`), { code, syscall, path: '/p/x' });
const sqlite = (errcode: number, message = 'no matter', systemErrno?: number) =>
  Object.assign(new Error(message), {
    code: 'ERR_SQLITE_ERROR',
    errcode,
    ...(systemErrno ? { systemErrno } : {}),
  });

const file = { kind: 'file', path: '/p/x', doing: 'write' } as const;
const project = { kind: 'project', path: '/p', doing: 'write' } as const;

test.each([
  ['EACCES', 'FILE_NOT_WRITABLE', /\(EACCES\)\. You have not the permission/],
  ['EPERM', 'FILE_NOT_WRITABLE', /permission/],
  ['EROFS', 'FILE_NOT_WRITABLE', /Its disk is read-only/],
  ['ENOSPC', 'DISK_FULL', /^No space is left to write \/p\/x\. Free some/],
  ['EDQUOT', 'DISK_FULL', /quota/],
  ['EMFILE', 'TOO_MANY_FILES', /ulimit -n/],
  ['ENFILE', 'TOO_MANY_FILES', /too many files are open/],
  ['EIO', 'DISK_FAILED', /The disk failed at \/p\/x \(EIO\)/],
  ['ENOENT', 'FILE_NOT_WRITABLE', /Check that its folder exists/],
  ['EFBIG', 'FILE_NOT_WRITABLE', /takes no file of that size/],
  ['EBUSY', 'FILE_NOT_WRITABLE', /Another program uses it/],
  ['ENOMEM', 'OUT_OF_MEMORY', /memory/],
])('%s of a file that is written is %s', (code, word, text) => {
  const error = storageError(errno(code), file)!;
  expect(error).toBeInstanceOf(AtelierError);
  expect([error.code, error.details]).toEqual([word, { path: '/p/x', reason: code }]);
  expect(error.message).toMatch(text);
});

test.each([
  ['BUSY', sqlite(5), 'PROJECT_LOCKED', /Another program is using the database .* Nothing was changed/],
  ['BUSY_SNAPSHOT', sqlite(517), 'PROJECT_LOCKED', /Another program/],
  ['LOCKED', sqlite(6), 'PROJECT_LOCKED', /Another program/],
  ['READONLY', sqlite(8), 'PROJECT_READ_ONLY', /can be looked at but not changed/],
  ['READONLY_DIRECTORY', sqlite(1544), 'PROJECT_READ_ONLY', /read-only/],
  ['READONLY_DBMOVED', sqlite(1032), 'PROJECT_REPLACED', /is not the file any more that was opened/],
  ['CANTOPEN', sqlite(14), 'FILE_NOT_READABLE', /could not be opened/],
  ['CANTOPEN for want of permission', sqlite(14, '', 13), 'PROJECT_READ_ONLY', /permission/],
  ['CANTOPEN for too many files', sqlite(14, '', 24), 'TOO_MANY_FILES', /ulimit/],
  ['CANTOPEN on a full disk', sqlite(14, '', 28), 'DISK_FULL', /No space is left/],
  ['FULL', sqlite(13), 'DISK_FULL', /No space is left to write the project. Nothing was changed/],
  ['IOERR_WRITE', sqlite(778, '', 5), 'DISK_FAILED', /The disk failed/],
  ['IOERR_SHMSIZE on a full disk', sqlite(4874, '', 28), 'DISK_FULL', /No space/],
  ['IOERR_WRITE over the quota', sqlite(778, '', 122), 'DISK_FULL', /quota/],
  ['CORRUPT', sqlite(11), 'PROJECT_DAMAGED', /is damaged .*What it says may be wrong/],
  ['CORRUPT_INDEX', sqlite(779), 'PROJECT_DAMAGED', /is damaged/],
  ['IOERR_SHORT_READ', sqlite(522), 'PROJECT_DAMAGED', /is damaged/],
  ['IOERR_DATA', sqlite(8202), 'PROJECT_DAMAGED', /is damaged/],
  ['NOTADB', sqlite(26), 'PROJECT_DAMAGED', /is damaged/],
  ['a table that was taken away', sqlite(1, 'no such table: items'), 'PROJECT_DAMAGED', /is damaged/],
  ['PERM', sqlite(3), 'PROJECT_READ_ONLY', /permission/],
  ['AUTH', sqlite(23), 'PROJECT_READ_ONLY', /permission/],
  ['NOMEM', sqlite(7), 'OUT_OF_MEMORY', /memory/],
])('%s of the database is told as it is', (_name, thrown, word, text) => {
  const error = storageError(thrown, project)!;
  expect(error.code).toBe(word);
  expect(error.message).toMatch(text);
  // Whoever lets it through, the wire has the same word.
  expect(toWireError(thrown).code).toBe(word);
});

test('the wire has the word of a file too, wherever it was met, and no promise for what is our fault', () => {
  expect(toWireError(errno('ENOSPC', 'write')).code).toBe('DISK_FULL');
  expect(toWireError(errno('EACCES', 'scandir'))).toMatchObject({ code: 'FILE_NOT_READABLE' });
  expect(toWireError(errno('EACCES', 'mkdir'))).toMatchObject({ code: 'FILE_NOT_WRITABLE' });
  expect(toWireError(new TypeError('x is undefined'))).toEqual({
    code: 'INTERNAL',
    message: 'Atelier met a fault of its own: x is undefined. Please report this.',
    details: {},
  });
  // No file: a program that is missing, a connection, a broken rule of the schema.
  for (const thrown of [
    errno('ENOENT', 'spawn python'),
    errno('ECONNREFUSED', 'connect'),
    sqlite(1299),
    sqlite(1),
  ])
    expect(toWireError(thrown).code).toBe('INTERNAL');
});

test('a lock and a full disk are known, since they pass', () => {
  expect([sqlite(5), sqlite(6), errno('EBUSY'), sqlite(13)].map(isLocked)).toEqual([true, true, true, false]);
  expect([sqlite(13), errno('ENOSPC'), errno('EDQUOT'), errno('EIO')].map(isFull)).toEqual([
    true,
    true,
    true,
    false,
  ]);
});
