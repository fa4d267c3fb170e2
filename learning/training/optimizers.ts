/**
 * Optimizers as pure update rules: old weight, gradient and slots in, new ones out. Who holds the variables is
 * step.ts; the learning rate and what depends on the step's number come in as tensors, so that nothing retraces.
 */
import * as tf from '@tensorflow/tfjs';
import type { Optimizer } from '#contract/recipe.ts';

export interface Update {
  weight: tf.Tensor;
  slots: tf.Tensor[];
}

export interface UpdateRule {
  /** Names of what is remembered for each weight between steps, zero at first. */
  readonly slots: readonly string[];
  /** Numbers that depend on the step alone, from 1; worked in double precision outside the trace. */
  corrections(step: number): number[];
  /** @param corrections scalars, as many as `corrections` gives */
  update(
    weight: tf.Tensor,
    gradient: tf.Tensor,
    slots: tf.Tensor[],
    learningRate: tf.Scalar,
    corrections: tf.Scalar[],
  ): Update;
}

export function updateRule(optimizer: Optimizer): UpdateRule {
  switch (optimizer.kind) {
    case 'adam':
      return adam(optimizer);
    case 'sgd':
      return sgd(optimizer);
    default:
      return optimizer satisfies never;
  }
}

/** Decay of the weight itself, apart from the gradient (Loshchilov and Hutter 2017). */
export function decayed(weight: tf.Tensor, learningRate: tf.Scalar, weightDecay: number): tf.Tensor {
  return weightDecay === 0 ? weight : tf.sub(weight, tf.mul(tf.mul(learningRate, weightDecay), weight));
}

/** Kingma and Ba 2014, with both averages corrected for their start at zero. */
function adam({ beta1, beta2, epsilon }: Extract<Optimizer, { kind: 'adam' }>): UpdateRule {
  return {
    slots: ['first-moment', 'second-moment'],
    corrections: (step) => [1 / (1 - beta1 ** step), 1 / (1 - beta2 ** step)],
    update(weight, gradient, [first, second], learningRate, [correct1, correct2]) {
      const newFirst = tf.add(tf.mul(first!, beta1), tf.mul(gradient, 1 - beta1));
      const newSecond = tf.add(tf.mul(second!, beta2), tf.mul(tf.square(gradient), 1 - beta2));
      const size = tf.add(tf.sqrt(tf.mul(newSecond, correct2!)), epsilon);
      const move = tf.div(tf.mul(newFirst, tf.mul(learningRate, correct1!)), size);
      return { weight: tf.sub(weight, move), slots: [newFirst, newSecond] };
    },
  };
}

/** With momentum as PyTorch has it: the learning rate scales the velocity when it is used, not when it is kept. */
function sgd({ momentum, nesterov }: Extract<Optimizer, { kind: 'sgd' }>): UpdateRule {
  return {
    slots: ['velocity'],
    corrections: () => [],
    update(weight, gradient, [velocity], learningRate) {
      const newVelocity = tf.add(tf.mul(velocity!, momentum), gradient);
      const direction = nesterov ? tf.add(gradient, tf.mul(newVelocity, momentum)) : newVelocity;
      return { weight: tf.sub(weight, tf.mul(direction, learningRate)), slots: [newVelocity] };
    },
  };
}
