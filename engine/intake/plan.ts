/** From a scan to the plan that people see: classes × parts, and what is skipped, by reason. */
import type { SetAside } from '#contract/entities.ts';
import type { ImportPlan, SkippedGroup } from '#contract/import.ts';
import { notAnImage } from './candidates.ts';
import { reasons } from './listing.ts';
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

/** Of what was never meant to be an image. */
const harmless: ReadonlySet<string> = new Set([reasons.litter, reasons.hidden, reasons.empty, notAnImage]);

/** By reason: what may be a loss first, then the most frequent. */
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
  const rank = ({ reason }: SkippedGroup) => Number(harmless.has(reason));
  return [...groups.values()].sort((a, b) => rank(a) - rank(b) || b.count - a.count);
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
