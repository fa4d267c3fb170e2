/** A plan's counts as the table shows them: training is what the source fixes and what other parts are drawn from. */
import type { ImportPlan } from '#contract/import.ts';

interface PlanRow {
  name: string;
  training: number;
  validation: number;
  test: number;
  /** Unlabelled images that get their part with their label. */
  open: number;
}

/** The first `most` classes. */
export const planRows = ({ classes }: ImportPlan, most: number): PlanRow[] =>
  classes.slice(0, most).map(({ name, counts: { pool, train, validation, test } }) => ({
    name,
    training: pool + train,
    validation,
    test,
    open: 0,
  }));

/** The row of images without a class; null where there are none. */
export function unlabelledRow({ unlabelled: { pool, train, validation, test } }: ImportPlan): PlanRow | null {
  if (pool + train + validation + test === 0) return null;
  return { name: 'Unlabelled', training: train, validation, test, open: pool };
}

/** Of all classes; `pool` is that part of the training data from which missing parts are drawn. */
export function planTotals({ classes, unlabelled }: ImportPlan): Omit<PlanRow, 'name'> & { pool: number } {
  const { train: training, validation, test, pool: open } = unlabelled;
  const total = { training, validation, test, open, pool: 0 };
  for (const { counts } of classes) {
    total.training += counts.pool + counts.train;
    total.validation += counts.validation;
    total.test += counts.test;
    total.pool += counts.pool;
  }
  return total;
}
