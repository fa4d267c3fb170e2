/**
 * Optimizers as pure update rules: old weight, gradient and optimizerState in, new ones out. Who holds the variables is
 * step.ts; the learning rate and what depends on the step's number come in as tensors, so that nothing retraces.
 */
import * as tf from '@tensorflow/tfjs';
import type { Optimizer, OptimizerKind } from '#recipe/optimizer.ts';

export interface Update {
  weight: tf.Tensor;
  optimizerState: tf.Tensor[];
}

/** What is remembered for each weight between steps, in the weight's shape. */
export interface Slot {
  readonly name: string;
  /** What all its values are before the first step. */
  readonly initial: number;
}

export interface UpdateRule {
  readonly optimizerState: readonly Slot[];
  /** Whether weight decay shrinks the weight itself (`decayed`) or is added to the gradient (`withDecay`). */
  readonly decay: 'decoupled' | 'gradient';
  /** Numbers that depend on the step alone, from 1; worked in double precision outside the trace. */
  corrections(step: number): number[];
  /** @param corrections scalars, as many as `corrections` gives */
  update(
    weight: tf.Tensor,
    gradient: tf.Tensor,
    optimizerState: tf.Tensor[],
    learningRate: tf.Scalar,
    corrections: tf.Scalar[],
  ): Update;
}

type Settings<K extends OptimizerKind> = Extract<Optimizer, { kind: K }>;

/** The rule of the recipe's optimizer, with its settings in it. */
export function updateRule(optimizer: Optimizer): UpdateRule {
  switch (optimizer.kind) {
    case 'adam':
      return adam(optimizer, 'gradient');
    case 'adamw':
      return adam(optimizer, 'decoupled');
    case 'sgd':
      return sgd(optimizer);
    case 'rmsprop':
      return rmsprop(optimizer);
    case 'adagrad':
      return adagrad(optimizer);
    case 'lion':
      return lion(optimizer);
    case 'muon':
      return muon(optimizer);
    default:
      return optimizer satisfies never;
  }
}

/** Decay of the weight itself, apart from the gradient (Loshchilov and Hutter 2017). */
export function decayed(weight: tf.Tensor, learningRate: tf.Scalar, weightDecay: number): tf.Tensor {
  return weightDecay === 0 ? weight : tf.sub(weight, tf.mul(tf.mul(learningRate, weightDecay), weight));
}

/** Decay as the gradient of weightDecay/2 · w², which the optimizer then scales like any gradient. */
export function withDecay(gradient: tf.Tensor, weight: tf.Tensor, weightDecay: number): tf.Tensor {
  return weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weight, weightDecay));
}

/** The squares of 10⁸ numbers of this size still add up to less than float32's 3.4·10³⁸. */
const summable = 1e15;

/**
 * Gradients scaled down together so that the norm of all of them as one vector is at most `limit` (Pascanu et al.
 * 2012). Below it they are multiplied by exactly 1. Very large ones are divided by their greatest first, whose squares
 * float32 could not sum; others by exactly 1. An infinite gradient becomes NaN, which the next loss shows.
 */
export function clipped(gradients: tf.Tensor[], limit: number): tf.Tensor[] {
  const greatest = tf.max(tf.stack(gradients.map((gradient) => tf.max(tf.abs(gradient)))));
  const scale = tf.maximum(tf.div(greatest, summable), 1);
  const scaled = gradients.map((gradient) => tf.div(gradient, scale));
  const norm = tf.sqrt(tf.addN(scaled.map((gradient) => tf.sum(tf.square(gradient)))));
  // Where they were scaled their norm is far beyond any limit, so that the scale falls out of the quotient.
  const factor = tf.div(limit, tf.maximum(norm, limit));
  return scaled.map((gradient) => tf.mul(gradient, factor));
}

const none = () => [];

/** Kingma and Ba 2014, with both averages corrected for their start at zero. */
function adam(
  { beta1, beta2, epsilon }: Settings<'adam'> | Settings<'adamw'>,
  decay: UpdateRule['decay'],
): UpdateRule {
  return {
    optimizerState: [
      { name: 'first-moment', initial: 0 },
      { name: 'second-moment', initial: 0 },
    ],
    decay,
    corrections: (step) => [1 / (1 - beta1 ** step), 1 / (1 - beta2 ** step)],
    update(weight, gradient, [first, second], learningRate, [correct1, correct2]) {
      const newFirst = tf.add(tf.mul(first!, beta1), tf.mul(gradient, 1 - beta1));
      const newSecond = tf.add(tf.mul(second!, beta2), tf.mul(tf.square(gradient), 1 - beta2));
      const size = tf.add(tf.sqrt(tf.mul(newSecond, correct2!)), epsilon);
      const move = tf.div(tf.mul(newFirst, tf.mul(learningRate, correct1!)), size);
      return { weight: tf.sub(weight, move), optimizerState: [newFirst, newSecond] };
    },
  };
}

/** With momentum as PyTorch has it: the learning rate scales the velocity when it is used, not when it is kept. */
function sgd({ momentum, nesterov }: Settings<'sgd'>): UpdateRule {
  return {
    optimizerState: [{ name: 'velocity', initial: 0 }],
    decay: 'decoupled',
    corrections: none,
    update(weight, gradient, [velocity], learningRate) {
      const newVelocity = tf.add(tf.mul(velocity!, momentum), gradient);
      const direction = nesterov ? tf.add(gradient, tf.mul(newVelocity, momentum)) : newVelocity;
      return { weight: tf.sub(weight, tf.mul(direction, learningRate)), optimizerState: [newVelocity] };
    },
  };
}

