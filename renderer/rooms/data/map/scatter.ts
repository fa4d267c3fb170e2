/**
 * Draws points by WebGL, tens of thousands, each a disc of its colour. Which colour and which look a point has is the caller's.
 * A picture of all points is drawn beside the canvas, in slices that a frame has time for: one where there is a GPU, ten or more where a
 * processor stands in for it. Until it is whole the canvas shows the one before, moved and zoomed to where it belongs; at rest it shows
 * all points as they are. Nothing is drawn but where something changed.
 */
import type { MapView } from './map-view.ts';
import { programOf } from './point-program.ts';

/** How a point looks, the later over the earlier: `gone` not at all, `faint` as one of those that are not listed. */
export const looks = { gone: 0, faint: 1, listed: 2, selected: 3 } as const;

/** Side of a disc in pixels of the screen, by its look. */
const sizes = [0, 3.5, 5, 10] as const;
/** It grows with the zoom, as the square root of it, up to so many times. */
const mostGrown = 3;
/** Of each side: so much more is drawn around what is seen, for a view that moves on meanwhile. */
const margin = 0.2;
/** Milliseconds that a slice may take, so that a frame has time for the rest of its work. */
const sliceMilliseconds = 5;
/** Points of the first slice, and of the smallest. */
const firstSlice = 8000;
const leastSlice = 1000;
/** Milliseconds without another view after which slices need not wait for their frames. */
const rest = 50;
/** Milliseconds between two looks whether a slice is drawn. */
const lookAgain = 1;

type Rgb = readonly [red: number, green: number, blue: number];

export interface ScatterColours {
  faint: Rgb;
  ink: Rgb;
}

/** Of `#rrggbb`, 0 to 1. */
export function rgbOf(colour: string): Rgb {
  const value = Number.parseInt(colour.trim().slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255].map((part) => part / 255) as unknown as Rgb;
}

/** What is drawn, or being drawn. */
interface Picture {
  view: MapView;
  /** Pixels of the screen. */
  width: number;
  height: number;
}

interface NextPicture extends Picture {
  drawn: number;
}

export class Scatter {
  readonly #gl: WebGL2RenderingContext;
  readonly #uniforms: Record<
    'middle' | 'scale' | 'size' | 'shown' | 'faint' | 'ink',
    WebGLUniformLocation | null
  >;
  readonly #buffers: Record<'position' | 'colour' | 'order', WebGLBuffer | null>;
  readonly #screen: CanvasRenderingContext2D;
  /** The last whole picture; copied, for the next is drawn where it was. */
  readonly #kept = document.createElement('canvas');
  #whole: Picture | null = null;
  /** The picture that is being drawn, and how many of the points in order are on it. */
  #next: NextPicture | null = null;
  /** Whether the last slice is still being drawn. */
  #busy = false;
  /** Points of a slice. */
  #slice = firstSlice;
  /** Where each look begins in the order in which points are drawn, and where the last one ends. */
  #starts: number[] = [0, 0, 0, 0];
  /** Whether other points, colours or looks came than the last picture has. */
  #stale = true;
  #view: MapView = { x: 0, y: 0, scale: 1 };
  #movedAt = -Infinity;
  #all = 1;
  #ratio = 1;
  #colours: ScatterColours = { faint: [0.7, 0.7, 0.7], ink: [0, 0, 0] };
  #frame = 0;
  #closed = false;
  readonly #lost = (event: Event) => event.preventDefault();

  /** null where the browser has no WebGL 2. @param onrestored where the graphics were reset meanwhile: another scatter is to take its place */
  static on(canvas: HTMLCanvasElement, onrestored: () => void): Scatter | null {
    const gl = document.createElement('canvas').getContext('webgl2', {
      ...{ antialias: false, premultipliedAlpha: true, preserveDrawingBuffer: true },
    });
    const screen = canvas.getContext('2d');
    return gl && screen && !gl.isContextLost() ? new Scatter(canvas, screen, gl, onrestored) : null;
  }

