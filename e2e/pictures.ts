/** Pictures for specs that need many different ones: PNGs of stripes with noise, and of coloured blobs, made here. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

const side = 96;

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const result = Buffer.alloc(body.length + 8);
  result.writeUInt32BE(data.length, 0);
  body.copy(result, 4);
  result.writeUInt32BE(crc32(body), body.length + 4);
  return result;
}

/** From 0 to 31, the same for the same seed. */
function noiseOf(seed: number): () => number {
  let state = seed + 1;
  return () => ((state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) >> 16) & 31;
}

/** @param lines a byte before each row, then red, green and blue of its pixels */
function png(lines: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Blobs of a colour on grey: each seed its own, as photographs are. */
export function blobs(colour: readonly [red: number, green: number, blue: number], seed: number): Buffer {
  const noise = noiseOf(seed * 97);
  for (let warmUp = 0; warmUp < 8; warmUp += 1) noise();
  const at = () => ((32 * noise() + noise()) / 1024) * side;
  const list = Array.from({ length: 14 }, () => ({ x: at(), y: at(), size: 4 + noise() / 3 }));
  const lines = Buffer.alloc(side * (1 + side * 3));
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1) {
      const lit = list.reduce(
        (sum, blob) => sum + Math.exp(-((x - blob.x) ** 2 + (y - blob.y) ** 2) / (2 * blob.size ** 2)),
        0,
      );
      const from = y * (1 + side * 3) + 1 + x * 3;
      lines.set(
        colour.map((value) => Math.round(80 + Math.min(1, lit) * (value - 80) + noise() / 4)),
        from,
      );
    }
  return png(lines);
}

/** @param seed another seed, another picture */
export function stripes(direction: 'rows' | 'columns', seed: number): Buffer {
  const lines = Buffer.alloc(side * (1 + side * 3));
  const noise = noiseOf(seed);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const along = direction === 'rows' ? y : x;
      const lit = Math.floor((along + seed) / 8) % 2 === 0;
      const at = y * (1 + side * 3) + 1 + x * 3;
      lines.set(lit ? [200 + noise(), 160 + noise(), noise()] : [noise(), noise(), 100 + noise()], at);
    }
  }
  return png(lines);
}

/** A folder without folders: `count` pictures of either direction, told apart by their names alone. */
export function flatFolder(within: string, count: number): string {
  const folder = join(within, 'stripes');
  mkdirSync(folder, { recursive: true });
  for (const direction of ['rows', 'columns'] as const)
    for (let seed = 0; seed < count; seed += 1)
      writeFileSync(
        join(folder, `${direction}-${String(seed).padStart(2, '0')}.png`),
        stripes(direction, seed),
      );
  return folder;
}
