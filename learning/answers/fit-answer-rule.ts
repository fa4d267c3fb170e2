/** Fits an answer rule: a temperature and thresholds on the validation images, what is novel on the training images. Pure; keeping it is left to answer-rule-file.ts. */
import { type AnswerRule, type AnswerRuleChoice, verdictOf } from '#contract/answer-rule.ts';
import { AtelierError } from '#contract/errors.ts';
import { greatest, predictionsOf } from '#recipe/metrics/counts.ts';
import { topPredictions } from '#recipe/metrics/top-predictions.ts';
import { riskCoverage, selectionForCoverage, selectionForError } from '#learning/statistics/selective.ts';
import { fitTemperature } from '#learning/statistics/temperature.ts';
import type { Work } from '#learning/work-in-turns.ts';
import { fitNovelty, type NoveltyModel, noveltyOf } from './novelty.ts';
import { mostRefused, promisesOf, thresholdRefusing } from './promises.ts';
import type { Outputs } from '#learning/evaluation/outputs.ts';

/** What the network gave for some images, and the class index of each. */
export interface LabelledOutputs extends Outputs {
  labels: Int32Array;
}

export interface FittedRule {
  rule: Omit<AnswerRule, 'epoch' | 'fittedAt'>;
  novelty: NoveltyModel;
}

/**
 * @param train features only are looked at
 * @throws NOT_ENOUGH_DATA where there are no validation images, the training images cannot tell what is novel, or no threshold does as wished
 */
export function* fitAnswerRule(
  train: Pick<LabelledOutputs, 'features' | 'labels'>,
  validation: LabelledOutputs,
  classCount: number,
  chosen: AnswerRuleChoice,
): Work<FittedRule> {
  const { labels } = validation;
  const fitted = fitTemperature(validation.logits, labels, classCount, { of: 'logits' });
  if (!fitted)
    throw notEnough(
      'validation images to choose an answer rule on, but there are none. Redraw the parts with a share for validation, and train again',
    );
  const calibrated = !fitted.bounded;
  const temperature = calibrated ? fitted.temperature : 1;
  const novelty = yield* fitNovelty(train.features, train.labels);
  if (!novelty)
    throw notEnough(
      'training images that differ in what the classifier looks at, but there are none. Train the run longer, or on more images',
    );
  const scores = noveltyOf(novelty, validation.features);
  yield;
  const probabilities = probabilitiesAt(validation.logits, temperature, classCount);
  const images = labels.length;
  const refused = mostRefused(images, chosen.known);
  // As an exported model has them: numbers of 32 bits.
  const limits = {
    temperature,
    threshold: Math.fround(thresholdFor(chosen.threshold, probabilities, labels, classCount)),
    noveltyThreshold: thresholdRefusing(scores, refused),
  };
  const counts = { images, answered: 0, unsure: 0, unknown: 0, wrong: 0 };
  labels.forEach((label, image) => {
    const top = greatest(probabilities, classCount, image * classCount);
    const verdict = verdictOf(probabilities[image * classCount + top]!, scores[image]!, limits);
    counts[verdict === 'answer' ? 'answered' : verdict] += 1;
    if (verdict === 'answer' && top !== label) counts.wrong += 1;
  });
  return {
    rule: {
      ...limits,
      chosen,
      calibrated,
      trainingImages: train.labels.length,
      validation: counts,
      promised: promisesOf({ ...counts, refused }, chosen),
    },
    novelty,
  };
}

/** softmax(logits / temperature). @param logits [n, classCount] @returns the same shape */
export function probabilitiesAt(logits: Float32Array, temperature: number, classCount: number): Float32Array {
  const result = new Float32Array(logits.length);
  const powers = new Float64Array(classCount);
  for (let from = 0; from < logits.length; from += classCount) {
    let most = -Infinity;
    for (let at = 0; at < classCount; at += 1) most = Math.max(most, logits[from + at]!);
    let sum = 0;
    for (let at = 0; at < classCount; at += 1)
      sum += powers[at] = Math.exp((logits[from + at]! - most) / temperature);
    for (let at = 0; at < classCount; at += 1) result[from + at] = powers[at]! / sum;
  }
  return result;
}

function thresholdFor(
  choice: AnswerRuleChoice['threshold'],
  probabilities: Float32Array,
  labels: Int32Array,
  classCount: number,
): number {
  if (choice.by === 'threshold') return choice.value;
  const curve = riskCoverage(topPredictions(predictionsOf(probabilities, labels, classCount, 1)));
  const found =
    choice.by === 'coverage'
      ? selectionForCoverage(curve, choice.value)
      : selectionForError(curve, choice.value);
  if (found) return found.threshold;
  throw notEnough(
    `a threshold at which at most ${100 * choice.value} % of the validation images that are answered are wrong, but there is none. Choose a greater error`,
  );
}

const notEnough = (expected: string) => new AtelierError('NOT_ENOUGH_DATA', `Expected ${expected}.`);