/** Hinton 2012 (lecture 6e), not centred; epsilon outside the root and momentum over the scaled gradient, as PyTorch has it. */
function rmsprop({ decay, momentum, epsilon }: Settings<'rmsprop'>): UpdateRule {
  const meanSquare: Slot = { name: 'mean-square', initial: 0 };
  return {
    optimizerState: momentum === 0 ? [meanSquare] : [meanSquare, { name: 'velocity', initial: 0 }],
    decay: 'gradient',
    corrections: none,
    update(weight, gradient, [square, velocity], learningRate) {
      const newSquare = tf.add(tf.mul(square!, decay), tf.mul(tf.square(gradient), 1 - decay));
      const scaled = tf.div(gradient, tf.add(tf.sqrt(newSquare), epsilon));
      const newVelocity = velocity ? tf.add(tf.mul(velocity, momentum), scaled) : scaled;
      return {
        weight: tf.sub(weight, tf.mul(newVelocity, learningRate)),
        optimizerState: velocity ? [newSquare, newVelocity] : [newSquare],
      };
    },
  };
}

/** Duchi et al. 2011, the diagonal one; epsilon outside the root. */
function adagrad({ initialAccumulator, epsilon }: Settings<'adagrad'>): UpdateRule {
  return {
    optimizerState: [{ name: 'accumulator', initial: initialAccumulator }],
    decay: 'gradient',
    corrections: none,
    update(weight, gradient, [accumulator], learningRate) {
      const sum = tf.add(accumulator!, tf.square(gradient));
      const move = tf.div(tf.mul(gradient, learningRate), tf.add(tf.sqrt(sum), epsilon));
      return { weight: tf.sub(weight, move), optimizerState: [sum] };
    },
  };
}

/** Chen et al. 2023: the sign of a blend of momentum and gradient, so that each weight moves by the learning rate; 0 stays. */
function lion({ beta1, beta2 }: Settings<'lion'>): UpdateRule {
  return {
    optimizerState: [{ name: 'momentum', initial: 0 }],
    decay: 'decoupled',
    corrections: none,
    update(weight, gradient, [momentum], learningRate) {
      const direction = tf.sign(tf.add(tf.mul(momentum!, beta1), tf.mul(gradient, 1 - beta1)));
      const newMomentum = tf.add(tf.mul(momentum!, beta2), tf.mul(gradient, 1 - beta2));
      return { weight: tf.sub(weight, tf.mul(direction, learningRate)), optimizerState: [newMomentum] };
    },
  };
}

/**
 * Jordan et al. 2024: a kernel [..., outputs], as a matrix of one column an output, moves along the orthogonal matrix that is
 * nearest to its momentum, so that all directions learn alike. Moves are as large as AdamW's, whose rates then suit (Liu et al.
 * 2025, arXiv 2502.16982). What is no matrix, such as an offset, moves by AdamW, with this momentum as its beta1.
 */
function muon({ momentum, nesterov, beta2, epsilon }: Settings<'muon'>): UpdateRule {
  const forVectors = adam({ kind: 'adamw', beta1: momentum, beta2, epsilon }, 'decoupled');
  return {
    ...forVectors,
    update(weight, gradient, optimizerState, learningRate, corrections) {
      if (weight.rank < 2)
        return forVectors.update(weight, gradient, optimizerState, learningRate, corrections);
      const [first, second] = optimizerState;
      const newFirst = tf.add(tf.mul(first!, momentum), tf.mul(gradient, 1 - momentum));
      const blend = nesterov ? tf.add(tf.mul(newFirst, momentum), tf.mul(gradient, 1 - momentum)) : newFirst;
      const matrix = tf.reshape(blend, [-1, weight.shape.at(-1)!]) as tf.Tensor2D;
      const size = 0.2 * Math.sqrt(Math.max(...matrix.shape));
      const direction = tf.reshape(orthogonalised(matrix), weight.shape);
      const move = tf.mul(direction, tf.mul(learningRate, size));
      return { weight: tf.sub(weight, move), optimizerState: [newFirst, second!] };
    },
  };
}

/** Of the polynomial that Jordan et al. 2024 tuned: singular values come close to 1 in five steps. */
const newtonSchulz = [3.4445, -4.775, 2.0315] as const;

/** The matrix with singular values near 1 and the singular vectors of this one, by five Newton-Schulz steps; zeros stay zeros. */
function orthogonalised(matrix: tf.Tensor2D): tf.Tensor2D {
  const [a, b, c] = newtonSchulz;
  const tall = matrix.shape[0] > matrix.shape[1];
  // The product of the shorter side with itself is the smaller one.
  let x = tf.div(matrix, tf.add(tf.norm(matrix), 1e-7)) as tf.Tensor2D;
  for (let step = 0; step < 5; step += 1) {
    const gram = tf.matMul(x, x, tall, !tall);
    const polynomial = tf.add(tf.mul(gram, b), tf.mul(tf.matMul(gram, gram), c)) as tf.Tensor2D;
    x = tf.add(tf.mul(x, a), tall ? tf.matMul(x, polynomial) : tf.matMul(polynomial, x));
  }
  return x;
}
