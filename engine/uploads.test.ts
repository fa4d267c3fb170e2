/** What an upload may be, what makes room for others, and that what is acknowledged is on the disk. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type UploadLimits, Uploads } from './uploads.ts';

let folder: string;
let time = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-uploads-'));
  time = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const uploadsWith = (limits: Partial<UploadLimits> = {}) => new Uploads(folder, limits, () => time);
const byte = new Uint8Array([7]);
const kept = (id: string) => existsSync(join(folder, id));

describe('a file of an upload', () => {
  it('stays what it was where another one of its name cannot be kept', async () => {
    const uploads = uploadsWith();
    const id = await uploads.add(null, 'set/a.png', byte);
    const probe = await open(join(folder, 'probe'), 'w');
    await probe.close();
    const write = vi
      .spyOn(Object.getPrototypeOf(probe) as FileHandle, 'writeFile')
      .mockRejectedValue(Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' }));
    await expect(uploads.add(id, 'set/a.png', byte)).rejects.toMatchObject({ code: 'DISK_FULL' });
    write.mockRestore();
    expect([...readFileSync(join(folder, id, 'set', 'a.png'))]).toEqual([7]);
    expect(readdirSync(folder).sort()).toEqual([id, 'probe'].sort());
    await uploads.add(id, 'set/a.png', new Uint8Array([8]));
    expect([...readFileSync(join(folder, id, 'set', 'a.png'))]).toEqual([8]);
  });

  it.each([
    ['a file where a folder is', 'set'],
    ['a folder where a file is', 'set/a.png/b.png'],
    ['a name that no file system takes', `set/${'é'.repeat(128)}`],
  ])('is refused in words about its name: %s', async (_name, path) => {
    const uploads = uploadsWith();
    const id = await uploads.add(null, 'set/a.png', byte);
    const error: unknown = await uploads.add(id, path, byte).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringMatching(/Rename/) as string });
    expect(String(error)).not.toContain(folder);
    expect(readdirSync(join(folder, id, 'set'))).toEqual(['a.png']);
  });
});

describe('room for others', () => {
  it('is never made of a folder that is still arriving, or was dropped and not imported yet', async () => {
    const uploads = uploadsWith();
    const id = await uploads.add(null, 'set/a/1.png', byte);
    const plain = await uploads.add(null, '1.png', byte);
    await uploads.add(plain, '2.png', byte);
    for (let each = 0; each < 200; each++) await uploads.add(null, `${each}.png`, byte);
    await uploads.add(id, 'set/a/2.png', byte);
    await uploads.add(plain, '3.png', byte);
    expect(readdirSync(join(folder, id, 'set', 'a'))).toEqual(['1.png', '2.png']);
    expect(readdirSync(join(folder, plain))).toHaveLength(3);
    expect(readdirSync(folder)).toHaveLength(64 + 2);
  });

  it('is made of single files, those used last stay, one in use always', async () => {
    const uploads = uploadsWith({ files: 3 });
    const [first, second, third] = [
      await uploads.add(null, '1.png', byte),
      await uploads.add(null, '2.png', byte),
      await uploads.add(null, '3.png', byte),
    ];
    uploads.fileOf(first);
    const release = uploads.hold(second);
    await uploads.add(null, '4.png', byte);
    expect([kept(first), kept(second), kept(third)]).toEqual([true, true, false]);
    await uploads.add(null, '5.png', byte);
    await uploads.add(null, '6.png', byte);
    expect([kept(first), kept(second)]).toEqual([false, true]);
    release();
    release();
    for (const name of ['7.png', '8.png', '9.png']) await uploads.add(null, name, byte);
    expect(kept(second)).toBe(false);
    expect(() => uploads.fileOf(second)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }) as Error);
  });

  it('is bounded by bytes: a folder that was given up goes, else what is new is refused', async () => {
    const uploads = uploadsWith({ bytes: 1000 });
    const given = await uploads.add(null, 'set/1.png', new Uint8Array(600));
    await expect(uploads.add(null, 'other/1.png', new Uint8Array(600))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(readdirSync(folder)).toEqual([given]);
    time += 60 * 60 * 1000 + 1;
    const id = await uploads.add(null, 'other/1.png', new Uint8Array(600));
    expect(readdirSync(folder)).toEqual([id]);
  });
});

describe('what is acknowledged', () => {
  it.skipIf(process.platform !== 'linux')(
    'is synced first: the file, then each folder down to it',
    async () => {
      const handle = await open(folder, 'r');
      const prototype = Object.getPrototypeOf(handle) as FileHandle;
      await handle.close();
      const synced: string[] = [];
      const real = Object.getOwnPropertyDescriptor(prototype, 'sync')!.value as FileHandle['sync'];
      const spy = vi.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
        await real.call(this);
        synced.push(readlinkSync(`/proc/self/fd/${this.fd}`).slice(realpathSync(folder).length));
      });
      try {
        const id = await uploadsWith().add(null, 'set/a/1.png', byte);
        // The bytes before they get their name, then the folders that hold it.
        expect(synced).toEqual([
          expect.stringMatching(/^\/[0-9a-f]{32}\.part$/),
          `/${id}/set/a`,
          `/${id}/set`,
          `/${id}`,
          '',
        ]);
      } finally {
        spy.mockRestore();
      }
    },
  );

  it('moves as a whole, and back', async () => {
    const uploads = uploadsWith();
    const id = await uploads.add(null, 'set/a/1.png', byte);
    const target = join(folder, 'project', 'uploads', id);
    await uploads.moveTo(id, target);
    expect(readFileSync(join(target, 'set', 'a', '1.png'))).toEqual(Buffer.from(byte));
    await uploads.takeBack(id, target);
    expect(uploads.folderOf(id)).toMatchObject({ name: 'set' });
    // A target that cannot be: it is where it was.
    writeFileSync(join(folder, 'file'), '');
    await expect(uploads.moveTo(id, join(folder, 'file', 'x'))).rejects.toMatchObject({
      code: 'FILE_NOT_WRITABLE',
    });
    expect(uploads.folderOf(id)).toMatchObject({ name: 'set' });
  });

  it('is whole or refused: a file where a folder is, and nothing is left of it', async () => {
    const uploads = uploadsWith();
    const id = await uploads.add(null, 'set/1.png', byte);
    await expect(uploads.add(id, 'set/1.png/2.png', byte)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    mkdirSync(join(folder, 'x'), { recursive: true });
    await expect(uploads.add(null, 'a'.repeat(300), byte)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(readdirSync(join(folder, id, 'set'))).toEqual(['1.png']);
  });
});
