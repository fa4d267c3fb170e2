/** Operations that drop values while training, and do nothing outside it. */
import * as tf from '@tensorflow/tfjs';
import { foldSeed, statelessMask, statelessUniform } from '#learning/tensorflow/random.ts';
import { product } from '#recipe/shape.ts';
import type { Mode, OperationCode } from './operation.ts';

export const singleDropout: OperationCode<'dropout'> = {
  apply: ({ rate }, [input], _, mode, position) => dropout(input!, input!.shape, rate, mode, position),
  write: (_graph, _operation, [x]) => x!,
};

/** Whole channels of a map, or single units of a vector. */
export const spatialDropout: OperationCode<'spatial-dropout'> = {
  apply({ rate }, [input], _, mode, position) {
    // One draw a channel: [batch, 1, 1, channels] of a map, [batch, units] of a vector.
    const last = input!.rank - 1;
    const drawn = input!.shape.map((side, axis) => (axis === 0 || axis === last ? side : 1));
    return dropout(input!, drawn, rate, mode, position);
  },
  write: (_graph, _operation, [x]) => x!,
};

/** Numbers of a layer's batch from which drawing them takes a share of a brief step that is felt. */
const coarseFrom = 2 ** 16;

/**
 * Keeps with 1 - rate and scales up, so that sums stay as they were (Srivastava et al. 2014).
 * @param drawn shape of the draws, which x broadcasts with: its own, or one draw a channel (Tompson et al. 2014)
 */
function dropout(x: tf.Tensor, drawn: number[], rate: number, mode: Mode, position: number): tf.Tensor {
  if (!mode.training || rate === 0) return x;
  const seed = foldSeed(mode.seed, position);
  if (mode.coarse && product(drawn) >= coarseFrom) {
    const { mask, share } = statelessMask(drawn, seed, 1 - rate);
    return tf.mul(x, tf.mul(tf.cast(mask, 'float32'), 1 / share));
  }
  const kept = tf.greaterEqual(statelessUniform(drawn, seed), rate);
  return tf.mul(x, tf.mul(tf.cast(kept, 'float32'), 1 / (1 - rate)));
}
