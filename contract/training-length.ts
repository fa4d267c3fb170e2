/** Whether training longer would help, read off the epochs of a run, and in words. The arithmetic is learning/statistics/training-length.ts. */
import * as z from 'zod';
import { pointsText } from '#recipe/metrics/format.ts';
import { Estimate } from './learning-curve.ts';

/**
 * few: too few epochs to tell. overfitted: validation loss rises, the best epoch lies behind. settled: nothing more is gained. improving: it is.
 * annealed: it improved while the learning rate fell to nothing, which says nothing of a longer training.
 */
export const trainingLengthVerdicts = ['few', 'overfitted', 'settled', 'improving', 'annealed'] as const;

export const TrainingLength = z.object({
  verdict: z.enum(trainingLengthVerdicts),
  epochs: z.int(),
  bestEpoch: z.int().nullable(),
  /** Epochs at the end that are looked at. */
  window: z.int(),
  /** Change of the validation loss from epoch to epoch there; null of few. */
  slope: Estimate.nullable(),
  /** Gain of validation accuracy after twice as many epochs; null where that cannot be told. */
  gain: Estimate.nullable(),
  /** Learning rate of the last epoch as a share of the highest. */
  rate: z.number(),
});
export type TrainingLength = z.infer<typeof TrainingLength>;

/** One sentence or two. */
export function trainingLengthWords({
  verdict,
  epochs,
  bestEpoch,
  window,
  slope,
  gain,
  rate,
}: TrainingLength): string {
  const last = `over the last ${window} of ${epochs} epochs`;
  const change = slope ? `${number(slope.low)} to ${number(slope.high)} an epoch` : '';
  const most = gain ? `, and twice as many would bring at most ${pointsText(gain.high)} points` : '';
  switch (verdict) {
    case 'few':
      return `${epochs === 1 ? 'One epoch is' : `${epochs} epochs are`} too few to tell whether more would help.`;
    case 'overfitted':
      return `Training longer will not help: validation loss rose ${last} (${change}). The weights of epoch ${bestEpoch}, the best, were kept.`;
    case 'settled': {
      const still =
        slope && slope.high < 0
          ? `validation loss still falls a little ${last} (${change}), but accuracy no longer rises`
          : `validation loss no longer falls ${last} (${change}, which may as well be nothing)`;
      const rested =
        rate < annealedBelow
          ? ' The learning rate had fallen to nothing by then: with another schedule it may be otherwise.'
          : '';
      return `Training longer will not help: ${still}${most}.${rested}`;
    }
    case 'improving':
      return `Training longer helps: validation loss still fell ${last} (${change}). Twice as many epochs would bring ${pointsText(gain!.value)} points (${pointsText(gain!.low)} to ${pointsText(gain!.high)}).`;
    case 'annealed':
      return `Whether training longer helps cannot be told: validation loss fell ${last} (${change}), but so did the learning rate, to ${Number((100 * rate).toPrecision(1))} % of its peak, which improves every training at its end.`;
    default:
      return verdict satisfies never;
  }
}

/** Below this share of its peak a learning rate moves nothing. */
export const annealedBelow = 0.1;

const number = (value: number): string =>
  value === 0 ? '0' : `${value < 0 ? '−' : '+'}${Number(Math.abs(value).toPrecision(2))}`;
