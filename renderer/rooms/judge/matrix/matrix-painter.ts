/**
 * Draws a large matrix on a canvas. What it looks like is made once, as pictures of a pixel a cell, each half as large as the
 * one before; a frame then copies a part of the one that fits, so that it takes as long for a thousand classes as for fifty.
 */
import type { Colour } from '../../../parts/plot/colours.ts';
import type { CellRange } from './cursor.ts';
import { isStrong, type Matrix, valueWords } from './matrix.ts';
import type { Size, Viewport } from './viewport.ts';

/** Left of and above the cells, for names. */
export const margin = 104;
/** Cells as large as this have their names beside them, values within, and gaps between. */
const [named, valued, parted] = [10, 26, 6];

/** Half as many rows and columns; of four cells the strongest, so that one confusion among thousands of cells is seen. */
export function halved(tints: Float32Array, side: number): { tints: Float32Array; side: number } {
  const half = Math.ceil(side / 2);
  const found = new Float32Array(half * half);
  for (let row = 0; row < side; row += 1) {
    const to = (row >> 1) * half;
    for (let column = 0; column < side; column += 1) {
      const tint = tints[row * side + column]!;
      const place = to + (column >> 1);
      if (Math.abs(tint) > Math.abs(found[place]!)) found[place] = tint;
    }
  }
  return { tints: found, side: half };
}

type Rgb = readonly [number, number, number];
const rgbOf = (hex: string): Rgb =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;

interface Level {
  canvas: HTMLCanvasElement;
  /** Cells of the matrix in a pixel, along each side. */
  cells: number;
}

/** What lies over the cells. */
export interface Marks {
  /** Where the keys are, or what they and the pointer have chosen. */
  range: CellRange;
  /** Whether the keys are here. */
  focused: boolean;
  over: { actual: number; predicted: number } | null;
  open: { rows: readonly [number, number][]; columns: readonly [number, number][] };
}

export class MatrixPainter {
  readonly #levels: Level[] = [];
  readonly #ink: Record<'ink' | 'ink2' | 'ink3' | 'surface' | 'ground' | 'accentInk' | 'line', string>;
  /** Names as they fit, by their length in pixels. */
  readonly #short = new Map<string, string>();

