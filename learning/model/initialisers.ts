/**
 * First values of weights, drawn from the recipe's seed in plain TypeScript, so that every engine starts from
 * the same network. Some take minutes, hence they are work that may be done in turns (work-in-turns.ts). Holding them as tensors
 * is left to network.ts.
 */
import type { Initialiser } from '#recipe/model.ts';
import { generator, type RandomStream, normal, truncatedNormal } from '#learning/random-numbers.ts';
import type { Weight } from '#recipe/operation.ts';
import { product } from '#recipe/shape.ts';
import type { Work } from '#learning/work-in-turns.ts';

/** Deviation of a standard normal that was cut off at two deviations; dividing by it keeps the intended variance. */
const truncatedDeviation = 0.8796256610342398;
/** Of orthogonal kernels: half of what a ReLU is given is zeroed, so squares have to double (He et al. 2015). */
const orthogonalGain = Math.SQRT2;

type Kernel = Pick<Weight, 'shape' | 'groups'>;

/** Inputs and outputs of one unit: a kernel's window times the channels of its group (all of them but for depthwise). */
function fans({ shape, groups = 1 }: Kernel): { fanIn: number; fanOut: number } {
  const window = product(shape.slice(0, -2));
  return { fanIn: (window * shape.at(-2)!) / groups, fanOut: window * shape.at(-1)! };
}

/** Numbers that are drawn or moved before others may have a turn: some milliseconds. */
const turnNumbers = 2 ** 16;

/** All of them, in order. */
function* filled<T extends Float32Array | Float64Array>(values: T, draw: () => number): Work<T> {
  for (let start = 0; start < values.length; start += turnNumbers) {
    const end = Math.min(start + turnNumbers, values.length);
    for (let index = start; index < end; index += 1) values[index] = draw();
    yield;
  }
  return values;
}

function kernelValues(initialiser: Initialiser, kernel: Kernel, uniform: RandomStream): Work<Float32Array> {
  const { fanIn, fanOut } = fans(kernel);
  const values = new Float32Array(product(kernel.shape));
  const normals = (variance: number) => {
    const deviation = Math.sqrt(variance) / truncatedDeviation;
    const draw = truncatedNormal(uniform);
    return filled(values, () => draw() * deviation);
  };
  const uniforms = (limit: number) => filled(values, () => (2 * uniform() - 1) * limit);
  switch (initialiser) {
    case 'he-normal': // He et al. 2015
      return normals(2 / fanIn);
    case 'he-uniform':
      return uniforms(Math.sqrt(6 / fanIn));
    case 'lecun-normal': // LeCun et al. 1998
      return normals(1 / fanIn);
    case 'lecun-uniform':
      return uniforms(Math.sqrt(3 / fanIn));
    case 'glorot-normal': // Glorot and Bengio 2010
      return normals(2 / (fanIn + fanOut));
    case 'glorot-uniform':
      return uniforms(Math.sqrt(6 / (fanIn + fanOut)));
    case 'orthogonal':
      return orthogonal(kernel, fanIn, uniform);
    default:
      return initialiser satisfies never;
  }
}

/**
 * Kernels as matrices [fan-in, outputs] of orthonormal columns, or rows where there are more outputs than inputs,
 * times √2 (Saxe et al. 2013). A depthwise kernel is one such matrix, [window, 1], a channel. Normal vectors made
 * orthonormal by Gram and Schmidt in double precision are evenly spread over all such matrices.
 */
function* orthogonal(
  { shape, groups = 1 }: Kernel,
  fanIn: number,
  uniform: RandomStream,
): Work<Float32Array> {
  const values = new Float32Array(product(shape));
  const outputs = shape.at(-1)!;
  const [count, length] = outputs <= fanIn ? [outputs, fanIn] : [fanIn, outputs];
  for (let group = 0; group < groups; group += 1) {
    const vectors = yield* orthonormal(count, length, normal(uniform));
    const inputsInTurn = Math.ceil(turnNumbers / outputs);
    for (let input = 0; input < fanIn; input += 1) {
      // Of a depthwise kernel, [window, channels, 1], a group is one channel; else there is one group.
      const row = (input * groups + group) * outputs;
      for (let output = 0; output < outputs; output += 1) {
        const value = outputs <= fanIn ? vectors[output]![input]! : vectors[input]![output]!;
        values[row + output] = orthogonalGain * value;
      }
      if (input % inputsInTurn === 0) yield;
    }
  }
  return values;
}

