/**
 * L-BFGS (Liu and Nocedal 1989): the minimum of a smooth function of a few thousand numbers, from its values and gradients.
 * For convex functions such as the loss of a logistic regression. What is minimised is the caller's.
 */

/** @returns the value, and writes the gradient of `x` into `gradient` */
export type Objective = (x: Float64Array, gradient: Float64Array) => number | Promise<number>;

export interface LbfgsOptions {
  /** Of the objective, at most. */
  evaluations: number;
  /** The minimum is found where the largest part of the gradient is below this. */
  tolerance: number;
}

/** Pairs of steps that the curvature is known from. */
const memory = 10;
/** Of the decrease that the gradient promises (Armijo). */
const leastDecrease = 1e-4;

export interface Minimum {
  value: number;
  evaluations: number;
  /** false where the evaluations ran out before. */
  found: boolean;
}

/** Moves `x` to where the objective is least, or as near as the evaluations allow: it is never worse than before. */
export async function minimise(
  objective: Objective,
  x: Float64Array,
  { evaluations: most, tolerance }: LbfgsOptions,
): Promise<Minimum> {
  const size = x.length;
  let gradient = new Float64Array(size);
  let value = await objective(x, gradient);
  let evaluations = 1;
  const pairs: { step: Float64Array; change: Float64Array; product: number }[] = [];
  while (evaluations < most) {
    if (greatest(gradient) <= tolerance) return { value, evaluations, found: true };
    const direction = descent(gradient, pairs);
    const slope = dot(direction, gradient);
    if (!(slope < 0)) {
      // What is known of the curvature is of no use any more.
      if (pairs.length === 0) return { value, evaluations, found: false };
      pairs.length = 0;
      continue;
    }
    let length = pairs.length === 0 ? Math.min(1, 1 / norm(gradient)) : 1;
    const next = new Float64Array(size);
    const nextGradient = new Float64Array(size);
    let nextValue = Infinity;
    let accepted = false;
    while (evaluations < most) {
      for (let at = 0; at < size; at += 1) next[at] = x[at]! + length * direction[at]!;
      nextValue = await objective(next, nextGradient);
      evaluations += 1;
      accepted = nextValue <= value + leastDecrease * length * slope;
      if (accepted || length < 1e-10) break;
      length /= 2;
    }
    if (!accepted) break;
    const step = new Float64Array(size);
    const change = new Float64Array(size);
    for (let at = 0; at < size; at += 1) {
      step[at] = next[at]! - x[at]!;
      change[at] = nextGradient[at]! - gradient[at]!;
    }
    const product = dot(step, change);
    if (product > 1e-12 * dot(change, change)) {
      pairs.push({ step, change, product });
      if (pairs.length > memory) pairs.shift();
    }
    x.set(next);
    gradient = nextGradient;
    value = nextValue;
  }
  return { value, evaluations, found: greatest(gradient) <= tolerance };
}

/** The two loops. */
function descent(
  gradient: Float64Array,
  pairs: readonly { step: Float64Array; change: Float64Array; product: number }[],
): Float64Array {
  const direction = gradient.map((value) => -value);
  const factors: number[] = [];
  for (let index = pairs.length - 1; index >= 0; index -= 1) {
    const { step, change, product } = pairs[index]!;
    const factor = dot(step, direction) / product;
    factors[index] = factor;
    add(direction, change, -factor);
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = last.product / dot(last.change, last.change);
    for (let at = 0; at < direction.length; at += 1) direction[at]! *= scale;
  }
  for (let index = 0; index < pairs.length; index += 1) {
    const { step, change, product } = pairs[index]!;
    add(direction, step, factors[index]! - dot(change, direction) / product);
  }
  return direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += a[at]! * b[at]!;
  return sum;
}

const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));

function add(to: Float64Array, from: Float64Array, factor: number): void {
  for (let at = 0; at < to.length; at += 1) to[at]! += factor * from[at]!;
}

function greatest(a: Float64Array): number {
  let found = 0;
  for (const value of a) found = Math.max(found, Math.abs(value));
  return found;
}