  private constructor(
    private readonly canvas: HTMLCanvasElement,
    screen: CanvasRenderingContext2D,
    gl: WebGL2RenderingContext,
    private readonly onrestored: () => void,
  ) {
    this.#gl = gl;
    this.#screen = screen;
    gl.canvas.addEventListener('webglcontextlost', this.#lost);
    gl.canvas.addEventListener('webglcontextrestored', onrestored);
    const program = programOf(gl);
    gl.useProgram(program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    const uniform = (name: string) => gl.getUniformLocation(program, name);
    this.#uniforms = {
      ...{ middle: uniform('middle'), scale: uniform('scale'), size: uniform('size') },
      ...{ shown: uniform('shown'), faint: uniform('faint'), ink: uniform('ink') },
    };
    const attribute = (name: string, parts: number, type: number, normalised: boolean) => {
      const buffer = gl.createBuffer();
      const location = gl.getAttribLocation(program, name);
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, parts, type, normalised, 0, 0);
      return buffer;
    };
    this.#buffers = {
      position: attribute('position', 2, gl.FLOAT, false),
      colour: attribute('colour', 3, gl.UNSIGNED_BYTE, true),
      order: gl.createBuffer(),
    };
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.#buffers.order);
  }

  #fill(buffer: WebGLBuffer | null, values: Float32Array | Uint8Array): void {
    this.#gl.bindBuffer(this.#gl.ARRAY_BUFFER, buffer);
    this.#gl.bufferData(this.#gl.ARRAY_BUFFER, values as BufferSource, this.#gl.STATIC_DRAW);
    this.#change();
  }

  /** @param coordinates [points, 2]; colours and looks of as many points are given next */
  points(coordinates: Float32Array): void {
    // What is in the order now may be of more points.
    this.#starts = [0, 0, 0, 0];
    this.#whole = this.#next = null;
    this.#fill(this.#buffers.position, coordinates);
  }

  /** @param colours [points, 3], red, green and blue */
  paint(colours: Uint8Array): void {
    this.#fill(this.#buffers.colour, colours);
  }

  /** @param each [points], of `looks` */
  look(each: Uint8Array): void {
    const order = new Uint32Array(each.length);
    let at = 0;
    this.#starts = drawnLooks.map((look) => {
      const start = at;
      for (let point = each.indexOf(look); point >= 0; point = each.indexOf(look, point + 1))
        order[at++] = point;
      return start;
    });
    this.#starts.push(at);
    this.#gl.bufferData(this.#gl.ELEMENT_ARRAY_BUFFER, order, this.#gl.STATIC_DRAW);
    this.#change();
  }

  /** @param all the view of all points. @param ratio pixels of the screen of one of the page */
  show(view: MapView, all: MapView, ratio: number, colours: ScatterColours): void {
    if (all.scale !== this.#all || ratio !== this.#ratio || !sameColours(colours, this.#colours))
      this.#stale = true;
    if (!sameView(view, this.#view)) this.#movedAt = performance.now();
    this.#view = view;
    this.#all = all.scale;
    this.#ratio = ratio;
    this.#colours = colours;
    this.#ask();
  }

  #change(): void {
    this.#stale = true;
    this.#ask();
  }

  #ask(): void {
    if (this.#closed) return;
    this.canvas.dataset.still = 'false';
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#step();
    });
  }

  /** A frame: takes over the picture that is whole by now, goes on with the next one, and shows what there is. */
  #step(): void {
    const [, , , end] = this.#starts as [number, number, number, number];
    if (this.#next && !this.#busy && this.#next.drawn >= end) this.#keep(this.#next);
    // Of what was seen on the way here nobody needs a picture any more.
    if (this.#next && !this.#busy && this.#resting && !this.#isOf(this.#next)) this.#next = null;
    if (!this.#next && (this.#stale || !this.#isOf(this.#whole))) this.#begin();
    if (this.#next && !this.#busy) this.#draw(this.#next, end);
    this.#showWhole();
    if (this.#next) this.#ask();
    else this.canvas.dataset.still = 'true';
  }

  get #resting(): boolean {
    return performance.now() - this.#movedAt > rest;
  }

  /** Whether a picture is of what is seen now. */
  #isOf(picture: Picture | null): boolean {
    if (!picture) return false;
    const [width, height] = this.#sides();
    return sameView(picture.view, this.#view) && picture.width === width && picture.height === height;
  }
  /** Of a picture, in pixels of the screen: an even number more than the canvas. */
  #sides(): [width: number, height: number] {
    const { width, height } = this.canvas;
    return [width + 2 * Math.round(margin * width), height + 2 * Math.round(margin * height)];
  }

  #begin(): void {
    const gl = this.#gl;
    const [width, height] = this.#sides();
    const { canvas } = gl;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    this.#stale = false;
    this.#next = { view: this.#view, width, height, drawn: 0 };
    const { x, y, scale } = this.#view;
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(this.#uniforms.middle, x, y);
    gl.uniform2f(this.#uniforms.scale, (2 * scale * this.#ratio) / width, (2 * scale * this.#ratio) / height);
    gl.uniform4f(this.#uniforms.faint, ...this.#colours.faint, 0.7);
    gl.uniform3f(this.#uniforms.ink, ...this.#colours.ink);
  }

  /** One slice more; how long it takes says how many points the next one has. */
  #draw(next: NextPicture, end: number): void {
    const gl = this.#gl;
    const [from, to] = [next.drawn, Math.min(end, next.drawn + this.#slice)];
    const grown = Math.min(mostGrown, Math.max(1, Math.sqrt(next.view.scale / this.#all)));
    drawnLooks.forEach((look, at) => {
      const first = Math.max(from, this.#starts[at]!);
      const last = Math.min(to, this.#starts[at + 1]!);
      if (last <= first) return;
      gl.uniform1f(this.#uniforms.shown, look);
      gl.uniform1f(this.#uniforms.size, sizes[look] * grown * this.#ratio);
      gl.drawElements(gl.POINTS, last - first, gl.UNSIGNED_INT, 4 * first);
    });
    next.drawn = to;
    const drawn = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    if (!drawn) return;
    this.#busy = true;
    const begun = performance.now();
    const look = (): void => {
      if (this.#closed || gl.isContextLost()) return;
      if (gl.getSyncParameter(drawn, gl.SYNC_STATUS) !== gl.SIGNALED) {
        setTimeout(look, lookAgain);
        return;
      }
      gl.deleteSync(drawn);
      this.#busy = false;
      const took = Math.max(1, performance.now() - begun);
      // A slice that was the last one, and small, says little.
      if (to - from >= Math.min(this.#slice, leastSlice))
        this.#slice = Math.max(leastSlice, Math.round(((to - from) * sliceMilliseconds) / took));
      if (this.#resting && this.#next === next && to < end) this.#draw(next, end);
    };
    setTimeout(look, 0);
  }

  #keep(next: Picture): void {
    const { width, height } = next;
    if (this.#kept.width !== width) this.#kept.width = width;
    if (this.#kept.height !== height) this.#kept.height = height;
    const copy = this.#kept.getContext('2d')!;
    copy.globalCompositeOperation = 'copy';
    copy.drawImage(this.#gl.canvas as HTMLCanvasElement, 0, 0);
    this.#whole = next;
    this.#next = null;
  }

  /** The last whole picture, where it is on the map as it is seen now. */
  #showWhole(): void {
    const { width, height } = this.canvas;
    const screen = this.#screen;
    screen.clearRect(0, 0, width, height);
    const whole = this.#whole;
    if (!whole) return;
    const { x, y, scale } = this.#view;
    const times = scale / whole.view.scale;
    const pixels = scale * this.#ratio;
    const left = width / 2 + (whole.view.x - x) * pixels - (times * whole.width) / 2;
    const top = height / 2 - (whole.view.y - y) * pixels - (times * whole.height) / 2;
    // Whole pixels where nothing is zoomed: as sharp as at rest.
    screen.imageSmoothingEnabled = times !== 1;
    if (times === 1) screen.drawImage(this.#kept, Math.round(left), Math.round(top));
    else screen.drawImage(this.#kept, left, top, times * whole.width, times * whole.height);
  }

  close(): void {
    this.#closed = true;
    cancelAnimationFrame(this.#frame);
    const gl = this.#gl;
    gl.canvas.removeEventListener('webglcontextlost', this.#lost);
    gl.canvas.removeEventListener('webglcontextrestored', this.onrestored);
    for (const buffer of Object.values(this.#buffers)) gl.deleteBuffer(buffer);
  }
}

const drawnLooks = [looks.faint, looks.listed, looks.selected];
const sameView = (a: MapView, b: MapView) => a.x === b.x && a.y === b.y && a.scale === b.scale;
const sameColours = (a: ScatterColours, b: ScatterColours) =>
  a.faint.join() === b.faint.join() && a.ink.join() === b.ink.join();
