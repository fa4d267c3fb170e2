/**
 * What logistic regressions say of images that they did not learn from: one for each fold, learned from the others. Which fold
 * an image is in is splits/assign-groups.ts, so that near duplicates of it are in none of the others.
 */
import * as tf from '@tensorflow/tfjs';
import { gatherRows } from '#learning/tensorflow/operations.ts';
import { type LearnOptions, LogisticRegression, softmax } from './logistic-regression.ts';

/** Images that are answered for in one product. */
const answeredAtOnce = 8192;

/**
 * @param features float32 [images, size]
 * @param labels class index of each image
 * @param foldOf fold of each image, from 0
 * @param onFold told after each
 * @returns [images, classes], rows that sum to 1; a class that the other folds lack has the probability 0
 */
export async function outOfFoldProbabilities(
  features: tf.Tensor2D,
  labels: ArrayLike<number>,
  foldOf: Int32Array,
  options: OutOfFoldOptions,
): Promise<Float64Array> {
  const [own] = await outOfFold([{ features, foldOf }], labels, options);
  return own!;
}

export interface OutOfFoldOptions extends LearnOptions {
  classes: number;
  onFold?(fold: number): void;
}

/** Images to be answered for: by the regression that did not learn from those of their fold. */
interface Judged {
  /** float32 [images, size] */
  features: tf.Tensor2D;
  foldOf: Int32Array;
}

/**
 * As `outOfFoldProbabilities` of the first, which are learned from; and what the same regressions say of the others, such as the
 * same images changed, from which nothing is learned.
 */
export async function outOfFold(
  [own, ...others]: readonly [Judged, ...Judged[]],
  labels: ArrayLike<number>,
  { classes, onFold, ...options }: OutOfFoldOptions,
): Promise<Float64Array[]> {
  const { features, foldOf } = own;
  const size = features.shape[1];
  const all = [own, ...others];
  const results = all.map((each) => new Float64Array(each.features.shape[0] * classes));
  const folds = foldOf.reduce((most, fold) => Math.max(most, fold + 1), 0);
  const rowsWhere = (of: Int32Array, keep: (fold: number) => boolean) =>
    Int32Array.from(of.keys()).filter((row) => keep(of[row]!));
  for (let fold = 0; fold < folds; fold += 1) {
    const learned = rowsWhere(foldOf, (each) => each !== fold);
    const regression = new LogisticRegression(size);
    const some = tf.tidy(() => gatherRows(features, tf.tensor1d(learned, 'int32')));
    await regression.learn(
      some,
      Array.from(learned, (row) => labels[row]!),
      options,
    );
    some.dispose();
    const { kernel, bias } = regression.weights();
    const ids = regression.classIds;
    for (const [which, each] of all.entries()) {
      const judged = rowsWhere(each.foldOf, (its) => its === fold);
      for (let at = 0; at < judged.length; at += answeredAtOnce) {
        const rows = judged.subarray(at, at + answeredAtOnce);
        const product = tf.tidy(() =>
          tf.matMul(gatherRows(each.features, tf.tensor1d(rows, 'int32')), kernel),
        );
        const logits = (await product.data()) as Float32Array;
        product.dispose();
        rows.forEach((row, place) => {
          softmax(logits, place * ids.length, bias);
          ids.forEach(
            (id, column) => (results[which]![row * classes + id] = logits[place * ids.length + column]!),
          );
        });
      }
    }
    kernel.dispose();
    onFold?.(fold);
  }
  return results;
}