/** Vectors that are drawn and freed of those before them together, so that these are fetched from memory once. */
const panelSize = 16;

/** `count` ≤ `length` vectors of norm 1, at right angles. */
function* orthonormal(count: number, length: number, draw: RandomStream): Work<Float64Array[]> {
  const done: Float64Array[] = [];
  while (done.length < count) {
    const before = done.length;
    const panel: Float64Array[] = [];
    while (panel.length < Math.min(panelSize, count - before))
      panel.push(yield* filled(new Float64Array(length), draw));
    const drawn = panel.map(norm);
    yield* removeAlong(done, 0, panel);
    for (const [place, vector] of panel.entries()) {
      yield* removeAlong(done, before, [vector]);
      let left = norm(vector);
      // Once more where little is left after the first pass: "twice is enough" (Kahan, in Parlett 1980).
      if (left < drawn[place]! / 2) {
        yield* removeAlong(done, 0, [vector]);
        left = norm(vector);
      }
      // A vector that lies among those before it is drawn again.
      if (left > 1e-8 * drawn[place]!) done.push(vector.map((value) => value / left));
    }
  }
  return done;
}

/**
 * Takes from each vector its part along `others`, from the one at `start` on: four at a time, whose sums do not wait
 * for each other.
 */
function* removeAlong(others: Float64Array[], start: number, vectors: Float64Array[]): Work<void> {
  const whole = start + 4 * Math.floor((others.length - start) / 4);
  for (let at = start; at < whole; at += 4) {
    const [a, b, c, d] = others.slice(at, at + 4) as Four;
    for (const vector of vectors) removeFour(a, b, c, d, vector);
    yield;
  }
  for (const other of others.slice(whole)) {
    for (const vector of vectors) removeOne(other, vector);
    yield;
  }
}

type Four = [Float64Array, Float64Array, Float64Array, Float64Array];

function removeFour(...[a, b, c, d, vector]: [...Four, Float64Array]): void {
  let [alongA, alongB, alongC, alongD] = [0, 0, 0, 0];
  for (let i = 0; i < vector.length; i += 1) {
    const value = vector[i]!;
    alongA += a[i]! * value;
    alongB += b[i]! * value;
    alongC += c[i]! * value;
    alongD += d[i]! * value;
  }
  for (let i = 0; i < vector.length; i += 1) {
    vector[i]! -= alongA * a[i]! + alongB * b[i]! + alongC * c[i]! + alongD * d[i]!;
  }
}

function removeOne(other: Float64Array, vector: Float64Array): void {
  let along = 0;
  for (let i = 0; i < vector.length; i += 1) along += other[i]! * vector[i]!;
  for (let i = 0; i < vector.length; i += 1) vector[i]! -= along * other[i]!;
}

const norm = (vector: Float64Array) => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));

/**
 * @param position of the weight in the plan: each weight draws from its own stream
 * @returns values in the weight's own shape, row-major
 */
export function* initialValues(
  weight: Weight,
  initialiser: Initialiser,
  seed: number,
  position: number,
): Work<Float32Array> {
  switch (weight.role) {
    case 'kernel':
      return yield* kernelValues(initialiser, weight, generator(seed, position));
    case 'scale':
    case 'variance':
      return new Float32Array(product(weight.shape)).fill(1);
    case 'bias':
    case 'offset':
    case 'mean':
      return new Float32Array(product(weight.shape));
    default:
      return weight.role satisfies never;
  }
}
