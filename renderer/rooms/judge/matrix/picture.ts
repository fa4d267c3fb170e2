/** The confusion matrix as a file: a picture as SVG or PNG, of one list of shapes, and a table as CSV. */
import { confusionCsv } from '#contract/csv.ts';
import { visible } from '#contract/visible.ts';
import { normalizationLabels } from '#recipe/metrics/normalize.ts';
import type { Colour } from '../../../parts/plot/colours.ts';
import { isStrong, type Matrix, valueWords } from './matrix.ts';

interface Rectangle {
  x: number;
  y: number;
  side: number;
  colour: string;
  opacity: number;
}
interface Words {
  x: number;
  y: number;
  size: number;
  text: string;
  colour: string;
  anchor: 'start' | 'middle' | 'end';
  /** Read from below. */
  upright?: true;
  bold?: true;
}
export interface Picture {
  width: number;
  height: number;
  ground: string;
  rectangles: Rectangle[];
  words: Words[];
}

/** Colours that a picture is drawn in. */
export const inkNames = ['--surface', '--sunken', '--ink', '--ink-3', '--accent', '--accent-ink', '--warn'];

const margin = 16;
const longestName = 24;
const shortened = (name: string) => (name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name);

/** @param title such as "Run One, test images" */
export function pictureOf(matrix: Matrix, title: string, colour: Colour): Picture {
  const { side, names, counts, values, tints, normalization, baseline } = matrix;
  const cell = side <= 16 ? 40 : side <= 40 ? 24 : side <= 200 ? 12 : 4;
  const gap = cell >= 12 ? 1 : 0;
  const named = cell >= 8;
  const nameSize = Math.min(12, cell - 2);
  const longest = Math.max(0, ...names.map((name) => shortened(name).length));
  const room = named ? Math.ceil(longest * nameSize * 0.6) + 8 : 8;
  const [left, top] = [margin + 16 + room, margin + 56 + room];
  const shown = normalizationLabels[normalization];
  const words: Words[] = [
    { ...at(margin, margin + 14, 15, title), bold: true },
    {
      ...at(margin, margin + 32, 11, baseline === null ? shown : `${shown}, less those of ${baseline}`),
      colour: colour('--ink-3'),
    },
    {
      ...at(left + (side * cell) / 2, margin + 52, 11, 'predicted'),
      anchor: 'middle',
      colour: colour('--ink-3'),
    },
    {
      ...at(margin + 8, top + (side * cell) / 2, 11, 'actual'),
      anchor: 'middle',
      upright: true,
      colour: colour('--ink-3'),
    },
  ];
  if (named)
    names.forEach((name, place) => {
      const middle = place * cell + cell / 2;
      words.push(
        { ...at(left - 6, top + middle + nameSize / 3, nameSize, shortened(name)), anchor: 'end' },
        { ...at(left + middle + nameSize / 3, top - 6, nameSize, shortened(name)), upright: true },
      );
    });
  const rectangles: Rectangle[] = [];
  for (let place = 0; place < side * side; place += 1) {
    const tint = tints[place]!;
    const [row, column] = [Math.floor(place / side), place % side];
    const [x, y] = [left + column * cell, top + row * cell];
    if (tint !== 0)
      rectangles.push({
        x,
        y,
        side: cell - gap,
        colour: colour(tint > 0 ? '--accent' : '--warn'),
        opacity: Math.abs(tint),
      });
    if (cell < 24 || (counts[place] === 0 && values[place] === 0)) continue;
    const text = valueWords(matrix, values[place]!);
    words.push({
      ...at(x + (cell - gap) / 2, y + cell / 2 + 3.5, cell >= 40 ? 11 : 8, text),
      anchor: 'middle',
      colour: colour(isStrong(tint) ? '--accent-ink' : '--ink'),
    });
  }
  return {
    width: Math.max(left + side * cell + margin, margin * 2 + title.length * 8),
    height: top + side * cell + margin,
    ground: colour('--surface'),
    rectangles,
    words,
  };

  function at(x: number, y: number, size: number, text: string): Words {
    return { x, y, size, text, colour: colour('--ink'), anchor: 'start' };
  }
}

const escaped = (text: string) =>
  visible(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

const fonts = "'Inter Variable', Inter, system-ui, sans-serif";

export function svgOf({ width, height, ground, rectangles, words }: Picture): string {
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${fonts}">`,
    `<rect width="${width}" height="${height}" fill="${escaped(ground)}"/>`,
    ...rectangles.map(
      ({ x, y, side, colour, opacity }) =>
        `<rect x="${x}" y="${y}" width="${side}" height="${side}" fill="${escaped(colour)}" fill-opacity="${opacity.toFixed(3)}"/>`,
    ),
    ...words.map(({ x, y, size, text, colour, anchor, upright, bold }) => {
      const turned = upright ? ` transform="rotate(-90 ${x} ${y})"` : '';
      return `<text x="${x}" y="${y}" font-size="${size}" fill="${escaped(colour)}" text-anchor="${anchor}"${bold ? ' font-weight="600"' : ''}${turned}>${escaped(text)}</text>`;
    }),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

/** @param scale pixels of the picture in one of the page; less where a canvas holds no more */
export async function pngOf(picture: Picture, scale = 2): Promise<Blob> {
  const { width, height, ground, rectangles, words } = picture;
  const most = 8192;
  const factor = Math.min(scale, most / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * factor);
  canvas.height = Math.round(height * factor);
  const context = canvas.getContext('2d')!;
  context.scale(factor, factor);
  context.fillStyle = ground;
  context.fillRect(0, 0, width, height);
  for (const { x, y, side, colour, opacity } of rectangles) {
    context.globalAlpha = opacity;
    context.fillStyle = colour;
    context.fillRect(x, y, side, side);
  }
  context.globalAlpha = 1;
  for (const { x, y, size, text, colour, anchor, upright, bold } of words) {
    context.save();
    context.translate(x, y);
    if (upright) context.rotate(-Math.PI / 2);
    context.font = `${bold ? 600 : 400} ${size}px ${fonts}`;
    context.fillStyle = colour;
    context.textAlign = anchor === 'middle' ? 'center' : anchor;
    context.fillText(text, 0, 0);
    context.restore();
  }
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture is empty.'))), 'image/png');
  });
}

/** As it is shown: its order, and images, shares or what differs. */
export const csvOf = ({ side, names, values }: Matrix): string =>
  confusionCsv(
    names,
    names.map((_, row) => [...values.subarray(row * side, (row + 1) * side)]),
  );
