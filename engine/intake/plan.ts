/** From a scan to the plan that people see: classes × parts, and what is skipped, by reason. */
import type { ImportPlan } from '#contract/import.ts';
import { groupSkipped } from './skipped.ts';
import type { FoundImage, Scan } from './source.ts';

/** Names in the order in which people read them: 2 before 10. */
export const byName = new Intl.Collator('en', { numeric: true }).compare;

/** Classes × parts of images that were found. */
export function countClasses(
  images: readonly Pick<FoundImage, 'className' | 'part'>[],
): ImportPlan['classes'] {
  const counts = new Map<string, ImportPlan['classes'][number]['counts']>();
  for (const { className, part } of images) {
    let of = counts.get(className);
    if (!of) counts.set(className, (of = { pool: 0, train: 0, validation: 0, test: 0 }));
    of[part]++;
  }
  return [...counts]
    .sort(([a], [b]) => byName(a, b) || (a < b ? -1 : 1))
    .map(([name, of]) => ({ name, counts: of }));
}

/** @param location what the person chose */
export function planOf(scan: Scan, location: string): ImportPlan {
  const { kind, layout, statement, classes, warnings, options } = scan;
  const images = classes.reduce(
    (sum, { counts }) => sum + counts.pool + counts.train + counts.validation + counts.test,
    0,
  );
  return {
    location,
    kind,
    layout,
    statement,
    images,
    classes,
    warnings,
    skipped: groupSkipped(scan.skipped),
    options,
  };
}
