/** What kind of archive a file is, by its content: its name may say anything. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';

export type ArchiveKind = 'zip' | 'tar' | 'tar.gz';

/** An archive that is read, one of a kind that is not (by its usual name), or null: no archive. */
type Sniffed = ArchiveKind | { unread: string } | null;

const block = 512;
const magics: [string, readonly number[]][] = [
  ['7z', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['rar', [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
];
const startsWith = (bytes: Uint8Array, magic: readonly number[]) =>
  magic.every((byte, at) => bytes[at] === byte);

/** @param path of a regular file; what cannot be read is no archive here, and is named by who reads it */
export async function sniffArchive(path: string): Promise<Sniffed> {
  const start = await firstBlock(path).catch(() => null);
  if (!start) return null;
  if (start[0] === 0x50 && start[1] === 0x4b) {
    if (start[2] === 3 || start[2] === 5) return 'zip';
    if (start[2] === 7 && start[3] === 8) return { unread: 'zip in several volumes' };
  }
  for (const [name, magic] of magics) if (startsWith(start, magic)) return { unread: name };
  if (isTar(start)) return 'tar';
  if (!startsWith(start, [0x1f, 0x8b])) return null;
  // A damaged one that has the name is unpacked to be told what is wrong with it.
  return isTar(await unzippedBlock(path)) || /\.(tgz|tar\.gz)$/i.test(path) ? 'tar.gz' : null;
}

async function firstBlock(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(block), 0, block, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The first block within a gzip file, or what of it there is. */
async function unzippedBlock(path: string): Promise<Buffer> {
  const file = createReadStream(path, { highWaterMark: 4096 });
  const gunzip = createGunzip({ chunkSize: 4096 });
  file.on('error', (error) => gunzip.destroy(error));
  let start = Buffer.alloc(0);
  try {
    for await (const piece of file.pipe(gunzip) as AsyncIterable<Buffer>) {
      start = Buffer.concat([start, piece]);
      if (start.length >= block) break;
    }
  } catch {
    // Damaged: who unpacks it says so, if it is an archive at all.
  } finally {
    file.destroy();
  }
  return start;
}

/** By the checksum of the header, which every tar has, also those from before "ustar". */
function isTar(start: Buffer): boolean {
  if (start.length < block) return false;
  const stored = parseInt(start.toString('latin1', 148, 156).replace(/\0.*$/s, '').trim(), 8);
  let sum = 8 * 0x20;
  for (let at = 0; at < block; at++) if (at < 148 || at >= 156) sum += start[at]!;
  return sum === stored;
}
