/** Task `sample-sheet`: thumbnails of some images of each class in one PNG, a row a class. Which images is the caller's. */
import sharp, { type OverlayOptions } from 'sharp';
import { writeDurably } from '#learning/files/durable-file.ts';
import { originalsUpTo } from '../../images/storage/originals.ts';
import { readThumbnails } from '../../images/thumbnails/read-thumbnails.ts';
import { pixelsOf } from '../../images/thumbnails/thumbnail-pixels.ts';
import type { TaskFunction } from '../protocol.ts';

/** Pixels: of a picture, between two, of a row's words, around all. */
const side = 96;
const gap = 4;
const words = 28;
const margin = 16;
const background = '#ffffff';
/** What an image of another shape leaves of its square, and one that cannot be read. */
const empty = { r: 238, g: 238, b: 242, alpha: 1 };

export const sampleSheet: TaskFunction<'sample-sheet'> = async ({ project, rows, path }) => {
  const wanted = rows.flatMap(({ itemIds }) => itemIds);
  const known = new Map(originalsUpTo(project, Math.max(...wanted)).map((item) => [item.id, item]));
  const places = rows.flatMap(({ itemIds }, row) =>
    itemIds.flatMap((itemId, column) => {
      const item = known.get(itemId);
      return item ? [{ item, left: margin + column * (side + gap), top: topOf(row) + words }] : [];
    }),
  );
  const pieces: OverlayOptions[] = rows.map(({ name, total, itemIds }, row) => ({
    input: line(`${name}  ·  ${itemIds.length} of ${total.toLocaleString('en')}`),
    ...{ left: margin, top: topOf(row) },
  }));
  const pictures = new Map<number, Buffer>();
  await readThumbnails(
    project,
    places.map(({ item }) => item),
    async (tile, item) => {
      const looked = await pixelsOf(tile, item);
      if (!looked) return null;
      const { pixels, width, height, channels } = looked;
      // Small images grow by whole pixels, as they are seen in the grid.
      const kernel = Math.max(width, height) < side / 2 ? 'nearest' : 'lanczos3';
      return sharp(pixels, { raw: { width, height, channels } })
        .resize(side, side, { fit: 'contain', background: empty, kernel })
        .toColourspace('srgb')
        .png()
        .toBuffer();
    },
    (_, picture, at) => picture && pictures.set(at, picture),
  );
  const blank = { create: { width: side, height: side, channels: 3 as const, background: empty } };
  places.forEach(({ left, top }, at) => pieces.push({ input: pictures.get(at) ?? blank, left, top }));
  const columns = Math.max(...rows.map(({ itemIds }) => itemIds.length));
  const width = Math.max(2 * margin + columns * (side + gap) - gap, 2 * margin + lineWidth);
  const height = topOf(rows.length) + margin - 2 * gap;
  const sheet = await sharp({ create: { width, height, channels: 3, background } })
    .composite(pieces)
    .png()
    .toBuffer();
  await writeDurably(path, sheet);
  return {};
};

const topOf = (row: number) => margin + row * (words + side + 2 * gap);

const lineWidth = 480;

/** Names are data: what means something in SVG is written so that it does not. */
function line(text: string): Buffer {
  const escaped = text.replace(/[<>&"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${lineWidth}" height="${words}"><text x="0" y="18" font-family="sans-serif" font-size="13" fill="#1c1c22">${escaped}</text></svg>`,
  );
}
