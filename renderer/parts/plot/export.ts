/** A drawing as a file: a picture with title and names, or the values as a table. */
import { Chart, type Plugin } from 'chart.js';
import { fileName, saveFile } from '../save.ts';
import { configuration, type Drawing } from './chart.ts';
import type { Curve } from './chart-plugins.ts';
import { type Colour, coloursOfPage, lightColours } from './colours.ts';
import { curvesCsv } from './points.ts';

const inkNames = ['--ink', '--ink-3', '--line', '--surface', '--line-strong', '--accent', '--accent-line'];

/**
 * @param file first part of its name
 * @param size width and height; it has twice as many pixels
 * @param white on white, whatever is on the screen
 */
export async function savePicture(
  drawing: Drawing,
  file: string,
  size: readonly [number, number],
  white: boolean,
): Promise<void> {
  const names = [...inkNames, ...drawing.lines.map(({ colour }) => colour)];
  const colours = white ? lightColours(names) : coloursOfPage();
  saveFile(`${fileName(`${file} ${drawing.title}`)}.png`, await picture(drawing, colours, size));
}

/** Every raw point as CSV. */
export function saveTable({ lines, x, title }: Drawing, file: string): void {
  const text = curvesCsv(lines, x.name, title.toLowerCase());
  saveFile(`${fileName(`${file} ${title}`)}.csv`, new Blob([text], { type: 'text/csv' }));
}

async function picture(
  drawing: Drawing,
  colour: Colour,
  [width, height]: readonly [number, number],
): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const still = { ...drawing, x: { ...drawing.x, named: true }, cursor: null };
  const { options, plugins, ...rest } = configuration(still, colour);
  const font = { family: 'Inter Variable' };
  const ground: Plugin<'line'> = {
    id: 'ground',
    beforeDraw({ ctx, width: w, height: h }) {
      ctx.save();
      ctx.fillStyle = colour('--surface');
      ctx.fillRect(0, 0, w, h);
      ctx.restore();
    },
  };
  const chart = new Chart(canvas, {
    ...rest,
    plugins: [...(plugins ?? []), ground],
    options: {
      ...options,
      responsive: false,
      devicePixelRatio: 2,
      layout: { padding: 16 },
      plugins: {
        title: {
          display: true,
          text: drawing.title,
          align: 'start',
          color: colour('--ink'),
          font: { ...font, size: 13, weight: 600 },
        },
        legend: {
          display: true,
          align: 'start',
          labels: {
            color: colour('--ink'),
            usePointStyle: true,
            boxHeight: 6,
            pointStyleWidth: 10,
            font: { ...font, size: 11 },
            filter: (item, data) => !(data.datasets[item.datasetIndex ?? 0] as Curve).faint,
          },
        },
      },
    },
  });
  try {
    return await new Promise<Blob>((resolve, reject) => {
      canvas.toBlob(
        (blob) => (blob ? resolve(blob) : reject(new Error('The picture is empty.'))),
        'image/png',
      );
    });
  } finally {
    chart.destroy();
  }
}
