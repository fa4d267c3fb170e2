/**
 * Pixels with the colour profile that their file names. sharp takes no profile beside raw pixels, so they go in as the
 * simplest TIFF: one strip, uncompressed, with the profile as a tag.
 */
import sharp, { type Sharp } from 'sharp';
import type { Pixels } from './samples.ts';

/** @param pixels of three channels @param profile ICC; one that is broken is ignored, as in any other file */
export function withProfile({ data, width, height }: Pixels, profile: Uint8Array): Sharp {
  const entries: [tag: number, type: 3 | 4 | 7, count: number, value: number][] = [];
  const table = 8 + data.length + (data.length % 2);
  const size = 2 + 11 * 12 + 4;
  const bitsAt = table + size;
  entries.push([256, 4, 1, width], [257, 4, 1, height], [258, 3, 3, bitsAt], [259, 3, 1, 1], [262, 3, 1, 2]);
  entries.push([273, 4, 1, 8], [277, 3, 1, 3], [278, 4, 1, height], [279, 4, 1, data.length], [284, 3, 1, 1]);
  entries.push([34675, 7, profile.length, bitsAt + 6]);
  const tail = Buffer.alloc(table - 8 - data.length + size + 6);
  let at = table - 8 - data.length;
  at = tail.writeUInt16LE(entries.length, at);
  for (const [tag, type, count, value] of entries) {
    at = tail.writeUInt16LE(tag, at);
    at = tail.writeUInt16LE(type, at);
    at = tail.writeUInt32LE(count, at);
    at = tail.writeUInt32LE(value, at);
  }
  at = tail.writeUInt32LE(0, at);
  for (let channel = 0; channel < 3; channel++) at = tail.writeUInt16LE(8, at);
  const head = Buffer.from('II*\0\0\0\0\0', 'latin1');
  head.writeUInt32LE(table, 4);
  const file = Buffer.concat([head, data, tail, profile]);
  return sharp(file, { limitInputPixels: false, failOn: 'error' });
}
