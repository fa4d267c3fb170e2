/**
 * When a run answers: its probabilities at a temperature, the least probability of an answer, and from which novelty on an image is unlike all
 * training images. Kept of a run until it goes on (engine/jobs/calibrate.ts); what follows of it for one image is `verdictOf`, the same in the window,
 * on the command line and of a bundle.
 */
import * as z from 'zod';

/** In the order of the exported model's numbers. */
export const verdicts = ['answer', 'unsure', 'unknown'] as const;
export const Verdict = z.enum(verdicts);
export type Verdict = z.infer<typeof Verdict>;

const Share = z.number().min(0).max(1);

/** How the least probability is chosen on the validation images: for a share answered, for an error of what is answered, or as it is said. */
export const ThresholdChoice = z.discriminatedUnion('by', [
  z.object({ by: z.literal('coverage'), value: z.number().gt(0).max(1) }),
  z.object({ by: z.literal('error'), value: Share }),
  z.object({ by: z.literal('threshold'), value: Share }),
]);
export type ThresholdChoice = z.infer<typeof ThresholdChoice>;

/** What is asked for. `known`: the share of images like the validation images that must not be taken for unknown (`Promised`). */
export const AnswerRuleChoice = z.object({ threshold: ThresholdChoice, known: z.number().min(0.5).max(1) });
export type AnswerRuleChoice = z.infer<typeof AnswerRuleChoice>;

export const defaultChoice: AnswerRuleChoice = { threshold: { by: 'coverage', value: 0.9 }, known: 0.95 };

/** How often a promise holds, of many drawings of validation images. */
export const promiseConfidence = 0.95;

/**
 * What holds of images like the validation images, each with that confidence, where images are drawn each for itself and as these were. The thresholds
 * themselves are of these images; a share of them is none of others.
 */
export const Promised = z.object({
  confidence: Share,
  /** Share that is taken for unknown, at most. */
  unknownAtMost: Share,
  /** Share of the answers that is wrong, at most. */
  wrongAtMost: Share,
  /** Validation images from which on the share of `known` can be promised; null: of no count of images. */
  imagesNeeded: z.int().nullable(),
});
export type Promised = z.infer<typeof Promised>;

/** All that a verdict follows from, beside the image. */
export const AnswerLimits = z.object({
  /** What logits are divided by. */
  temperature: z.number().gt(0),
  /** Answered where the greatest probability is this or more. */
  threshold: Share,
  /** Unknown where the novelty is more than this. */
  noveltyThreshold: z.number(),
});
export type AnswerLimits = z.infer<typeof AnswerLimits>;

export const AnswerRule = AnswerLimits.extend({
  /** Whose weights it is of: one of another epoch is none. */
  epoch: z.int().min(1),
  fittedAt: z.string(),
  chosen: AnswerRuleChoice,
  /** Whether the validation images could tell a temperature; else it is 1. */
  calibrated: z.boolean(),
  /** Training images that the novelty was fitted on. */
  trainingImages: z.int(),
  /** Verdicts on the validation images, which it was chosen on: expect a little worse of new ones. */
  validation: z.object({
    images: z.int(),
    answered: z.int(),
    unsure: z.int(),
    unknown: z.int(),
    /** Of those answered. */
    wrong: z.int(),
  }),
  /** null: of a rule from before there were promises, whose novelty threshold is a plain quantile. */
  promised: Promised.nullable().default(null),
});
export type AnswerRule = z.infer<typeof AnswerRule>;

/** What a verdict on one image follows from. */
export const Judged = AnswerLimits.extend({ novelty: z.number().nullable() });
export type Judged = z.infer<typeof Judged>;

/** What is not a number is unknown, or unsure. @param top the greatest probability, at the temperature */
export function verdictOf(top: number, novelty: number, limits: AnswerLimits): Verdict {
  if (!(novelty <= limits.noveltyThreshold)) return 'unknown';
  return top >= limits.threshold ? 'answer' : 'unsure';
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** A verdict in words; null where it is an answer, which needs none. @param top the greatest probability */
export function verdictWords(verdict: Verdict, top: number, judged: Judged | null): string | null {
  if (verdict === 'unknown') return 'Unlike all training images';
  if (verdict === 'unsure' && judged)
    return `Not sure: ${percent(top)}, below the threshold of ${percent(judged.threshold)}`;
  return null;
}

const whole = (count: number): string => count.toLocaleString('en');
/** Rounded up, since less would be promised than holds otherwise. */
const bound = (share: number): string => `${Math.ceil(1e4 * share - 1e-6) / 100} %`;

/** What is promised of images that are taken for unknown, and where that is not what was asked for, why. */
export function unknownPromise({
  promised,
  chosen,
  validation,
}: Pick<AnswerRule, 'promised' | 'chosen' | 'validation'>): string {
  if (!promised)
    return 'This rule was chosen before there was a promise of how many images like the validation images are taken for unknown. Choose it again for one.';
  const { confidence, unknownAtMost, imagesNeeded } = promised;
  const holds = `With ${bound(confidence)} confidence, at most ${bound(unknownAtMost)} of images like the validation images are taken for unknown.`;
  if (imagesNeeded === null || validation.images >= imagesNeeded) return holds;
  return `To promise at most ${bound(1 - chosen.known)} takes ${whole(imagesNeeded)} validation images; there are ${whole(validation.images)}. ${holds}`;
}

/** What is promised of answers that are wrong; what was only counted on the validation images is said to be. Empty without promises. */
export function answerPromise({
  promised,
  chosen: { threshold },
}: Pick<AnswerRule, 'promised' | 'chosen'>): string {
  if (!promised) return '';
  const counted = {
    coverage: `That ${bound(threshold.value)} are answered was counted on the validation images only. `,
    error: `That at most ${bound(threshold.value)} of the answers are wrong was counted on the validation images only. `,
    threshold: '',
  }[threshold.by];
  return `${counted}With ${bound(promised.confidence)} confidence, at most ${bound(promised.wrongAtMost)} of the answers to images like them are wrong.`;
}
