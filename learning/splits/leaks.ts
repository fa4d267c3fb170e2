/**
 * How much a split leaks: images of the validation and test parts that have a near duplicate among those that train, which
 * a network may remember instead of recognise. Two splits side by side tell what keeping groups together is worth. Which
 * images are near duplicates is the caller's.
 */
import type { Split } from '#contract/project.ts';

/** Parts that are judged by. */
export const judgedParts = ['validation', 'test'] as const satisfies readonly Split[];
export type JudgedPart = (typeof judgedParts)[number];

export interface Leak {
  images: number;
  /** Of these, those that have a near duplicate in training. */
  leaked: number;
  /** 0 for a part without images. */
  share: number;
}

/**
 * @param pairs of near duplicates, as places in `parts`; a pair may stand there twice
 * @param parts of each image; null where it is in none
 */
export function measureLeak(
  pairs: readonly { a: number; b: number }[],
  parts: readonly (Split | null)[],
): Record<JudgedPart, Leak> {
  const leaked = new Set<number>();
  for (const { a, b } of pairs) {
    if (parts[a] === 'train') leaked.add(b);
    if (parts[b] === 'train') leaked.add(a);
  }
  const of = (part: JudgedPart): Leak => {
    const images = parts.filter((each) => each === part).length;
    let count = 0;
    for (const place of leaked) if (parts[place] === part) count += 1;
    return { images, leaked: count, share: images === 0 ? 0 : count / images };
  };
  return { validation: of('validation'), test: of('test') };
}

/**
 * The same by groups: images of which one of the same group trains.
 * @param groups of each image
 */
export function measureGroupLeak(
  groups: ArrayLike<number>,
  parts: readonly (Split | null)[],
): Record<JudgedPart, Leak> {
  const training = new Set<number>();
  parts.forEach((part, place) => {
    if (part === 'train') training.add(groups[place]!);
  });
  const of = (part: JudgedPart): Leak => {
    let [images, leaked] = [0, 0];
    parts.forEach((each, place) => {
      if (each !== part) return;
      images += 1;
      if (training.has(groups[place]!)) leaked += 1;
    });
    return { images, leaked, share: images === 0 ? 0 : leaked / images };
  };
  return { validation: of('validation'), test: of('test') };
}

/** The leak of a split that looks at single images beside that of one which keeps groups whole. */
export function compareLeaks(
  pairs: readonly { a: number; b: number }[],
  naive: readonly (Split | null)[],
  grouped: readonly (Split | null)[],
): { naive: Record<JudgedPart, Leak>; grouped: Record<JudgedPart, Leak> } {
  return { naive: measureLeak(pairs, naive), grouped: measureLeak(pairs, grouped) };
}

/** Folds take turns: an image leaks where a near duplicate is in another fold, which trains when its own is judged. */
export function measureFoldLeak(pairs: readonly { a: number; b: number }[], foldOf: ArrayLike<number>): Leak {
  const leaked = new Set<number>();
  for (const { a, b } of pairs) {
    if (foldOf[a] === foldOf[b]) continue;
    leaked.add(a);
    leaked.add(b);
  }
  const images = foldOf.length;
  return { images, leaked: leaked.size, share: images === 0 ? 0 : leaked.size / images };
}
