/** A run's answers to images under its answer rule: probabilities at its temperature, and the verdict on each. */
import { type Judged, type Verdict, verdictOf } from '#contract/answer-rule.ts';
import type { KeptRule } from '#learning/answers/answer-rule-file.ts';
import { probabilitiesAt } from '#learning/answers/fit-answer-rule.ts';
import { noveltyOf } from '#learning/answers/novelty.ts';
import type { PredictOptions } from '#learning/evaluation/predict.ts';
import { checkedProbabilities, type OpenModel } from './model.ts';

export interface JudgedAnswer {
  probabilities: number[];
  verdict: Verdict;
  judged: Judged;
}

/**
 * @param pixels uint8 [count, height, width, channels]
 * @param indices of the n images to look at
 * @throws CHECKPOINT_DAMAGED where the network gives no probabilities, CANCELLED
 */
export async function judgedAnswers(
  { outputs, classCount }: OpenModel,
  { rule: { temperature, threshold, noveltyThreshold }, novelty: model }: KeptRule,
  pixels: Uint8Array,
  indices: ArrayLike<number>,
  options?: PredictOptions,
): Promise<JudgedAnswer[]> {
  const limits = { temperature, threshold, noveltyThreshold };
  const { features, logits } = await outputs.read(pixels, indices, options);
  const all = checkedProbabilities(probabilitiesAt(logits, temperature, classCount), classCount);
  return Array.from(noveltyOf(model, features), (novelty, image) => {
    const probabilities = [...all.subarray(image * classCount, (image + 1) * classCount)];
    const verdict = verdictOf(Math.max(...probabilities), novelty, limits);
    // JSON has no infinity.
    return {
      probabilities,
      verdict,
      judged: { ...limits, novelty: Number.isFinite(novelty) ? novelty : null },
    };
  });
}
