/** A plan's counts as the table shows them: training is what the source fixes and what other parts are drawn from. */
import type { ImportPlan } from '#contract/import.ts';

export interface PlanRow {
  name: string;
  training: number;
  validation: number;
  test: number;
}

/** The first `most` classes. */
export const planRows = ({ classes }: ImportPlan, most: number): PlanRow[] =>
  classes.slice(0, most).map(({ name, counts: { pool, train, validation, test } }) => ({
    name,
    training: pool + train,
    validation,
    test,
  }));

/** Of all classes; `pool` is that part of the training data from which missing parts are drawn. */
export function planTotals({ classes }: ImportPlan): Omit<PlanRow, 'name'> & { pool: number } {
  const total = { training: 0, validation: 0, test: 0, pool: 0 };
  for (const { counts } of classes) {
    total.training += counts.pool + counts.train;
    total.validation += counts.validation;
    total.test += counts.test;
    total.pool += counts.pool;
  }
  return total;
}
