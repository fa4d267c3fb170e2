/** Unpacks a tar, plain or gzipped, in one pass. A damaged one is refused whole: nobody knows what is missing. */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { AtelierError } from '#contract/errors.ts';
import { bombRatio, bombSize, decodeName } from './zip.ts';
import { reasons, type UnpackedFolder } from './unpacked-folder.ts';

/**
 * @param under steps of the folder within `into`
 * @returns how many names were in no stated encoding
 * @throws SOURCE_UNREADABLE for what is no whole tar or grows without end, DISK_FULL, FILE_NOT_WRITABLE, CANCELLED
 */
export async function unpackTar(
  path: string,
  gzipped: boolean,
  under: readonly string[],
  into: UnpackedFolder,
): Promise<number> {
  const archive = basename(path);
  const refused = (message: string, cause?: unknown) =>
    new AtelierError('SOURCE_UNREADABLE', `${archive}: ${message}`, { file: archive }, { cause });
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  // Bytes as they are: what they spell is decided here.
  const tar = extract({ filenameEncoding: 'latin1' } as Parameters<typeof extract>[0]);
  let stop: Error | null = null;
  const stopped = (error?: Error | null) => void (stop ??= error ?? null);
  if (gzipped) pipeline(file, createGunzip(), tar, stopped);
  else pipeline(file, tar, stopped);
  let assumed = 0;
  let unpacked = 0;
  try {
    for await (const entry of tar) {
      into.count(archive);
      const { header } = entry;
      const decoded = nameOf(header);
      if (decoded.assumed) assumed++;
      unpacked += header.size ?? 0;
      if (gzipped && unpacked > bombSize && unpacked > (file.bytesRead + (1 << 20)) * bombRatio) {
        throw refused(
          'Expected an archive of files, received one that grows to more than 1000 times its size.',
        );
      }
      const reason = reasonAgainst(header);
      if (reason) into.skip(decoded.name, reason);
      else if (header.type !== 'directory') {
        into.claim(archive, header.size ?? 0);
        await into.write(archive, decoded.name, under, entry as AsyncIterable<Buffer>);
      }
      // What was not read is passed over.
      entry.resume();
    }
    return assumed;
  } catch (cause) {
    if (cause instanceof AtelierError) throw cause;
    const why = ((stop ?? cause) as Error).message.split('\n')[0]!.replace(/\.$/, '');
    throw refused(
      `Expected a whole tar file, but reading it failed: ${why}. Download or pack it again.`,
      cause,
    );
  } finally {
    tar.destroy();
    file.destroy();
  }
}

/** Names of the pax format are UTF-8 by themselves; the others came as bytes. */
function nameOf({ name, pax }: Header): { name: string; assumed: boolean } {
  return (pax as Record<string, string> | null | undefined)?.['path'] === undefined
    ? decodeName(Buffer.from(name, 'latin1'))
    : { name, assumed: false };
}

function reasonAgainst({ type }: Header): string | null {
  switch (type) {
    case 'file':
    case 'contiguous-file':
    case 'directory':
      return null;
    case 'symlink':
    case 'link':
      return reasons.link;
    default:
      return reasons.special;
  }
}
