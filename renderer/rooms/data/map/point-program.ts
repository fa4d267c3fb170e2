/** The program by which WebGL draws points as discs: where each is, and what its pixels are. How many are drawn and when is scatter.ts. */

const vertexShader = `#version 300 es
in vec2 position;
in vec3 colour;
uniform vec2 middle;
uniform vec2 scale;
uniform float size;
out vec3 fill;
void main() {
  gl_Position = vec4((position - middle) * scale, 0.0, 1.0);
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

/** @throws Error where the graphics refuse it */
export function programOf(gl: WebGL2RenderingContext): WebGLProgram {
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
