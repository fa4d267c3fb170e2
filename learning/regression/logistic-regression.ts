/**
 * A multinomial logistic regression on features, which can be learned anew, from where it stood, whenever labels change.
 * Products of matrices are the engine's, all else is small. Which images it learns from is the caller's.
 */
import * as tf from '@tensorflow/tfjs';
import { minimise } from './lbfgs.ts';

export interface LearnOptions {
  /** Of half the squared weights, against the loss summed over images: few images are followed less closely than many. */
  decay: number;
  /** Of the loss and its gradient, at most. */
  evaluations: number;
  /** Share of each target that all classes get alike (Szegedy et al. 2015); none if absent. */
  labelSmoothing?: number;
}

const tolerance = 1e-4;

export class LogisticRegression {
  /** Class ids, in the order of the columns of `#weights`. */
  #classIds: number[] = [];
  /** [size + 1, classes]: the last row is the bias. */
  #weights = new Float64Array(0);

  constructor(readonly size: number) {}

  get classIds(): readonly number[] {
    return this.#classIds;
  }

  /**
   * @param features [n, size]
   * @param labels class id of each
   */
  async learn(
    features: tf.Tensor2D,
    labels: ArrayLike<number>,
    { decay, evaluations, labelSmoothing = 0 }: LearnOptions,
  ): Promise<void> {
    this.#follow([...new Set(Array.from(labels))].sort((a, b) => a - b));
    const classes = this.#classIds.length;
    const indexOf = new Map(this.#classIds.map((id, index) => [id, index]));
    const targets = Int32Array.from(labels, (id) => indexOf.get(id)!);
    const count = targets.length;
    const strength = decay / count;
    const kernelSize = this.size * classes;
    await minimise(
      async (x, gradient) => {
        const answers = await this.#product(features, x.subarray(0, kernelSize), classes);
        const bias = x.subarray(kernelSize);
        const loss = softmaxLoss(answers, bias, targets, labelSmoothing);
        const sums = tf.tidy(() => tf.matMul(features, tf.tensor2d(answers, [count, classes]), true, false));
        const slopes = (await sums.data()) as Float32Array;
        sums.dispose();
        let penalty = 0;
        for (let at = 0; at < kernelSize; at += 1) {
          gradient[at] = slopes[at]! / count + strength * x[at]!;
          penalty += x[at]! * x[at]!;
        }
        gradient.fill(0, kernelSize);
        for (let row = 0; row < count; row += 1)
          for (let column = 0; column < classes; column += 1)
            gradient[kernelSize + column]! += answers[row * classes + column]! / count;
        return loss / count + (strength / 2) * penalty;
      },
      this.#weights,
      { evaluations, tolerance },
    );
  }

  /** Kernel [size, classes], the caller's to dispose of, and bias [classes]. */
  weights(): { kernel: tf.Tensor2D; bias: Float64Array } {
    const kernelSize = this.size * this.#classIds.length;
    return {
      kernel: tf.tensor2d(Float32Array.from(this.#weights.subarray(0, kernelSize)), [
        this.size,
        this.#classIds.length,
      ]),
      bias: this.#weights.slice(kernelSize),
    };
  }

  /** Keeps what was learned of the classes that stay; new ones begin at zero. */
  #follow(classIds: number[]): void {
    if (classIds.join() === this.#classIds.join()) return;
    const next = new Float64Array((this.size + 1) * classIds.length);
    const before = this.#classIds.length;
    for (const [column, id] of classIds.entries()) {
      const from = this.#classIds.indexOf(id);
      if (from < 0) continue;
      for (let row = 0; row <= this.size; row += 1)
        next[row * classIds.length + column] = this.#weights[row * before + from]!;
    }
    this.#classIds = classIds;
    this.#weights = next;
  }

  async #product(features: tf.Tensor2D, kernel: Float64Array, classes: number): Promise<Float32Array> {
    const product = tf.tidy(() =>
      tf.matMul(features, tf.tensor2d(Float32Array.from(kernel), [this.size, classes])),
    );
    const values = ((await product.data()) as Float32Array).slice();
    product.dispose();
    return values;
  }
}

/** Turns logits [n, classes] into probabilities less the targets, in place. @returns the sum of the cross-entropies */
function softmaxLoss(
  logits: Float32Array,
  bias: Float64Array,
  targets: Int32Array,
  labelSmoothing: number,
): number {
  const classes = bias.length;
  const others = labelSmoothing / classes;
  let loss = 0;
  for (let row = 0; row < targets.length; row += 1) {
    softmax(logits, row * classes, bias);
    for (let column = 0; column < classes; column += 1) {
      const at = row * classes + column;
      const target = others + (column === targets[row] ? 1 - labelSmoothing : 0);
      if (target > 0) loss -= target * Math.log(Math.max(1e-12, logits[at]!));
      logits[at]! -= target;
    }
  }
  return loss;
}

/** Turns the logits of one row, the bias added, into probabilities in place. */
export function softmax(logits: Float32Array, from: number, bias: Float64Array): void {
  const classes = bias.length;
  let most = -Infinity;
  for (let column = 0; column < classes; column += 1)
    most = Math.max(most, (logits[from + column]! += bias[column]!));
  let sum = 0;
  for (let column = 0; column < classes; column += 1)
    sum += logits[from + column] = Math.exp(logits[from + column]! - most);
  for (let column = 0; column < classes; column += 1) logits[from + column]! /= sum;
}
