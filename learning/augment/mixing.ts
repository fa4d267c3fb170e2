/** What mixup and cutmix share: who is mixed with whom, and blending rows by a share of their own. */
import * as tf from '@tensorflow/tfjs';
import { gatherRows } from '#learning/tensorflow/operations.ts';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, wholeNumbers } from './augmentation.ts';

/**
 * The place of each image's partner: int32 [batch]. The batch is turned by one random distance from 1 to batch - 1, so
 * that each image is the partner of one other and nobody is alone; batches are drawn in random order, so any partner
 * is as likely as any other. A batch of one is its own partner, and mixing leaves it as it is.
 */
export function partners(batch: number, seed: tf.Tensor1D): tf.Tensor1D {
  const distance = tf.add(wholeNumbers(1, Math.max(batch - 1, 1), seed), 1);
  const turned = tf.add(tf.range(0, batch, 1, 'float32'), distance);
  const wrapped = tf.where(tf.less(turned, batch), turned, tf.sub(turned, batch));
  return tf.cast(tf.minimum(wrapped, batch - 1), 'int32') as tf.Tensor1D;
}

/** 1 where the batch is chosen, else 0: float32 [1]. */
export function batchChosen(probability: number, seed: tf.Tensor1D): tf.Tensor1D {
  return tf.cast(chosen(1, probability, foldSeed(seed, 0)), 'float32');
}

/**
 * rows + share · (their partners − rows), so that a share of 0 keeps every bit.
 * @param share of the partner, broadcast to rows
 */
export function blend<T extends tf.Tensor>(rows: T, partner: tf.Tensor1D, share: tf.Tensor): T {
  return tf.add(rows, tf.mul(share, tf.sub(gatherRows(rows, partner), rows))) as T;
}
