/**
 * What the report of a run and the model card of its bundle both say: which images its figures are of, what becomes of an image that is of no class,
 * and how numbers are written. Plain text; escaping is left to whoever writes it.
 */
import { answerPromise, type AnswerRule, unknownPromise } from '#contract/answer-rule.ts';
import type { Evaluation } from '#contract/evaluation.ts';
import { trainedOnWords } from '#contract/splits.ts';

export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
export const whole = (count: number): string => count.toLocaleString('en');
export const plural = (count: number, noun: string): string =>
  `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;

const said: Record<Evaluation['split'], (noun: string) => string> = {
  test: (noun) => `test ${noun}, which had no part in the training`,
  validation: (noun) =>
    `validation ${noun}, by which the best epoch was chosen: expect a little less on new ones`,
  train: (noun) => `training ${noun}, which it learned from: expect less on new ones`,
};

/** How many images of which part, and what that part was to the run; ends a sentence, or two. */
export function testedOn(evaluation: Pick<Evaluation, 'count' | 'split' | 'trainedOn'>): string {
  const { count, split } = evaluation;
  const noun = count === 1 ? 'image' : 'images';
  const learned = trainedOnWords(evaluation);
  return learned === null
    ? `${whole(count)} ${said[split](noun)}.`
    : `${whole(count)} ${split} ${noun}. ${learned}`;
}

/** How many images of each part there were. @param counts test: those that it was evaluated on, 0 where it was on none */
export const imagesOf = ({ train, validation, test }: { train: number; validation: number; test: number }) =>
  `${plural(train, 'image')} to learn from, ${whole(validation)} to choose the best epoch, ${test === 0 ? 'none' : whole(test)} to test it on`;

/** What becomes of an image that is of none of its classes. @param rule null: it always answers */
export function knows(
  classCount: number,
  rule: Pick<AnswerRule, 'chosen' | 'promised' | 'validation'> | null,
): string {
  const only = `It knows its ${whole(classCount)} classes and nothing else: `;
  if (!rule) return `${only}an image of none of them is still given to one.`;
  return `${only}an image of none of them is to be told by its verdict, “unknown”, which is no proof: some images that look like a class, and are of none, are given to it. ${unknownPromise(rule)} ${answerPromise(rule)}`.trimEnd();
}

/** What an answer rule did to the images that it was chosen on. */
export const chosenOn = ({
  validation: { images, answered, unsure, unknown, wrong },
}: Pick<AnswerRule, 'validation'>): string =>
  `Of the ${plural(images, 'validation image')} that it was chosen on, ${whole(answered)} ${answered === 1 ? 'was' : 'were'} answered, ${whole(wrong)} of them wrong; ${whole(unsure)} ${unsure === 1 ? 'was' : 'were'} unsure, ${whole(unknown)} unknown.`;
