/** What was found, as entries of findings: places become items, and each kind says what was looked at and what had to be passed. Pure. */
import { labelEvidenceWords } from '#contract/finding-words.ts';
import {
  type FactValue,
  type FindingEntry,
  type FindingKind,
  findingKinds,
  type LabelEvidence,
  type ShortcutFact,
  type StoredFindings,
} from '#contract/findings.ts';
import { embeddingLimits } from '#learning/findings/embedding-duplicates.ts';
import { leastOutlierScore, type Outlier } from '#learning/findings/embedding-outliers.ts';
import { type DuplicateCluster, furthestCopy } from '#learning/findings/near-duplicates.ts';
import { shareOut } from '#learning/findings/share-out.ts';
import type { Fact, Shortcut } from '#learning/findings/shortcuts.ts';
import { leastScore, type UnusualImage, unusualKinds } from '#learning/findings/unusual-images.ts';
import { median } from '#recipe/statistics/median.ts';
import type { Predicted } from '#learning/label-errors/confident-joint.ts';
import type { LabelError } from '#learning/label-errors/label-errors.ts';

export type FoundData = Pick<
  StoredFindings,
  'images' | 'unreadable' | 'embedded' | 'labelEvidence' | 'audit' | 'kinds'
>;
type Kind = StoredFindings['kinds'][number];
type ItemOf = (place: number) => number;

/** Entries of one kind that are kept: the first of them. */
const mostEntries = 5000;
/** A class is listed where it has less than this share of what each would have of an even one. */
const leastShare = 0.25;

const percent = (share: number) => `${Math.round(100 * share)} %`;
const found = (kind: FindingKind, threshold: string, entries: FindingEntry[]): Kind => ({
  ...{ kind, threshold, missing: null, entries: entries.slice(0, mostEntries) },
});
export const notLookedFor = (kind: FindingKind, reason: string, needs: 'embeddings' | null = null): Kind => ({
  kind,
  threshold: '',
  missing: { reason, needs },
  entries: [],
});

/** In the order of the kinds. */
export const inOrder = (kinds: readonly Kind[]): Kind[] =>
  [...kinds].sort((a, b) => findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind));

export function labelErrors(
  errors: readonly LabelError[],
  { probabilities, classes, labels }: Predicted,
  judged: { places: Int32Array; classIds: readonly number[]; evidence: LabelEvidence },
  itemOf: ItemOf,
): Kind {
  const { places, classIds, evidence } = judged;
  const share = (at: number, label: number) => Math.min(1, Math.max(0, probabilities[at * classes + label]!));
  return found(
    'label-errors',
    `By ${labelEvidenceWords(evidence)}, ${labels.length.toLocaleString('en')} labelled images: as many of each class as confident learning counts wrong.`,
    errors.map(({ place, given, suggested }) => ({
      ...{ measured: 'label', itemIds: [itemOf(places[place]!)] },
      ...{ given: classIds[given]!, suggested: classIds[suggested]! },
      givenProbability: share(place, given),
      suggestedProbability: share(place, suggested),
    })),
  );
}

/** What says most of two images comes first: an embedding is of what is seen, not of the pixels. */
const strength = { exact: 0, hash: 1, embedding: 2 };

/** Duplicates, and those of them that are in several parts. @param partOf of a place; null for none */
export function duplicates(
  clusters: readonly DuplicateCluster[],
  partOf: (place: number) => number | null,
  isEmbedded: boolean,
  itemOf: ItemOf,
): Kind[] {
  const entries = clusters.map(({ members, evidence }): FindingEntry => {
    const likest = new Map<number, (typeof evidence)[number]>();
    for (const pair of [...evidence].sort((a, b) => strength[a.kind] - strength[b.kind]))
      for (const place of [pair.first, pair.second]) if (!likest.has(place)) likest.set(place, pair);
    return {
      measured: 'cluster',
      itemIds: members.map(itemOf),
      evidence: members.map((place) => {
        const { first, second, kind, similarity, mirrored } = likest.get(place)!;
        return {
          itemId: itemOf(place === first ? second : first),
          by: kind,
          similarity: Math.min(1, similarity),
          mirrored,
        };
      }),
    };
  });
  const threshold = `The same content; small grey pictures that lie on each other (distance up to ${furthestCopy}) or embeddings with a cosine from ${embeddingLimits.cosine} on, where look-alikes are clearly less alike.${
    isEmbedded ? '' : ' Without embeddings; with them more are found.'
  }`;
  const leaking = entries.filter(
    (_, at) => new Set(clusters[at]!.members.map(partOf).filter((part) => part !== null)).size > 1,
  );
  return [
    found('duplicates', threshold, entries),
    found('leaks', 'Duplicates of which one is in another part than the others.', leaking),
  ];
}

