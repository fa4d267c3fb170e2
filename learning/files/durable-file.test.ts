/** A durable file is whole or not there, and a full disk is seen before it is written to. */
import { mkdtemp, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { streamDurably, writeDurably } from './durable-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-durable-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('writes, and replaces what was there', async () => {
  const path = join(folder, 'file');
  await writeDurably(path, new Uint8Array([1, 2, 3]));
  await writeDurably(path, new Uint8Array([4]));
  expect([...(await readFile(path))]).toEqual([4]);
  expect(await readdir(folder)).toEqual(['file']);
});

test('is written part by part, and stays as it was where making the parts fails', async () => {
  const path = join(folder, 'file');
  async function* parts(fault?: Error) {
    yield new Uint8Array([1, 2]);
    await Promise.resolve();
    if (fault) throw fault;
    yield new Uint8Array([3]);
  }
  await streamDurably(path, parts());
  expect([...(await readFile(path))]).toEqual([1, 2, 3]);
  await expect(streamDurably(path, parts(new Error('no more')))).rejects.toMatchObject({
    code: 'FILE_NOT_WRITABLE',
  });
  expect([...(await readFile(path))]).toEqual([1, 2, 3]);
  expect(await readdir(folder)).toEqual(['file']);
});

test('more than the disk has free is refused before a byte is written', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'before');
  const { bavail, bsize } = await statfs(folder);
  // Only its length is looked at: it must not be read.
  const bytes = new Proxy(new Uint8Array(), {
    get: (_, key) =>
      key === 'length' ? bavail * bsize + 2 ** 40 : expect.unreachable(`${String(key)} was read`),
  });
  await expect(writeDurably(path, bytes)).rejects.toMatchObject({
    code: 'DISK_FULL',
    message: `No space is left to write ${path}. Free some, then try again.`,
    details: { path, needed: bytes.length, free: expect.any(Number) },
  });
  expect(await readdir(folder)).toEqual(['file']);
  expect(await readFile(path, 'utf8')).toBe('before');
});

test('a place that cannot be written to is named, with the reason', async () => {
  const path = join(folder, 'missing', 'file');
  await expect(writeDurably(path, new Uint8Array(1))).rejects.toMatchObject({
    code: 'FILE_NOT_WRITABLE',
    details: { path, reason: 'ENOENT' },
  });
});
