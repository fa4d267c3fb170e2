/** What a chart draws over and under its lines: faint lines, tags at their ends, a marked value, a cursor. Chart.js calls them plugins. */
import type { ChartDataset, Plugin } from 'chart.js';
import type { Colour } from './colours.ts';
import { apart, type Point } from './points.ts';

/** A line as Chart.js draws it; `faint` is the raw one behind a smoothed one. */
export type Curve = ChartDataset<'line', Point[]> & { faint?: boolean; tag?: string };

export interface Guides {
  /** A value of x with what it means. */
  mark: { x: number; label: string } | null;
  /** The point that is looked at. */
  cursor: Point | null;
}

const font = '600 11px "Inter Variable", system-ui, sans-serif';

/** Tags at the lines' ends, so that no colour has to be told from another. */
export const endTags = (colour: Colour): Plugin<'line'> => ({
  id: 'endTags',
  afterDatasetsDraw(chart) {
    const { ctx, chartArea } = chart;
    ctx.save();
    ctx.font = font;
    ctx.textBaseline = 'middle';
    const tags = chart.data.datasets.flatMap((dataset, index) => {
      const { tag, borderColor } = dataset as Curve;
      const inside = chart
        .getDatasetMeta(index)
        .data.filter(({ x, y }) => x <= chartArea.right + 1 && Number.isFinite(y));
      const last = inside.at(-1);
      return tag && last ? [{ tag, colour: borderColor as string, x: last.x, y: last.y }] : [];
    });
    const places = apart(
      tags.map(({ y }) => y),
      12,
    );
    tags.forEach(({ tag, colour: own, x }, index) => {
      const at = Math.min(x, chartArea.right) + 8;
      ctx.lineWidth = 3;
      ctx.strokeStyle = colour('--surface');
      ctx.strokeText(tag, at, places[index]!);
      ctx.fillStyle = own;
      ctx.fillText(tag, at, places[index]!);
    });
    ctx.restore();
  },
});

/** Draws faint lines as such, whatever notation their colour is in. */
export const faintLines: Plugin<'line'> = {
  id: 'faintLines',
  beforeDatasetDraw({ ctx, data }, { index }) {
    ctx.save();
    if ((data.datasets[index] as Curve).faint) ctx.globalAlpha = 0.25;
  },
  afterDatasetDraw: ({ ctx }) => ctx.restore(),
};

/** The marked value and the cursor, as they are when it draws. */
export const guides = (now: () => Guides, colour: Colour): Plugin<'line'> => ({
  id: 'guides',
  afterDatasetsDraw({ ctx, chartArea: { left, right, top, bottom }, scales: { x, y } }) {
    const { mark, cursor } = now();
    const upright = (place: number, ink: string, dash: number[]) => {
      ctx.beginPath();
      ctx.setLineDash(dash);
      ctx.strokeStyle = colour(ink);
      ctx.moveTo(place, top);
      ctx.lineTo(place, bottom);
      ctx.stroke();
    };
    ctx.save();
    ctx.lineWidth = 1;
    if (mark) {
      const place = x!.getPixelForValue(mark.x);
      const leftwards = place > (left + right) / 2;
      upright(place, '--accent-line', [2, 2]);
      ctx.font = font;
      ctx.textBaseline = 'middle';
      ctx.textAlign = leftwards ? 'right' : 'left';
      ctx.fillStyle = colour('--accent');
      ctx.fillText(mark.label, place + (leftwards ? -6 : 6), top + 6);
    }
    if (cursor) {
      const place = x!.getPixelForValue(cursor.x);
      upright(place, '--line-strong', []);
      ctx.beginPath();
      ctx.fillStyle = colour('--accent');
      ctx.arc(place, Math.max(top, y!.getPixelForValue(cursor.y)), 3, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.restore();
  },
});
