/** Pictures for specs that need many different ones: PNGs of stripes with noise, made here. */
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

/** @param seed another seed, another picture */
export function stripes(direction: 'rows' | 'columns', seed: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2], 8);
  const lines = Buffer.alloc(side * (1 + side * 3));
  let state = seed + 1;
  const noise = () => ((state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) >> 16) & 31;
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const along = direction === 'rows' ? y : x;
      const lit = Math.floor((along + seed) / 8) % 2 === 0;
      const at = y * (1 + side * 3) + 1 + x * 3;
      lines.set(lit ? [200 + noise(), 160 + noise(), noise()] : [noise(), noise(), 100 + noise()], at);
    }
  }
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
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
