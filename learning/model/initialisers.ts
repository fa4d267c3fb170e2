/**
 * First values of weights, drawn from the recipe's seed in plain TypeScript, so that every engine starts from
 * the same network. Holding them as tensors is left to network.ts.
 */
import type { Model } from '#contract/recipe.ts';
import { generator, truncatedNormal } from './generator.ts';
import type { Weight } from './plan.ts';

export type Initialiser = Model['initialiser'];

/** Deviation of a standard normal that was cut off at two deviations; dividing by it keeps the intended variance. */
const truncatedDeviation = 0.8796256610342398;

/** Inputs and outputs of one unit: a kernel's window times its channels. */
function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const window = shape.slice(0, -2).reduce((total, side) => total * side, 1);
  return { fanIn: window * shape.at(-2)!, fanOut: window * shape.at(-1)! };
}

function kernelDraw(initialiser: Initialiser, shape: readonly number[], uniform: () => number): () => number {
  const { fanIn, fanOut } = fans(shape);
  switch (initialiser) {
    case 'he-normal': // He et al. 2015
    case 'lecun-normal': {
      const deviation = Math.sqrt((initialiser === 'he-normal' ? 2 : 1) / fanIn) / truncatedDeviation;
      const normal = truncatedNormal(uniform);
      return () => normal() * deviation;
    }
    case 'glorot-uniform': {
      const limit = Math.sqrt(6 / (fanIn + fanOut)); // Glorot and Bengio 2010
      return () => (2 * uniform() - 1) * limit;
    }
    default:
      return initialiser satisfies never;
  }
}

/**
 * @param position of the weight in the plan: each weight draws from its own stream
 * @returns values in the weight's own shape, row-major
 */
export function initialValues(
  weight: Weight,
  initialiser: Initialiser,
  seed: number,
  position: number,
): Float32Array {
  const values = new Float32Array(weight.shape.reduce((total, side) => total * side, 1));
  switch (weight.role) {
    case 'kernel': {
      const draw = kernelDraw(initialiser, weight.shape, generator(seed, position));
      return values.map(draw);
    }
    case 'scale':
    case 'variance':
      return values.fill(1);
    case 'bias':
    case 'offset':
    case 'mean':
      return values;
    default:
      return weight.role satisfies never;
  }
}
