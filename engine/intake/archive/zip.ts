/** Unpacks a zip. Its central directory is checked as a whole before the first file is written. */
import { basename } from 'node:path';
import yauzl from 'yauzl';
import { buf as crc32 } from 'crc-32';
import { AtelierError } from '#contract/errors.ts';
import { reasons, type UnpackedFolder } from './unpacked-folder.ts';

/** Below this many bytes nothing is a bomb: a picture of one colour may well be a thousandth of its size. */
export const bombSize = 100 * 1024 * 1024;
export const bombRatio = 1000;
const localHeader = 30;

const unreadable = (archive: string, message: string, cause?: unknown) =>
  new AtelierError('SOURCE_UNREADABLE', `${archive}: ${message}`, { file: archive }, { cause });

/**
 * @param under steps of the folder within `into`
 * @returns how many names were in no stated encoding
 * @throws SOURCE_UNREADABLE for what is no whole zip or overlaps, DISK_FULL, FILE_NOT_WRITABLE, CANCELLED
 */
export async function unpackZip(
  path: string,
  under: readonly string[],
  into: UnpackedFolder,
): Promise<number> {
  const archive = basename(path);
  await checkDirectory(path, archive, into);
  let assumed = 0;
  await eachEntry(path, archive, async (entry, zip) => {
    const decoded = decodeName(entry.fileNameRaw, entry.extraFields);
    // Some Windows programs write their own separators.
    const name = decoded.name.replaceAll('\\', '/');
    if (decoded.assumed) assumed++;
    if (name.endsWith('/')) return;
    const reason = reasonAgainst(entry);
    if (reason) into.skip(name, reason);
    else await unpackEntry(zip, entry, archive, name, under, into);
  });
  return assumed;
}

/** @throws SOURCE_UNREADABLE, DISK_FULL, CANCELLED */
async function checkDirectory(path: string, archive: string, into: UnpackedFolder): Promise<void> {
  const spans: [start: number, end: number][] = [];
  let total = 0;
  await eachEntry(path, archive, async (entry) => {
    into.count(archive);
    const start = entry.relativeOffsetOfLocalHeader;
    spans.push([start, start + localHeader + entry.fileNameLength + entry.compressedSize]);
    if (reasonAgainst(entry) === null) total += entry.uncompressedSize;
  });
  spans.sort(([a], [b]) => a - b);
  if (spans.some(([start], at) => at > 0 && start < spans[at - 1]![1])) {
    throw unreadable(
      archive,
      'Expected files that lie one after the other, received entries that overlap. Pack the folder again.',
    );
  }
  into.claim(archive, total);
}

/** Why an entry is not unpacked; null where it is. */
function reasonAgainst(entry: yauzl.Entry): string | null {
  const mode = (entry.externalFileAttributes >>> 16) & 0xf000;
  if (mode === 0xa000) return reasons.link;
  if (mode !== 0 && mode !== 0x8000 && mode !== 0x4000) return reasons.special;
  if (entry.isEncrypted()) return reasons.encrypted;
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    return `Packed by method ${entry.compressionMethod}, which is not read. Unpack the archive, then choose the folder.`;
  }
  const { compressedSize, uncompressedSize } = entry;
  return uncompressedSize > bombSize && uncompressedSize > compressedSize * bombRatio ? reasons.bomb : null;
}

async function unpackEntry(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  archive: string,
  name: string,
  under: readonly string[],
  into: UnpackedFolder,
): Promise<void> {
  try {
    await into.write(archive, name, under, contentOf(zip, entry));
  } catch (thrown) {
    if (!(thrown instanceof Damaged)) throw thrown;
    into.skip(name, thrown.message);
  }
}

/** An entry that is not what the archive says; its message says why. */
export class Damaged extends Error {}

/** What an entry holds, in pieces of any size. @throws Damaged, at the end where its checksum does not match */
export async function* contentOf(zip: yauzl.ZipFile, entry: yauzl.Entry): AsyncGenerator<Buffer> {
  const damaged = (why: string) => new Damaged(`Damaged in the archive: ${why}.`);
  let crc = 0;
  try {
    const stream = await zip.openReadStreamPromise(entry);
    for await (const piece of stream as AsyncIterable<Buffer>) {
      crc = crc32(piece, crc);
      yield piece;
    }
  } catch (cause) {
    throw cause instanceof AtelierError ? cause : damaged(oneLine(cause));
  }
  if (crc >>> 0 !== entry.crc32 >>> 0) throw damaged('its checksum (CRC-32) does not match');
}

const oneLine = (cause: unknown) => (cause as Error).message.split('\n')[0]!.replace(/\.$/, '');

/** The entries of a zip, one after the other. @throws SOURCE_UNREADABLE for what is no whole zip, and what `use` throws */
export async function eachEntry(
  path: string,
  archive: string,
  use: (entry: yauzl.Entry, zip: yauzl.ZipFile) => Promise<void>,
): Promise<void> {
  const broken = (cause: unknown) =>
    unreadable(
      archive,
      `Expected a whole zip file, but it cannot be read: ${oneLine(cause)}. Download or pack it again.`,
      cause,
    );
  let zip: yauzl.ZipFile;
  try {
    zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false });
  } catch (cause) {
    throw broken(cause);
  }
  try {
    const entries = zip.eachEntry()[Symbol.asyncIterator]();
    for (;;) {
      const next = await entries.next().catch((cause: unknown) => {
        throw broken(cause);
      });
      if (next.done) break;
      await use(next.value, zip);
    }
  } finally {
    zip.close();
  }
}

/**
 * @param extraFields of a zip's entry, which may hold the name in UTF-8 besides
 * @returns the text, and whether its encoding had to be assumed
 */
export function decodeName(
  bytes: Buffer,
  extraFields: yauzl.ExtraField[] = [],
): { name: string; assumed: boolean } {
  try {
    return { name: new TextDecoder('utf-8', { fatal: true }).decode(bytes), assumed: false };
  } catch {
    return { name: yauzl.getFileNameLowLevel(0, bytes, extraFields, true), assumed: true };
  }
}
