/** Successes among trials: how likely so few are, and what share they leave possible, exactly. */
import type { Interval } from '../metrics/interval.ts';
import { betaQuantile, betaWeight, incompleteBetaAbove } from './beta.ts';

/** P(X ≤ successes) of so many trials. */
export const binomialBelow = (successes: number, trials: number, share: number): number =>
  successes < 0 ? 0 : successes >= trials ? 1 : incompleteBetaAbove(share, successes + 1, trials - successes);

/** P(X = successes) of so many trials. */
export function binomialMass(successes: number, trials: number, share: number): number {
  const failures = trials - successes;
  if (successes === 0) return (1 - share) ** trials;
  if (failures === 0) return share ** trials;
  return (betaWeight(share, successes, failures) * trials) / (successes * failures);
}

/**
 * Exact interval of a share (Clopper and Pearson 1934): it holds the true share at least as often as its level says, mostly
 * more often. It is the one of every share that is shown, so that a figure has one interval; `wilsonInterval` is shorter and right on average.
 * @param successes whole, from 0 to trials
 * @param trials whole; the interval is the whole of [0, 1] where there are none
 * @param level between 0 and 1, both excluded
 * @throws RangeError where a count or the level is none
 */
export function clopperPearsonInterval(successes: number, trials: number, level = 0.95): Interval {
  if (!(Number.isInteger(successes) && Number.isInteger(trials) && successes >= 0 && successes <= trials))
    throw new RangeError(`Expected successes from 0 to the trials, received ${successes} of ${trials}`);
  if (!(level > 0 && level < 1)) throw new RangeError(`Expected a level between 0 and 1, received ${level}`);
  const tail = (1 - level) / 2;
  return {
    low: successes === 0 ? 0 : betaQuantile(tail, successes, trials - successes + 1),
    high: successes === trials ? 1 : betaQuantile(tail, successes + 1, trials - successes, 'above'),
  };
}
