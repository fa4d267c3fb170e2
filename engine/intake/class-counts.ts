/** Classes × parts of the images that a scan found. */
import type { ImportPlan } from '#contract/import.ts';
import type { FoundImage } from './importer.ts';

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
