import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { pack as packTar } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sniffArchive } from './kind.ts';
import { unpackArchives } from './archive.ts';
import { listFiles } from '../listing.ts';
import { idxImages, idxLabels, putFiles } from '../testing.ts';
import { type ZipEntry, zipFile } from './testing-zip.ts';

let place: string;
let folder: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'atelier-archive-'));
  folder = join(place, 'source');
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const signal = () => new AbortController().signal;
const unpack = async (path = folder, abort = signal()) =>
  unpackArchives(
    await listFiles(path, signal()),
    { folder: join(place, 'out'), durable: true },
    abort,
    () => undefined,
  );
const namesOf = (listing: { files: { name: string }[] }) => listing.files.map(({ name }) => name);
const set = ['train/cats/1.png', 'train/dogs/1.png', 'test/cats/2.png', 'test/dogs/2.png'];
const entries = (names: readonly string[] = set): ZipEntry[] =>
  names.map((name) => ({ name, content: Buffer.from(name) }));

type TarEntry = {
  name: string;
  content?: string;
  type?: 'file' | 'symlink' | 'link' | 'fifo' | 'block-device' | 'directory';
  linkname?: string;
};
async function tarFile(list: readonly TarEntry[]): Promise<Buffer> {
  const tar = packTar();
  for (const { content = '', ...header } of list) tar.entry(header, content);
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

describe('an archive is unpacked', () => {
  it.each([
    ['a zip', async () => zipFile(entries())],
    ['a tar', async () => tarFile(set.map((name) => ({ name, content: name })))],
    ['a gzipped tar', async () => gzipSync(await tarFile(set.map((name) => ({ name, content: name }))))],
  ])('%s, whatever its name, alone or in a folder', async (_, make) => {
    putFiles(folder, { 'set.data': await make() });
    for (const path of [folder, join(folder, 'set.data')]) {
      const unpacked = (await unpack(path))!;
      expect(namesOf(unpacked.listing).sort()).toEqual([...set].sort());
      expect(unpacked.listing.root).toBe(join(place, 'out', 'set'));
      expect(unpacked.statement).toBe('Unpacked from set.data (4 files).');
      expect(readFileSync(join(place, 'out', 'set', set[0]!), 'utf8')).toBe(set[0]);
      expect(existsSync(join(place, 'out.part'))).toBe(false);
      rmSync(join(place, 'out'), { recursive: true });
    }
    expect(readdirSync(folder)).toEqual(['set.data']);
  });

  it('each into a folder of its name, where there are several, with the tables beside them', async () => {
    putFiles(folder, {
      'cats.zip': zipFile(entries(['cats/1.png', 'cats/2.png'])),
      'dogs.zip': zipFile(entries(['1.png'])),
      'labels.csv': 'filename,label\n',
      'readme.md': 'x',
    });
    const { listing } = (await unpack())!;
    expect(namesOf(listing)).toEqual(['cats/1.png', 'cats/2.png', 'dogs/1.png', 'labels.csv']);
    expect(listing.skipped).toEqual([
      { path: 'readme.md', reason: 'Lies beside the archives, which are unpacked.' },
    ]);
  });

  it('with archives within it, in their places', async () => {
    const inner = zipFile(entries(['cat/1.png', 'dog/1.png']));
    putFiles(folder, {
      'all.zip': zipFile([
        { name: 'train.zip', content: inner },
        { name: 'more/test.zip', content: inner },
        { name: 'sample.csv', content: Buffer.from('a,b\n') },
      ]),
    });
    expect(namesOf((await unpack())!.listing)).toEqual([
      'more/test/cat/1.png',
      'more/test/dog/1.png',
      'sample.csv',
      'train/cat/1.png',
      'train/dog/1.png',
    ]);
  });

  it('not where there are images beside it, nor where it is none', async () => {
    putFiles(folder, { 'set.zip': zipFile(entries()), 'a/1.png': 'x' });
    expect(await unpack()).toBeNull();
    putFiles(join(place, 'idx'), {
      'train-images-idx3-ubyte.gz': gzipSync(idxImages(2)),
      'train-labels-idx1-ubyte': idxLabels([0, 1]),
    });
    expect(await unpack(join(place, 'idx'))).toBeNull();
  });
});

describe('what an archive says is not believed:', () => {
  const reasonsOf = (skipped: { path: string; reason: string }[]) =>
    Object.fromEntries(skipped.map(({ path, reason }) => [path, reason]));

  it('a zip’s paths, links, devices, passwords and checksums', async () => {
    const content = Buffer.from('picture');
    putFiles(folder, {
      'set.zip': zipFile([
        { name: 'a/1.png', content },
        { name: '../evil.png', content },
        { name: 'a/../../evil.png', content },
        { name: '..\\evil.png', content },
        { name: '/etc/evil.png', content },
        { name: 'C:\\evil.png', content },
        { name: 'a/link.png', content: Buffer.from('/etc/passwd'), mode: 0o120777 },
        { name: 'a/device', content, mode: 0o020666 },
        { name: 'a/secret.png', content, flags: 1 },
        { name: 'a/odd.png', content, method: 99 },
        { name: 'a/1.png', content: Buffer.from('another') },
        { name: 'a/1.png/below.png', content },
        { name: 'a/crc.png', content, crc: 1 },
        { name: 'a/\u001b[31m.png', content },
        { name: `${'x'.repeat(300)}.png`, content },
        { name: 'win\\2.png', content },
      ]),
    });
    const { listing } = (await unpack())!;
    expect(namesOf(listing)).toEqual(['a/1.png', 'win/2.png']);
    expect(readFileSync(listing.files[0]!.path, 'utf8')).toBe('picture');
    expect(listing.skipped.map(({ path, reason }) => [path.slice(0, 30), reason])).toEqual([
      ['../evil.png', 'Its path leads out of the archive.'],
      ['a/../../evil.png', 'Its path leads out of the archive.'],
      ['../evil.png', 'Its path leads out of the archive.'],
      ['/etc/evil.png', 'Its path is absolute.'],
      ['C:/evil.png', 'Its path is absolute.'],
      ['a/link.png', 'A link. Only files are unpacked.'],
      ['a/device', 'A device or a pipe. Only files are unpacked.'],
      ['a/secret.png', 'Encrypted. Unpack the archive with its password, then choose the folder.'],
      ['a/odd.png', 'Packed by method 99, which is not read. Unpack the archive, then choose the folder.'],
      ['a/1.png', 'Another entry of the archive has this name.'],
      ['a/1.png/below.png', 'Another entry of the archive has this name.'],
      ['a/crc.png', 'Damaged in the archive: its checksum (CRC-32) does not match.'],
      ['a/\u001b[31m.png', 'Its name holds control characters.'],
      ['x'.repeat(30), 'Its path is too long.'],
    ]);
    expect(readdirSync(place).sort()).toEqual(['out', 'source']);
  });

  it('a tar’s links and devices', async () => {
    putFiles(folder, {
      'set.tar': await tarFile([
        { name: 'a/1.png', content: 'x' },
        { name: '../evil.png', content: 'x' },
        { name: 'a/soft.png', type: 'symlink', linkname: '/etc/passwd' },
        { name: 'a/hard.png', type: 'link', linkname: 'a/1.png' },
        { name: 'a/pipe', type: 'fifo' },
        { name: 'a/disk', type: 'block-device' },
        { name: 'a/back\\slash.png', content: 'x' },
        { name: 'a/1.png', content: 'y' },
      ]),
    });
    const { listing } = (await unpack())!;
    expect(namesOf(listing)).toEqual(['a/1.png']);
    expect(reasonsOf(listing.skipped)).toEqual({
      '../evil.png': 'Its path leads out of the archive.',
      'a/soft.png': 'A link. Only files are unpacked.',
      'a/hard.png': 'A link. Only files are unpacked.',
      'a/pipe': 'A device or a pipe. Only files are unpacked.',
      'a/disk': 'A device or a pipe. Only files are unpacked.',
      'a/back\\slash.png': 'Its name holds a backslash.',
      'a/1.png': 'Another entry of the archive has this name.',
    });
  });

  it('names in MS-DOS’ code page are decoded, and said', async () => {
    putFiles(folder, {
      'set.zip': zipFile([
        {
          name: Buffer.from([0x42, 0x84, 0x72, 0x2f, 0x31, 0x2e, 0x70, 0x6e, 0x67]),
          content: Buffer.from('x'),
        },
        { name: 'Bär/2.png', content: Buffer.from('x') },
      ]),
    });
    const { listing, warnings } = (await unpack())!;
    expect(namesOf(listing)).toEqual(['Bär/1.png', 'Bär/2.png']);
    expect(warnings).toEqual([
      {
        code: 'ARCHIVE_NAMES',
        text: '1 names in the archive are not UTF-8 and are read as code page 437. Check class names with accents.',
      },
    ]);
  });

  it('what grows a thousand times is not written', async () => {
    const size = 101 * 1024 * 1024;
    const zeros = Buffer.alloc(size);
    putFiles(folder, {
      'set.zip': zipFile([
        { name: 'a/1.png', content: Buffer.from('x') },
        { name: 'a/bomb.png', content: zeros },
      ]),
    });
    const { listing } = (await unpack())!;
    expect(namesOf(listing)).toEqual(['a/1.png']);
    expect(listing.skipped[0]!.reason).toMatch(/more than 1000 times/);
  });

  it('a size that is a lie is found while it is unpacked', async () => {
    const content = Buffer.alloc(5000, 'x');
    putFiles(folder, {
      'set.zip': zipFile([
        { name: 'a/1.png', content: Buffer.from('x') },
        { name: 'a/2.png', content, deflated: deflateRawSync(content), size: 10 },
      ]),
    });
    const { listing } = (await unpack())!;
    expect(namesOf(listing)).toEqual(['a/1.png']);
    expect(listing.skipped[0]!.reason).toMatch(/^Damaged in the archive: too many bytes/);
  });

  it.each<[string, () => Promise<Uint8Array>, RegExp]>([
    [
      'entries that overlap',
      async () => zipFile([...entries(), { name: 'again.png', content: Buffer.from('x'), at: 0 }]),
      /entries that overlap/,
    ],
    ['a zip cut short', async () => zipFile(entries()).subarray(0, -30), /whole zip file.*cannot be read/],
    [
      'a tar cut short',
      async () => (await tarFile([{ name: 'a.png', content: 'x'.repeat(3000) }])).subarray(0, 2000),
      /whole tar file.*Unexpected end/,
    ],
    [
      'a gzipped tar cut short',
      async () => {
        const noise = randomBytes(60_000).toString('base64');
        return gzipSync(await tarFile([{ name: 'a.png', content: noise }])).subarray(0, -2000);
      },
      /whole tar file/,
    ],
    [
      'a 7z',
      async () => Buffer.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4]),
      /received set.zip, which is 7z. Unpack it/,
    ],
    ['a rar', async () => Buffer.from('Rar!\u001a\u0007\u0000'), /which is rar/],
  ])('%s is refused, and leaves nothing', async (_, make, message) => {
    putFiles(folder, { 'set.zip': await make() });
    await expect(unpack()).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringMatching(message) as string,
    });
    expect(readdirSync(place)).toEqual(['source']);
  });

  it('a cancelled one leaves nothing', async () => {
    putFiles(folder, { 'set.zip': zipFile(entries()) });
    await expect(unpack(folder, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(readdirSync(place)).toEqual(['source']);
  });
});

it('the kind of an archive is told by its content', async () => {
  const kinds: Record<string, Uint8Array> = {
    zip: zipFile(entries()),
    tar: await tarFile([{ name: 'a', content: 'x' }]),
    'tar.gz': gzipSync(await tarFile([{ name: 'a', content: 'x' }])),
  };
  for (const [kind, content] of Object.entries(kinds)) {
    const path = join(place, 'some');
    writeFileSync(path, content);
    expect(await sniffArchive(path)).toBe(kind);
  }
  for (const content of [
    Buffer.alloc(0),
    Buffer.alloc(600),
    gzipSync(Buffer.from('no tar')),
    Buffer.from('PK'),
  ]) {
    writeFileSync(join(place, 'other'), content);
    expect(await sniffArchive(join(place, 'other'))).toBeNull();
  }
  expect(statSync(join(place, 'other')).size).toBe(2);
});
