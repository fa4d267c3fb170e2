/**
 * Takes single entries out of a zip file (a wheel) as a stream: the libraries inside are larger than
 * one wants in memory. Stored and deflated entries, up to 4 GB; no zip64, no encryption, names are given by the caller.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { PassThrough, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { SetupError } from './say.mjs';

function read(file, position, length) {
  const bytes = Buffer.alloc(length);
  if (readSync(file, bytes, 0, length, position) !== length)
    throw new SetupError('The zip file ends too early; delete it and run again.');
  return bytes;
}

/** The central directory: name → { offset, method, compressed, size }. */
export function listZip(path) {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const tail = read(file, Math.max(0, size - 65557), Math.min(size, 65557));
    const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
    if (end < 0 || end + 22 > tail.length)
      throw new SetupError(`${path} is no zip file; delete it and run again.`);
    const directory = read(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
    const entries = new Map();
    for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === 0x02014b50;) {
      const [name, extra, comment] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field));
      entries.set(directory.toString('utf8', at + 46, at + 46 + name), {
        offset: directory.readUInt32LE(at + 42),
        method: directory.readUInt16LE(at + 10),
        compressed: directory.readUInt32LE(at + 20),
        size: directory.readUInt32LE(at + 24),
      });
      at += 46 + name + extra + comment;
    }
    return entries;
  } finally {
    closeSync(file);
  }
}

/**
 * Writes one entry to `target`.
 * @param {(done: number, total: number) => void} [onProgress] bytes written so far
 * @returns {Promise<string>} SHA-256 of what was written
 */
export async function extractEntry(path, name, target, onProgress = () => {}) {
  const entry = listZip(path).get(name);
  if (!entry) throw new SetupError(`${path} holds no ${name}; delete it and run again.`);
  const file = openSync(path, 'r');
  const local = read(file, entry.offset, 30);
  closeSync(file);
  const start = entry.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  if (entry.method !== 0 && entry.method !== 8)
    throw new SetupError(`${name} is packed in a way that set-up does not read (method ${entry.method}).`);
  const hash = createHash('sha256');
  let done = 0;
  const watch = new Transform({
    transform(chunk, _encoding, next) {
      hash.update(chunk);
      onProgress((done += chunk.length), entry.size);
      next(null, chunk);
    },
  });
  await pipeline(
    createReadStream(path, { start, end: start + entry.compressed - 1, highWaterMark: 1 << 20 }),
    entry.method === 8 ? createInflateRaw({ chunkSize: 1 << 20 }) : new PassThrough(),
    watch,
    createWriteStream(target, { mode: 0o755 }),
  );
  if (done !== entry.size)
    throw new SetupError(
      `${name} came out with ${done} bytes where ${entry.size} were expected; delete ${path} and run again.`,
    );
  return hash.digest('hex');
}
