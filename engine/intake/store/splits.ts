/**
 * Which part each imported image goes to. What the source says stays; the rest is drawn, see
 * docs/decisions/0010-splits-at-import.md.
 */
import { splitNames, type Split } from '#contract/project.ts';
import { mergeGroups } from '#learning/search/folds.ts';
import type { SplitSettings } from '../../project/settings.ts';
import { stratifiedGroupSplit } from '#learning/splits/draw-parts.ts';
import type { ReadItem } from '../importer.ts';

/**
 * Images with the same content, and images of one group, go to one part. One that the project has already goes where
 * its copy is; one whose group the source fixed goes there with it.
 * @param known split of content that the project already has, by hash: a copy joins it
 * @param source all that the source holds, also what the project has from it already: a part that the source fixes
 * gets nothing drawn into it, whether or not any of its images are new
 * @returns a split per item; null for unlabelled ones of which the source does not say it: they get it with their label
 */
export function assignSplits(
  all: readonly ReadItem[],
  known: ReadonlyMap<string, Split>,
  draw: Readonly<SplitSettings>,
  source: readonly Pick<ReadItem, 'part'>[] = all,
): (Split | null)[] {
  const isOpen = ({ className, part }: ReadItem) => className === null && part === 'pool';
  const items = all.filter((item) => !isOpen(item));
  const groups = mergeGroups(items.length, [
    // A part that the source fixed is kept whole even where it repeats an open image, so that copy does not count.
    items.map(({ part, hash }, index) => (part === 'pool' ? `open ${hash}` : `fixed ${index}`)),
    items.map(({ group }) => group ?? ''),
  ]);
  const settled = new Map<number, Split>();
  items.forEach(({ part, hash }, index) => {
    const split = part === 'pool' ? known.get(hash) : part;
    if (split && !settled.has(groups[index]!)) settled.set(groups[index]!, split);
  });
  const stratumOf = new Map<string | null, number>();
  for (const { className } of items) if (!stratumOf.has(className)) stratumOf.set(className, stratumOf.size);

  const fixes = (split: Split) => source.some(({ part }) => part === split);
  const drawn = stratifiedGroupSplit(
    items.map(({ part, hash, className }, index) => ({
      stratum: stratumOf.get(className)!,
      group: groups[index]!,
      part: part === 'pool' ? (known.get(hash) ?? settled.get(groups[index]!) ?? null) : part,
    })),
    {
      testShare: fixes('test') || draw.testShare === 0 ? null : draw.testShare,
      validationShare: fixes('validation') ? null : draw.validationShare,
      seed: draw.seed,
    },
  );
  let next = 0;
  return all.map((item) => (isOpen(item) ? null : drawn[next++]!));
}

/** As the database keeps it. */
export const splitIndex = (split: Split | null) => (split === null ? null : splitNames.indexOf(split));
