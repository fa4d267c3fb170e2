/** From a scan to the plan that people see: classes × parts, and what is skipped, by reason. */
import type { ImportPlan } from '#contract/import.ts';
import { groupSkipped } from './skipped.ts';
import type { FoundImage, Scan } from './importer.ts';

/** Names in the order in which people read them: 2 before 10. */
export const byName = new Intl.Collator('en', { numeric: true }).compare;

export const noImages = () => ({ pool: 0, train: 0, validation: 0, test: 0 });

/** Classes × parts of images that were found, and the parts of those without a class. */
export function countClasses(
  images: readonly Pick<FoundImage, 'className' | 'part'>[],
): Pick<ImportPlan, 'classes' | 'unlabelled'> {
  const counts = new Map<string, ImportPlan['unlabelled']>();
  const unlabelled = noImages();
  for (const { className, part } of images) {
    let of = className === null ? unlabelled : counts.get(className);
    if (!of) counts.set(className!, (of = noImages()));
    of[part]++;
  }
  const classes = [...counts]
    .sort(([a], [b]) => byName(a, b) || (a < b ? -1 : 1))
    .map(([name, of]) => ({ name, counts: of }));
  return { classes, unlabelled };
}

/** @param location what the person chose */
export function planOf(scan: Scan, location: string): ImportPlan {
  const { kind, layout, statement, classes, unlabelled, warnings, options } = scan;
  const images = [...classes.map(({ counts }) => counts), unlabelled].reduce(
    (sum, { pool, train, validation, test }) => sum + pool + train + validation + test,
    0,
  );
  return {
    location,
    kind,
    layout,
    statement,
    images,
    classes,
    unlabelled,
    warnings,
    skipped: groupSkipped(scan.skipped),
    options,
  };
}
