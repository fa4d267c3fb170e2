/** What findings say in words, in the window and on the command line alike. Which kinds there are is findings.ts. */
import type { Augmentation } from '#recipe/augmentation.ts';
import { augmentationKinds } from '#recipe/fields.ts';
import type { FactValue, FindingEntry, Findings, LabelEvidence, ShortcutFact } from './findings.ts';

const percent = (value: number) => `${Math.round(100 * value)} %`;
const number = (value: number) =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : `${Number(value.toPrecision(2))}`;
const evidenceWords = {
  exact: () => 'the same content',
  hash: (similarity: number) => `pictures ${percent(similarity)} alike`,
  embedding: (similarity: number) => `embeddings ${percent(similarity)} alike`,
} as const;
const clusterWords = ({
  by,
  similarity,
  mirrored,
}: Extract<FindingEntry, { measured: 'cluster' }>['evidence'][number]) =>
  `${evidenceWords[by](similarity)}${mirrored ? ', mirrored' : ''}`;
const capital = (word: string) => `${word[0]!.toUpperCase()}${word.slice(1)}`;

/** "Horizontal flip", "Rotation up to 90°". */
export function augmentationWords(augmentation: Augmentation): string {
  const { label } = augmentationKinds[augmentation.kind]!;
  return augmentation.kind === 'rotation' ? `${label} up to ${augmentation.degrees}°` : label;
}

/** "57", "96 × 72 px", "rgb 200 30 40", ".png", "2026-11-27". */
export function factWords(fact: ShortcutFact, value: FactValue): string {
  if (value === null) return 'not known';
  if (typeof value === 'string') return value === '' ? 'no extension' : value;
  const [first = 0, second = 0, third = 0] = value.map(Math.round);
  switch (fact) {
    case 'size':
      return `${first} × ${second} px`;
    case 'border colour':
      return `rgb ${first} ${second} ${third}`;
    case 'file date':
      return new Date(first * 86_400_000).toISOString().slice(0, 10);
    default:
      return `${first}`;
  }
}

/** Classes of which the usual is said. */
const mostClasses = 6;

function usualWords(
  { fact, usual }: Extract<FindingEntry, { measured: 'shortcut' }>,
  className: (classId: number) => string,
): string {
  const said = usual
    .slice(0, mostClasses)
    .map(({ classId, value }) => `${className(classId)} ${factWords(fact, value)}`);
  return [...said, ...(usual.length > mostClasses ? ['…'] : [])].join('; ');
}

/** What was measured of an entry, in a few words. */
export function measuredWords(entry: FindingEntry, className: (classId: number) => string): string {
  switch (entry.measured) {
    case 'label':
      return `${className(entry.suggested)} ${percent(entry.suggestedProbability)}, ${className(entry.given)} ${percent(entry.givenProbability)}`;
    case 'cluster': {
      const least = entry.evidence.reduce((a, b) => (b.similarity < a.similarity ? b : a));
      return clusterWords(least);
    }
    case 'image':
      return `${number(entry.value)}, usual ${number(entry.usual)}`;
    case 'class':
      return `${className(entry.classId)}: ${entry.images.toLocaleString('en')} images, an even share is ${number(entry.even)}`;
    case 'shortcut':
      return `${capital(entry.fact)} alone tells ${percent(entry.accuracy)} of classes (95 % interval ${percent(entry.interval.low)} to ${percent(entry.interval.high)}); the commonest class has ${percent(entry.majority)}. Usual: ${usualWords(entry, className)}`;
    case 'augmentation':
      return `${augmentationWords(entry.augmentation)} turns ${entry.turned} of ${entry.images} ${className(entry.from)} into ${className(entry.to)}, ${entry.turnedBack} the other way`;
    default:
      return entry satisfies never;
  }
}

/**
 * What was measured of one of its images; null where nothing was of it alone.
 * @param itemName of an image that it is compared with
 */
export function imageWords(
  entry: FindingEntry,
  itemId: number,
  className: (classId: number) => string,
  itemName: (itemId: number) => string = (id) => `image ${id}`,
): string | null {
  const at = entry.itemIds.indexOf(itemId);
  if (at < 0) return null;
  switch (entry.measured) {
    case 'label':
    case 'image':
      return measuredWords(entry, className);
    case 'cluster':
      return clusterWords(entry.evidence[at]!);
    case 'class':
      return null;
    case 'shortcut': {
      const { classId, value, share } = entry.each[at]!;
      return `${capital(entry.fact)} ${factWords(entry.fact, value)}: ${percent(share)} of such images are ${className(classId)}`;
    }
    case 'augmentation': {
      const { probability, like, similarity } = entry.each[at]!;
      return `${augmentationWords(entry.augmentation)}: ${className(entry.to)} ${percent(probability)}, like ${itemName(like)} (${evidenceWords.embedding(similarity)})`;
    }
    default:
      return entry satisfies never;
  }
}

/** What they were found by, in words. */
export function labelEvidenceWords(evidence: LabelEvidence): string {
  switch (evidence.by) {
    case 'head':
      return `out-of-fold predictions of a head on embeddings (${evidence.folds} folds)${evidence.neighbours === null ? '' : ` and votes of the ${evidence.neighbours} nearest images`}`;
    case 'run':
      return `predictions of ${evidence.name} on images it did not learn from`;
    case 'neighbours':
      return `votes of the ${evidence.count} nearest images`;
    default:
      return evidence satisfies never;
  }
}

/** What speaks against them, and what to do; null where nothing does. */
export function labelEvidenceCaution(evidence: LabelEvidence): string | null {
  if (evidence.by === 'run' || evidence.embeddingRun === null) return null;
  return `The embeddings are by ${evidence.embeddingRun}, which learned from these labels, wrong ones too: it hides some of them. An audit plants its flips afterwards, so that it finds a larger share than of those that were there before. Embeddings by a pre-trained backbone have neither fault.`;
}

/** Why they are to be looked for again; empty where they are of the project as it is. */
export function outdatedWords({
  changedSince,
  otherEmbeddings,
  newImages,
}: Pick<Findings, 'changedSince' | 'otherEmbeddings' | 'newImages'>): string[] {
  return [
    ...(changedSince ? ['The project changed since these were found.'] : []),
    ...(otherEmbeddings ? ['The embeddings are by another network since.'] : []),
    ...(newImages > 0
      ? [`${newImages.toLocaleString('en')} ${newImages === 1 ? 'image was' : 'images were'} imported since.`]
      : []),
  ];
}
