/**
 * What validation images let one promise of images like them: by the order of their scores and the binomial distribution alone, so whatever the scores
 * are (tolerance bounds, Wilks 1941). Pure; which thresholds follow is left to fit-answer-rule.ts.
 */
import { type AnswerRuleChoice, promiseConfidence, type Promised } from '#contract/answer-rule.ts';
import { binomialBelow, clopperPearsonInterval } from '#recipe/statistics/binomial.ts';

/**
 * How many of the validation images a threshold may refuse, so that with the confidence of promises no more than the rest of `known` of all such images
 * are beyond it. None where there are too few images for the promise, which `promisesOf` tells.
 * @param images how many there are
 * @param known share that must not be refused, from 0 to 1
 */
export function mostRefused(images: number, known: number): number {
  const share = 1 - known;
  let most = Math.floor(share * images);
  while (most > 0 && binomialBelow(most, images, share) > 1 - promiseConfidence) most -= 1;
  return most;
}

/**
 * The least number of 32 bits that so many of the scores are above, at most: an exported model has it so. What is not a number is above all.
 * @returns not a number where the scores that are none are more
 */
export function thresholdRefusing(scores: Float64Array, most: number): number {
  // What is not a number comes last.
  return roundedUp(Float64Array.from(scores).sort()[scores.length - 1 - most]!);
}

function roundedUp(value: number): number {
  const rounded = new Float32Array([value]);
  if (rounded[0]! < value) {
    const bits = new Int32Array(rounded.buffer);
    bits[0]! += value < 0 ? -1 : 1;
  }
  return rounded[0]!;
}

/**
 * @param counted images there are, those that may be refused, answers, and those of them that are wrong
 */
export function promisesOf(
  { images, refused, answered, wrong }: Record<'images' | 'refused' | 'answered' | 'wrong', number>,
  { threshold, known }: AnswerRuleChoice,
): Promised {
  // Two of them are where they are because the thresholds were put on them: the others are as if drawn for themselves.
  const drawn = Math.max(0, answered - 2);
  // A probability that was chosen for its error is one of as many as there are images: all of their bounds have to hold.
  const tried = threshold.by === 'error' ? images : 1;
  return {
    confidence: promiseConfidence,
    unknownAtMost: atMost(refused, images, 1 - promiseConfidence),
    wrongAtMost: atMost(Math.min(wrong, drawn), drawn, (1 - promiseConfidence) / tried),
    imagesNeeded: known === 1 ? null : Math.ceil(Math.log(1 - promiseConfidence) / Math.log(known)),
  };
}

/** The upper end alone, that the true share is above as seldom as `risk` says. */
const atMost = (successes: number, trials: number, risk: number): number =>
  clopperPearsonInterval(successes, trials, 1 - 2 * risk).high;
