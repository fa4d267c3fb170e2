/**
 * Draws points by WebGL: tens of thousands in a frame, each a disc of its colour. Which colour and which look a point has is
 * the caller's. Nothing is drawn but where something changed, in the next frame.
 */
import type { MapView } from './map-view.ts';

/** How a point looks, the later over the earlier: `gone` not at all, `faint` as one of those that are not listed. */
export const looks = { gone: 0, faint: 1, listed: 2, selected: 3 } as const;

const vertexShader = `#version 300 es
in vec2 position;
in vec3 colour;
in float look;
uniform vec2 middle;
uniform vec2 scale;
uniform float size;
uniform float shown;
out vec3 fill;
void main() {
  bool here = look == shown;
  gl_Position = here ? vec4((position - middle) * scale, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = size;
  fill = colour;
}`;

/** A disc whose edge is one pixel soft; of those that are selected it is a ring of the ink. */
const fragmentShader = `#version 300 es
precision highp float;
in vec3 fill;
uniform float size;
uniform vec4 faint;
uniform vec3 ink;
uniform float shown;
out vec4 pixel;
void main() {
  float from = length(gl_PointCoord - 0.5) * size;
  float cover = clamp(size / 2.0 - from, 0.0, 1.0);
  if (cover <= 0.0) discard;
  vec4 look = vec4(fill, 0.85);
  if (shown == 1.0) look = faint;
  if (shown == 3.0) {
    float ring = clamp(from - (size / 2.0 - size * 0.2) + 0.5, 0.0, 1.0);
    look = vec4(mix(fill, ink, ring), 1.0);
  }
  float alpha = look.a * cover;
  pixel = vec4(look.rgb * alpha, alpha);
}`;

/** Side of a disc in pixels of the screen, by its look. */
const sizes = [0, 3.5, 5, 10] as const;
/** It grows with the zoom, as the square root of it, up to so many times. */
const mostGrown = 3;

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

export class Scatter {
  readonly #gl: WebGL2RenderingContext;
  readonly #uniforms: Record<
    'middle' | 'scale' | 'size' | 'shown' | 'faint' | 'ink',
    WebGLUniformLocation | null
  >;
  readonly #buffers: Record<'position' | 'colour' | 'look', WebGLBuffer | null>;
  #count = 0;
  /** Whether any point looks so. */
  #used: boolean[] = [];
  #view: MapView = { x: 0, y: 0, scale: 1 };
  #whole = 1;
  #ratio = 1;
  #colours: ScatterColours = { faint: [0.7, 0.7, 0.7], ink: [0, 0, 0] };
  #frame = 0;

  /** null where the browser has no WebGL 2. */
  static on(canvas: HTMLCanvasElement): Scatter | null {
    const gl = canvas.getContext('webgl2', { antialias: false, premultipliedAlpha: true });
    return gl && !gl.isContextLost() ? new Scatter(canvas, gl) : null;
  }

  private constructor(
    private readonly canvas: HTMLCanvasElement,
    gl: WebGL2RenderingContext,
  ) {
    this.#gl = gl;
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
      look: attribute('look', 1, gl.UNSIGNED_BYTE, false),
    };
  }

  #fill(buffer: WebGLBuffer | null, values: Float32Array | Uint8Array): void {
    this.#gl.bindBuffer(this.#gl.ARRAY_BUFFER, buffer);
    this.#gl.bufferData(this.#gl.ARRAY_BUFFER, values as BufferSource, this.#gl.STATIC_DRAW);
    this.#draw();
  }

  /** @param coordinates [points, 2]; colours and looks of as many points are given next */
  points(coordinates: Float32Array): void {
    this.#count = coordinates.length / 2;
    this.#fill(this.#buffers.position, coordinates);
  }

  /** @param colours [points, 3], red, green and blue */
  paint(colours: Uint8Array): void {
    this.#fill(this.#buffers.colour, colours);
  }

  /** @param each [points], of `looks` */
  look(each: Uint8Array): void {
    this.#used = Object.values(looks).map((look) => each.includes(look));
    this.#fill(this.#buffers.look, each);
  }

  show(view: MapView, whole: MapView, ratio: number, colours: ScatterColours): void {
    this.#view = view;
    this.#whole = whole.scale;
    this.#ratio = ratio;
    this.#colours = colours;
    this.#draw();
  }

  #draw(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#drawNow();
    });
  }

  #drawNow(): void {
    const gl = this.#gl;
    const { width, height } = this.canvas;
    const { x, y, scale } = this.#view;
    const { middle, scale: scaling, size, shown, faint, ink } = this.#uniforms;
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(middle, x, y);
    gl.uniform2f(scaling, (2 * scale * this.#ratio) / width, (2 * scale * this.#ratio) / height);
    gl.uniform4f(faint, ...this.#colours.faint, 0.7);
    gl.uniform3f(ink, ...this.#colours.ink);
    const grown = Math.min(mostGrown, Math.max(1, Math.sqrt(scale / this.#whole)));
    for (const look of [looks.faint, looks.listed, looks.selected]) {
      if (!this.#used[look]) continue;
      gl.uniform1f(shown, look);
      gl.uniform1f(size, sizes[look] * grown * this.#ratio);
      gl.drawArrays(gl.POINTS, 0, this.#count);
    }
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = -1;
    for (const buffer of Object.values(this.#buffers)) this.#gl.deleteBuffer(buffer);
  }
}

function programOf(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertexShader],
    [gl.FRAGMENT_SHADER, fragmentShader],
  ] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
    throw new Error(`The points cannot be drawn: ${gl.getProgramInfoLog(program) ?? 'no program'}`);
  return program;
}
