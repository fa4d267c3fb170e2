/**
 * Draws the pictures of a grid, a canvas for each row in sight, so that scrolling moves what was drawn and draws only the
 * rows that come. Captions, outlines, marks and roles are elements over it, left to ImageCell.svelte; which pictures there
 * are, and getting them, to pictures/pictures.ts.
 */
import type { Item, ItemFilter } from '#contract/project.ts';
import { type Picture, type Pictures, type Places, sizeOf, type View } from '../../pictures/pictures.ts';
import type { ThumbnailRequest } from '../../pictures/thumbnail-request.ts';
import { gap, type GridShape } from './grid.ts';

interface Scene {
  shape: GridShape;
  count: number;
  /** Rows to draw, ascending; those of them that can be seen; pixels above the first row of all. */
  rows: readonly number[];
  seen: { first: number; last: number };
  padding: number;
  at: (index: number) => Item | undefined;
  /** Colours behind pictures, and of the mark in place of one that cannot be had. */
  mat: string;
  ink: string;
  /** Device pixels of a pixel. */
  ratio: number;
}

/** A picture, or the mat alone. */
type Shown = Picture | 'blank' | null;

interface Row {
  canvas: HTMLCanvasElement;
  context: CanvasRenderingContext2D;
  shown: Shown[];
}

const radius = 4;
/** Pictures of no more pixels a side are shown pixel by pixel. */
const smallest = 64;

export class GridPainter {
  readonly #view: View;
  #scene: Scene | null = null;
  #rows = new Map<number, Row>();
  #spare: Row[] = [];
  #look = '';
  #frame = 0;

  /** @param oncomplete told after each drawing whether everything in sight is drawn */
  constructor(
    private readonly layer: HTMLElement,
    private readonly pictures: Pictures,
    private readonly oncomplete: (complete: boolean) => void,
  ) {
    // At once, not with the next frame: what is there before it is in it.
    this.#view = pictures.view(() => this.#draw());
  }

  /** Asks for pictures; they are drawn as they come. */
  want(request: ThumbnailRequest): void {
    this.#view.want(request);
  }

  /** The same by places of a list whose items are not known yet. */
  wantPlaces(filter: ItemFilter, places: Places): void {
    this.#view.wantPlaces(filter, places);
  }

  /** Draws at once what there is. */
  show(scene: Scene): void {
    const { shape, ratio, mat, ink } = scene;
    const look = [shape.columns, shape.cell, ratio, mat, ink].join(' ');
    if (look !== this.#look) this.#forget();
    this.#look = look;
    this.#scene = scene;
    const shown = new Set(scene.rows);
    for (const [number, row] of this.#rows) {
      if (shown.has(number)) continue;
      this.#rows.delete(number);
      this.#spare.push(row);
    }
    for (const number of scene.rows) this.#place(number, scene);
    for (const { canvas } of this.#spare) canvas.style.display = 'none';
    this.#draw();
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.#view.close();
    for (const { canvas } of [...this.#rows.values(), ...this.#spare]) canvas.remove();
  }

  #place(number: number, { shape, padding }: Scene): void {
    if (this.#rows.has(number)) return;
    const row = this.#spare.pop() ?? this.#newRow();
    row.canvas.style.display = '';
    row.canvas.style.transform = `translateY(${number * shape.rowHeight + padding}px)`;
    this.#rows.set(number, row);
  }

  #newRow(): Row {
    const { shape, ratio } = this.#scene!;
    const canvas = document.createElement('canvas');
    const width = shape.columns * (shape.cell + gap) - gap;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(shape.cell * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${shape.cell}px`;
    const row: Row = { canvas, context: canvas.getContext('2d')!, shown: [] };
    // A graphics driver that was reset takes what was drawn with it.
    canvas.addEventListener('contextrestored', () => {
      row.shown = [];
      this.#drawSoon();
    });
    this.layer.append(canvas);
    return row;
  }

  #forget(): void {
    for (const { canvas } of [...this.#rows.values(), ...this.#spare]) canvas.remove();
    this.#rows.clear();
    this.#spare = [];
  }

  #drawSoon(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    const scene = this.#scene;
    if (!scene) return;
    let complete = true;
    for (const [number, row] of this.#rows) {
      const whole = this.#drawRow(number, row, scene);
      if (number >= scene.seen.first && number <= scene.seen.last) complete &&= whole;
    }
    this.oncomplete(complete);
  }

  /** @returns false where a picture is still to come */
  #drawRow(number: number, row: Row, scene: Scene): boolean {
    const { columns } = scene.shape;
    let whole = true;
    for (let column = 0; column < columns; column += 1) {
      const index = number * columns + column;
      const item = scene.at(index);
      const there = index < scene.count;
      const shown: Shown = !there ? null : ((item && this.pictures.get(item.id)) ?? 'blank');
      if (shown === 'blank') whole = false;
      if (row.shown[column] === shown) continue;
      row.shown[column] = shown;
      drawCell(row.context, column, shown, item, scene);
    }
    return whole;
  }
}

function drawCell(
  context: CanvasRenderingContext2D,
  column: number,
  shown: Shown,
  item: Item | undefined,
  { shape, ratio, mat, ink }: Scene,
): void {
  const side = Math.round(shape.cell * ratio);
  const left = Math.round(column * (shape.cell + gap) * ratio);
  context.clearRect(left, 0, side, side);
  if (shown === null) return;
  context.save();
  context.beginPath();
  context.roundRect(left, 0, side, side, radius * ratio);
  context.fillStyle = mat;
  context.fill();
  if (shown === 'broken') drawBroken(context, left, side, ink, ratio);
  else if (shown !== 'blank') {
    context.clip();
    context.imageSmoothingEnabled = !item || Math.max(item.width, item.height) > smallest;
    context.imageSmoothingQuality = 'medium';
    const own = sizeOf(shown);
    const scale = side / Math.max(own.width, own.height);
    const [width, height] = [Math.round(own.width * scale), Math.round(own.height * scale)];
    const [x, y] = [left + Math.round((side - width) / 2), Math.round((side - height) / 2)];
    context.drawImage(shown, x, y, width, height);
  }
  context.restore();
}

/** A cross: there is an image, and it cannot be shown. */
function drawBroken(
  context: CanvasRenderingContext2D,
  left: number,
  side: number,
  ink: string,
  ratio: number,
): void {
  const [near, far] = [side * 0.4, side * 0.6];
  context.strokeStyle = ink;
  context.lineWidth = ratio;
  context.beginPath();
  context.moveTo(left + near, near);
  context.lineTo(left + far, far);
  context.moveTo(left + far, near);
  context.lineTo(left + near, far);
  context.stroke();
}