export const outliers = (list: readonly Outlier[], usual: number, itemOf: ItemOf): Kind =>
  found(
    'outliers',
    `Mean distance to the 10 nearest embeddings, from ${leastOutlierScore} robust standard deviations above the median on.`,
    list.map(({ place, distance, score }) => ({
      ...{ measured: 'image', itemIds: [itemOf(place)], value: distance, usual },
      score: Number.isFinite(score) ? score : null,
    })),
  );

const measures: Record<(typeof unusualKinds)[number], string> = {
  dark: 'Mean brightness from 0 to 255',
  bright: 'Mean brightness from 0 to 255',
  blurry: 'Variance of the Laplacian through that of the brightness',
  'single-colour': 'Share of the commonest colour',
  'odd-size': 'Number of pixels',
  'odd-aspect': 'Width through height',
};
export const unusual = (all: readonly UnusualImage[], itemOf: ItemOf): Kind[] =>
  unusualKinds.map((kind) =>
    found(
      kind,
      `${measures[kind]}, from ${leastScore} robust standard deviations off the median on, within bounds that hold for any data set.`,
      all
        .filter((image) => image.kind === kind)
        .map(({ place, value, usual, score }) => ({
          ...{ measured: 'image', itemIds: [itemOf(place)], value, usual },
          score: Number.isFinite(score) ? score : null,
        })),
    ),
  );

/** @param classOf class id of each place; not positive for none */
export function imbalance(classOf: Int32Array, classIds: readonly number[], itemOf: ItemOf): Kind {
  const places = new Map<number, number[]>(classIds.map((id) => [id, []]));
  classOf.forEach((id, place) => places.get(id)?.push(place));
  const even = [...places.values()].reduce((sum, { length }) => sum + length, 0) / Math.max(1, places.size);
  return found(
    'imbalance',
    `Classes with less than ${percent(leastShare)} of an even share of the labelled images.`,
    [...places]
      .filter(([, own]) => own.length < leastShare * even)
      .sort(([, a], [, b]) => a.length - b.length)
      .map(([classId, own]) => ({
        ...{ measured: 'class', itemIds: own.map(itemOf), classId, images: own.length, even },
      })),
  );
}

/** Images of a class that are shown of a shortcut, where there are few classes; of many, fewer, so that the list stays one to look at. */
const shownOfClass = 24;
const shownOfShortcut = 240;
const leastShown = 4;

/** A fact, and what it is of an image in words of the contract. @param at among the images that were looked at */
export interface KnownFact extends Fact<ShortcutFact> {
  valueOf(at: number): FactValue;
}

/** @param facts of the images in the order of `places` */
export function shortcuts(
  list: readonly Shortcut<ShortcutFact>[],
  facts: readonly KnownFact[],
  { places, labels, classIds }: { places: Int32Array; labels: Int32Array; classIds: readonly number[] },
  itemOf: ItemOf,
): Kind {
  const telling = list.filter(({ found: isFound }) => isFound);
  const most = Math.max(leastShown, Math.min(shownOfClass, Math.floor(shownOfShortcut / classIds.length)));
  // By class, so that each has its share of each shortcut.
  const shown = classIds.map((_, label) =>
    shareOut(
      telling.map(({ told }) => told.flatMap(({ place }) => (labels[place] === label ? [place] : []))),
      most,
    ),
  );
  return found(
    'shortcuts',
    `Of ${list.map(({ fact }) => fact).join(', ')}: a fact that tells the class better than the commonest class does, by a shallow tree on five folds, p up to 5 % against shuffled labels. Shown are images of which it alone tells the class, the surest first.`,
    telling.map(({ fact, accuracy, interval, majority, p, told }, which) => {
      const { valueOf } = facts.find(({ name }) => name === fact)!;
      const shareOf = new Map(told.map(({ place, share }) => [place, share]));
      const images = shown.flatMap((ofClass) => ofClass[which]!);
      return {
        ...{ measured: 'shortcut', fact, accuracy, interval, majority, p },
        itemIds: images.map((at) => itemOf(places[at]!)),
        each: images.map((at) => ({
          ...{ classId: classIds[labels[at]!]!, value: valueOf(at), share: shareOf.get(at)! },
        })),
        usual: classIds.map((classId, label) => ({
          classId,
          value: usualOf([...places.keys()].filter((at) => labels[at] === label).map(valueOf)),
        })),
      };
    }),
  );
}

/** The median of each number, of words the commonest; null where none is known. */
function usualOf(values: readonly FactValue[]): FactValue {
  const numbers = values.filter((value): value is number[] => Array.isArray(value));
  if (numbers.length > 0)
    return numbers[0]!.map((_, column) => median(Float64Array.from(numbers, (value) => value[column]!)));
  const counts = new Map<FactValue, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

export const turnedKinds = (names: readonly string[], images: number, entries: FindingEntry[]): Kind =>
  found(
    'unsafe-augmentations',
    `${names.join(', ')}, on ${images.toLocaleString('en')} images by a head that did not learn from them: 5 % of a class or more are taken for another one (McNemar's test, p up to 5 %).`,
    entries,
  );
