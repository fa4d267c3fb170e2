/** Drawings of a report as SVG: lines and a confusion matrix. Colours come from the page, so that they follow its light or dark. */
import { escapeMarkup } from './escape.ts';

const width = 320;
const height = 220;
const margin = { left: 40, right: 8, top: 8, bottom: 32 };

export interface ChartLine {
  points: readonly { x: number; y: number }[];
  dashed?: boolean;
}

/** Lines over [0, 1] × [0, top]. */
export function lineChart(lines: readonly ChartLine[], x: string, y: string, top = 1): string {
  const right = (value: number) => margin.left + value * (width - margin.left - margin.right);
  const down = (value: number) =>
    height - margin.bottom - (value / top) * (height - margin.top - margin.bottom);
  const at = (value: number) => value.toFixed(1);
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const text = (left: number, below: number, words: string, anchor: string) =>
    `<text x="${at(left)}" y="${at(below)}" text-anchor="${anchor}">${escapeMarkup(words)}</text>`;
  const number = (value: number) => String(Number(value.toPrecision(2)));
  const grid = ticks.map(
    (tick) =>
      `<path class="grid" d="M${margin.left} ${at(down(tick * top))}H${width - margin.right}"/>` +
      text(margin.left - 6, down(tick * top) + 4, number(tick * top), 'end') +
      text(right(tick), height - margin.bottom + 16, number(tick), 'middle'),
  );
  const paths = lines.map(
    ({ points, dashed }) =>
      `<path class="line${dashed ? ' dashed' : ''}" d="${points.map((point, index) => `${index === 0 ? 'M' : 'L'}${at(right(point.x))} ${at(down(Math.min(top, point.y)))}`).join('')}"/>`,
  );
  return svg(
    width,
    height,
    `${grid.join('')}${paths.join('')}${text(right(0.5), height - 2, x, 'middle')}<text transform="translate(10 ${at(down(top / 2))}) rotate(-90)" text-anchor="middle">${escapeMarkup(y)}</text>`,
  );
}

/** Rows are what images are, columns what was predicted; tinted by the share of the row. */
export function matrixChart(confusion: readonly (readonly number[])[], names: readonly string[]): string {
  const cell = names.length > 20 ? 16 : 32;
  const label = 112;
  const side = label + cell * names.length;
  const shown = (name: string) => escapeMarkup(name.length > 16 ? `${name.slice(0, 15)}…` : name);
  const cells = confusion.flatMap((row, actual) => {
    const sum = row.reduce((all, value) => all + value, 0);
    return row.map((value, predicted) => {
      const share = sum === 0 ? 0 : value / sum;
      const [left, top] = [label + predicted * cell, label + actual * cell];
      const words =
        value > 0 && cell >= 32
          ? `<text class="${share > 0.5 ? 'over' : ''}" x="${left + cell / 2}" y="${top + cell / 2 + 4}" text-anchor="middle">${value}</text>`
          : '';
      return `<rect class="cell" x="${left + 1}" y="${top + 1}" width="${cell - 2}" height="${cell - 2}" style="--share:${share.toFixed(3)}"/>${words}`;
    });
  });
  const labels = names.map((name, index) => {
    const middle = label + index * cell + cell / 2;
    return (
      `<text x="${label - 6}" y="${middle + 4}" text-anchor="end">${shown(name)}</text>` +
      `<text transform="translate(${middle + 4} ${label - 6}) rotate(-90)">${shown(name)}</text>`
    );
  });
  return svg(side, side, labels.join('') + cells.join(''));
}

const svg = (right: number, down: number, inside: string) =>
  `<svg viewBox="0 0 ${right} ${down}" width="${right}" height="${down}" role="img">${inside}</svg>`;
