/**
 * "What next?": every way to make a run better that its facts speak for, the largest expected gain first. Each estimate is of what is there, says
 * how it was made, and is an interval; what has no estimate says what would compute one. Pure.
 */
import { type Improvement, improvementCosts } from '#contract/improvements.ts';
import { ofData } from './of-data.ts';
import { ofTraining } from './of-training.ts';
import type { Facts } from './facts.ts';

/** Gains before figures that say what is, those before what is not known, and last what would gain nothing. */
const ranks: Record<Improvement['effect'], number> = { accuracy: 0, trust: 1, unknown: 2, none: 3 };

export function improvementsOf(facts: Facts): Improvement[] {
  const list = [...ofData(facts), ...ofTraining(facts)];
  // Stable: what is equal stays in the order above.
  return list.sort(
    (a, b) =>
      ranks[a.effect] - ranks[b.effect] ||
      (b.gain?.value ?? 0) - (a.gain?.value ?? 0) ||
      improvementCosts.indexOf(a.cost) - improvementCosts.indexOf(b.cost),
  );
}
