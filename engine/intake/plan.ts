/** From a scan to the plan that people see: classes × parts, and what is skipped, by reason. */
import type { SetAside } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import type { ImportPlan, SkippedGroup } from '#contract/import.ts';
import type { FoundImage, Scan } from './source.ts';

const examplesKept = 5;

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

/** By reason, the most frequent first. */
export function groupSkipped(skipped: readonly SetAside[]): SkippedGroup[] {
  const groups = new Map<string, SkippedGroup>();
  for (const { path, reason } of skipped) {
    const group = groups.get(reason);
    if (!group) groups.set(reason, { reason, count: 1, examples: [path] });
    else {
      group.count++;
      if (group.examples.length < examplesKept) group.examples.push(path);
    }
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
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

/** @throws SOURCE_EMPTY where the scan has no image to import */
export function requireImages(scan: Scan, location: string): void {
  if (scan.classes.length > 0) return;
  const { statement, skipped } = planOf(scan, location);
  throw new AtelierError('SOURCE_EMPTY', `${statement} ${wordsOfSkipped(skipped)}`.trim(), {
    location,
    skipped: skipped.slice(0, 20),
    warnings: scan.warnings,
  });
}

/** The reasons with their counts, in one sentence each; "" for none. */
export const wordsOfSkipped = (groups: readonly SkippedGroup[]): string =>
  groups
    .slice(0, 5)
    .map(
      ({ reason, count, examples }) =>
        `${count === 1 ? '1 file was' : `${count} files were`} skipped (${examples[0]!}${count > 1 ? ' …' : ''}): ${reason}`,
    )
    .join(' ');
