import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { acceptImages, formatList, looksLikeImage } from '#contract/image-formats.ts';
import { groupSkipped } from '../../intake/skipped.ts';
import { couldBeImage, cutShort, isRead, rankOfReason, sniff, whyNotRead } from './formats.ts';

const latin = (text: string) => Buffer.from(text, 'latin1');

it.each([
  ['\xff\xd8\xff\xe1', 'jpeg'],
  ['\x89PNG\r\n\x1a\n', 'png'],
  ['RIFF\x10\0\0\0WEBPVP8 ', 'webp'],
  ['RIFF\x10\0\0\0WAVEfmt ', 'unknown'],
  ['GIF89a', 'gif'],
  ['MM\0*\0\0\0\x08', 'tiff'],
  ['II+\0\x08\0\0\0', 'tiff'],
  ['II*\0\x10\0\0\0CR\x02\0', 'raw'],
  ['\0\0\0\x1cftypavif\0\0\0\0avifmif1', 'avif'],
  ['\0\0\0\x1cftypmif1\0\0\0\0mif1avif', 'avif'],
  ['\0\0\0\x1cftypmif1\0\0\0\0mif1heic', 'heic'],
  ['\0\0\0\x18ftypheic\0\0\0\0', 'heic'],
  ['\0\0\0\x14ftypqt  \0\0\0\0', 'video'],
  ['BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0', 'bmp'],
  ['BMW is a maker of cars', 'text'],
  ['P5\n2 2\n255\n', 'pnm'],
  ['P5#by hand\n2 2\n', 'pnm'],
  ['P7\nWIDTH 2\n', 'pam'],
  ['P5 is not always a picture'.replace('P5 ', 'P5x '), 'text'],
  ['\0\0\x01\0\x02\0\x10\x10', 'ico'],
  ['8BPS\0\x01', 'psd'],
  ['<svg xmlns="http://www.w3.org/2000/svg">', 'svg'],
  ['\xef\xbb\xbf<?xml version="1.0"?><svg>', 'svg'],
  ['<html lang="en">', 'html'],
  ['  \n<!doctype HTML>', 'html'],
  ['{"error": "not found"}', 'text'],
  ['', 'empty'],
])('%j is %s', (start, content) => expect(sniff(latin(start))).toBe(content));

it('tells any bytes, without an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (bytes, name) => {
      const content = sniff(bytes, name);
      if (!isRead(content)) expect(whyNotRead(content)).toMatch(/\.$/);
    }),
    { numRuns: 3000 },
  );
});

it('tells TGA, which has no mark, by its name and header', () => {
  const header = Buffer.alloc(40);
  header[2] = 2;
  header[16] = 24;
  expect([sniff(header, 'a.TGA'), sniff(header, 'a.jpg')]).toEqual(['tga', 'unknown']);
});

it('opens whatever could be an image, by its name', () => {
  const yes = [
    'a.jpg',
    'A.JPE',
    'noending',
    'a.png.',
    'photo.jpg.bak',
    'a.heic',
    'a.xyz',
    'a.png ',
    '12',
    'a.svg',
  ];
  const no = [
    'notes.txt',
    'labels.CSV',
    'a.json',
    '.DS_Store',
    '._a.jpg',
    'Thumbs.db',
    'set.zip',
    'film.mp4',
  ];
  expect(yes.filter((name) => !couldBeImage(name))).toEqual([]);
  expect(no.filter(couldBeImage)).toEqual([]);
});

it('lists in the guide what is read', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../docs/guide/images.md'), 'utf8');
  expect(guide).toContain(`Read are ${formatList}:`);
});

it('lists the formats once, in words and for pickers', () => {
  expect(formatList).toBe('JPEG, PNG, WebP, GIF, TIFF, BMP, PNM, AVIF and HEIC');
  expect(acceptImages.split(',')).toContain('.heic');
  expect(['a.HEIC', 'b.jpe', 'c.txt'].map(looksLikeImage)).toEqual([true, true, false]);
});

it('groups reasons: damage, unsupported, what lies elsewhere, what is no image', () => {
  const text = whyNotRead('text');
  const files = [
    ...Array.from({ length: 7 }, (_, at) => ({ path: `${at}.txt`, reason: 'Not an image.' })),
    { path: 'a.jpg', reason: text },
    { path: 'x/b.jpg', reason: 'Lies in no class folder, so its class is not known.' },
    { path: 'a.ico', reason: whyNotRead('ico') },
    { path: 'c.png', reason: cutShort('PNG') },
    ...Array.from({ length: 3 }, (_, at) => ({ path: `${at}.jpg`, reason: cutShort('JPEG') })),
  ];
  expect(groupSkipped(files, 2)).toEqual([
    { reason: cutShort('JPEG'), count: 3, examples: ['0.jpg', '1.jpg'] },
    { reason: cutShort('PNG'), count: 1, examples: ['c.png'] },
    { reason: whyNotRead('ico'), count: 1, examples: ['a.ico'] },
    { reason: 'Lies in no class folder, so its class is not known.', count: 1, examples: ['x/b.jpg'] },
    { reason: 'Not an image.', count: 7, examples: ['0.txt', '1.txt'] },
    { reason: text, count: 1, examples: ['a.jpg'] },
  ]);
  expect(rankOfReason(whyNotRead('empty'))).toBe(0);
});