  constructor(
    private readonly matrix: Matrix,
    colour: Colour,
  ) {
    this.#ink = {
      ink: colour('--ink'),
      ink2: colour('--ink-2'),
      ink3: colour('--ink-3'),
      surface: colour('--surface'),
      ground: colour('--ground'),
      accentInk: colour('--accent-ink'),
      line: colour('--line'),
    };
    const [more, fewer] = [rgbOf(colour('--accent')), rgbOf(colour('--warn'))];
    let level = { tints: matrix.tints, side: matrix.side };
    for (let cells = 1; ; cells *= 2) {
      this.#levels.push({ canvas: pictured(level.tints, level.side, more, fewer), cells });
      if (level.side <= 64) break;
      level = halved(level.tints, level.side);
    }
  }

  /** @param size of the part that shows cells, in pixels of the page */
  paint(context: CanvasRenderingContext2D, view: Viewport, size: Size, marks: Marks, ratio: number): void {
    const { side } = this.matrix;
    const { cell, x, y } = view;
    const extent = side * cell;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, size.width + margin, size.height + margin);
    context.save();
    context.translate(margin, margin);
    context.beginPath();
    context.rect(0, 0, Math.min(size.width, x + extent), Math.min(size.height, y + extent));
    context.clip();
    context.fillStyle = this.#ink.surface;
    context.fillRect(0, 0, size.width, size.height);
    // The coarsest whose pixels are no larger than one of the screen.
    const level = this.#levels.filter(({ cells }) => cells * cell * ratio <= 1).at(-1) ?? this.#levels[0]!;
    const shown = level.canvas.width * level.cells * cell;
    context.imageSmoothingEnabled = false;
    context.drawImage(level.canvas, x, y, shown, shown);
    const rows = inSight(y, cell, size.height, side);
    const columns = inSight(x, cell, size.width, side);
    if (cell >= parted) this.#gaps(context, view, size, rows, columns);
    if (cell >= valued) this.#values(context, view, rows, columns);
    this.#marks(context, view, size, marks);
    context.restore();
    this.#names(context, view, size, rows, columns, marks);
  }

  #gaps(
    context: CanvasRenderingContext2D,
    { cell, x, y }: Viewport,
    { width, height }: Size,
    [top, bottom]: Span,
    [left, right]: Span,
  ): void {
    context.fillStyle = this.#ink.ground;
    for (let row = top; row <= bottom + 1; row += 1) context.fillRect(0, y + row * cell - 0.5, width, 1);
    for (let column = left; column <= right + 1; column += 1)
      context.fillRect(x + column * cell - 0.5, 0, 1, height);
  }

  #values(context: CanvasRenderingContext2D, { cell, x, y }: Viewport, rows: Span, columns: Span): void {
    const { side, counts, values, tints } = this.matrix;
    context.font = `${cell >= 36 ? 11 : 9}px 'Inter Variable', system-ui, sans-serif`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (let row = rows[0]; row <= rows[1]; row += 1) {
      for (let column = columns[0]; column <= columns[1]; column += 1) {
        const place = row * side + column;
        if (counts[place] === 0 && values[place] === 0) continue;
        context.fillStyle = isStrong(tints[place]!) ? this.#ink.accentInk : this.#ink.ink;
        const words = valueWords(this.matrix, values[place]!);
        context.fillText(words, x + column * cell + cell / 2, y + row * cell + cell / 2, cell - 2);
      }
    }
  }

  #marks(context: CanvasRenderingContext2D, view: Viewport, size: Size, marks: Marks): void {
    const { cell, x, y } = view;
    const { side } = this.matrix;
    const box = (rows: Span, columns: Span) => {
      const least = Math.max(cell, 5);
      context.strokeRect(
        x + columns[0] * cell - 1,
        y + rows[0] * cell - 1,
        Math.max(least, (columns[1] - columns[0] + 1) * cell) + 1,
        Math.max(least, (rows[1] - rows[0] + 1) * cell) + 1,
      );
    };
    if (marks.over) {
      context.globalAlpha = 0.08;
      context.fillStyle = this.#ink.ink;
      context.fillRect(0, y + marks.over.actual * cell, size.width, Math.max(1, cell));
      context.fillRect(x + marks.over.predicted * cell, 0, Math.max(1, cell), size.height);
      context.globalAlpha = 1;
    }
    context.lineWidth = 2;
    context.strokeStyle = this.#ink.ink;
    // A range of many pieces is one that another order has scattered.
    if (marks.open.rows.length * marks.open.columns.length <= 400)
      for (const rows of marks.open.rows) for (const columns of marks.open.columns) box(rows, columns);
    context.strokeStyle = marks.focused ? this.#ink.ink : this.#ink.ink3;
    const { actual, predicted } = marks.range;
    box(actual ?? [0, side - 1], predicted ?? [0, side - 1]);
  }

  #names(
    context: CanvasRenderingContext2D,
    { cell, x, y }: Viewport,
    size: Size,
    rows: Span,
    columns: Span,
    marks: Marks,
  ): void {
    const px = Math.min(11, Math.max(9, cell - 1));
    context.font = `${px}px 'Inter Variable', system-ui, sans-serif`;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    const { range, over } = marks;
    const lit = (place: number, span: Span | null, under: number | undefined) =>
      under === place || (span !== null && place >= span[0] && place <= span[1]);
    const write = (
      span: Span,
      chosen: Span | null,
      under: number | undefined,
      at: (place: number) => void,
    ) => {
      // Without room for all, the name of what is pointed at, or chosen, alone.
      const few = [under, chosen?.[0]].filter((place) => place !== undefined && inside(place, span));
      const places = cell >= named ? placesIn(span) : few.slice(0, 1);
      for (const place of places) {
        context.fillStyle = lit(place!, chosen, under) ? this.#ink.ink : this.#ink.ink2;
        at(place!);
      }
    };
    // Whole also where its cell is smaller than the name is high.
    const shown = (from: number, place: number, window: number) =>
      cell >= named
        ? from + (place + 0.5) * cell
        : Math.min(window - 6, Math.max(6, from + (place + 0.5) * cell));
    context.save();
    context.beginPath();
    context.rect(0, margin, margin, size.height);
    context.clip();
    write(rows, range.actual, over?.actual, (row) =>
      context.fillText(this.#fitted(context, row), margin - 8, margin + shown(y, row, size.height)),
    );
    context.restore();
    context.save();
    context.beginPath();
    context.rect(margin, 0, size.width, margin);
    context.clip();
    context.textAlign = 'left';
    write(columns, range.predicted, over?.predicted, (column) => {
      context.save();
      context.translate(margin + shown(x, column, size.width), margin - 8);
      context.rotate(-Math.PI / 2);
      context.fillText(this.#fitted(context, column), 0, 0);
      context.restore();
    });
    context.restore();
  }

  #fitted(context: CanvasRenderingContext2D, place: number): string {
    const name = this.matrix.names[place]!;
    const key = `${context.font} ${name}`;
    let short = this.#short.get(key);
    if (short === undefined) {
      const room = margin - 16;
      let length = name.length;
      short = name;
      while (length > 1 && context.measureText(short).width > room)
        short = `${name.slice(0, (length -= 1))}…`;
      this.#short.set(key, short);
    }
    return short;
  }
}

type Span = readonly [number, number];

const inside = (place: number, [from, to]: Span) => place >= from && place <= to;
const placesIn = ([from, to]: Span) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);

/** First and last of the places that are in a window. */
const inSight = (from: number, cell: number, window: number, side: number): Span => [
  Math.max(0, Math.floor(-from / cell)),
  Math.min(side - 1, Math.floor((window - from) / cell)),
];

function pictured(tints: Float32Array, side: number, more: Rgb, fewer: Rgb): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(side, side);
  const pixels = image.data;
  tints.forEach((tint, place) => {
    if (tint === 0) return;
    const [red, green, blue] = tint > 0 ? more : fewer;
    pixels[place * 4] = red;
    pixels[place * 4 + 1] = green;
    pixels[place * 4 + 2] = blue;
    pixels[place * 4 + 3] = Math.round(Math.abs(tint) * 255);
  });
  context.putImageData(image, 0, 0);
  return canvas;
}
