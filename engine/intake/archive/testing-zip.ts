/** For tests only: zips that no honest program writes. */
import { deflateRawSync } from 'node:zlib';
import { buf as crc32 } from 'crc-32';

export interface ZipEntry {
  /** Bytes for a name in another encoding. */
  name: string | Buffer;
  content: Buffer;
  /** The packed bytes; made from the content when absent. */
  deflated?: Buffer;
  /** What the headers claim instead of what is. */
  crc?: number;
  size?: number;
  method?: number;
  flags?: number;
  /** Unix mode, such as 0o120777 for a link. */
  mode?: number;
  /** Where its local header is said to lie. */
  at?: number;
}

const record = (size: number, fields: readonly [at: number, bytes: 2 | 4, value: number][]) => {
  const bytes = Buffer.alloc(size);
  for (const [at, width, value] of fields)
    if (width === 2) bytes.writeUInt16LE(value & 0xffff, at);
    else bytes.writeUInt32LE(value >>> 0, at);
  return bytes;
};

/** A zip of these entries, lies and all. */
export function zipFile(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const {
    name: text,
    content,
    deflated,
    crc,
    size,
    method = 8,
    flags = 0,
    mode = 0o100644,
    at,
  } of entries) {
    const name = typeof text === 'string' ? Buffer.from(text) : text;
    const packed = deflated ?? deflateRawSync(content);
    const sum = crc ?? crc32(content);
    const unpackedSize = size ?? content.length;
    locals.push(
      record(30, [
        [0, 4, 0x04034b50],
        [4, 2, 20],
        [6, 2, flags],
        [8, 2, method],
        [14, 4, sum],
        [18, 4, packed.length],
        [22, 4, unpackedSize],
        [26, 2, name.length],
      ]),
      name,
      packed,
    );
    central.push(
      record(46, [
        [0, 4, 0x02014b50],
        [4, 2, 0x0314],
        [6, 2, 20],
        [8, 2, flags],
        [10, 2, method],
        [16, 4, sum],
        [20, 4, packed.length],
        [24, 4, unpackedSize],
        [28, 2, name.length],
        [38, 4, mode * 0x10000],
        [42, 4, at ?? offset],
      ]),
      name,
    );
    offset += 30 + name.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = record(22, [
    [0, 4, 0x06054b50],
    [8, 2, entries.length],
    [10, 2, entries.length],
    [12, 4, directory.length],
    [16, 4, offset],
  ]);
  return Buffer.concat([...locals, directory, end]);
}
