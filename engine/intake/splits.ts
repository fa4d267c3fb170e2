/**
 * Which part each imported image goes to. What the source says stays; the rest is drawn, see
 * docs/decisions/0010-splits-at-import.md.
 */
import { splitNames, type Split } from '#contract/entities.ts';
import { drawStratified } from '../project/split.ts';
import type { ReadItem } from './source.ts';

export interface SplitDraw {
  validationShare: number;
  testShare: number;
  seed: number;
}

/**
 * @param known split of content that the project already has, by hash: a copy joins it
 * @param source all that the source holds, also what the project has from it already: a part that the source fixes
 * gets nothing drawn into it, whether or not any of its images are new
 * @returns a split per item
 */
export function assignSplits(
  items: readonly ReadItem[],
  known: ReadonlyMap<string, Split>,
  draw: SplitDraw,
  source: readonly Pick<ReadItem, 'part'>[] = items,
): Split[] {
  const splits = items.map((item): Split | null =>
    item.part === 'pool' ? (known.get(item.hash) ?? null) : item.part,
  );
  const stratumOf = new Map<string, number>();
  for (const { className } of items) if (!stratumOf.has(className)) stratumOf.set(className, stratumOf.size);

  const drawInto = (split: Split, share: number, seed: number) => {
    const open = items.map((_, index) => index).filter((index) => splits[index] === null);
    const drawn = drawStratified(
      open.map((index) => ({
        stratum: stratumOf.get(items[index]!.className)!,
        content: items[index]!.hash,
      })),
      share,
      seed,
    );
    open.forEach((index, at) => {
      if (drawn[at]) splits[index] = split;
    });
  };
  if (!source.some(({ part }) => part === 'test')) drawInto('test', draw.testShare, draw.seed + 1);
  if (!source.some(({ part }) => part === 'validation'))
    drawInto('validation', draw.validationShare, draw.seed);
  return splits.map((split) => split ?? 'train');
}

export const splitIndex = (split: Split) => splitNames.indexOf(split);
