/** What was changed since a repair began, as people read it. */
import type { RepairSession } from '#contract/repair.ts';
import { count } from '../../../format.ts';

/** A phrase a kind of change that there is; none where nothing was changed. */
export const changeWords = ({ relabelled, excluded, hard, others }: RepairSession['changes']): string[] =>
  (
    [
      [relabelled, 'relabelled'],
      [excluded, 'excluded'],
      [hard, 'marked as hard'],
      [others, 'other changes'],
    ] as const
  ).flatMap(([number, what]) => (number > 0 ? [`${count(number)} ${what}`] : []));
