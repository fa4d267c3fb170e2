/**
 * Findings: what is probably wrong with the data of a project, each a list of images with what was measured, the threshold it
 * passed and what can be done about it. How they are found is learning/findings and learning/label-errors; here is what crosses a
 * wire. What entries say in words is finding-words.ts, what they change of a recipe finding-recipe.ts.
 */
import * as z from 'zod';
import { Augmentation } from '#recipe/augmentation.ts';
import { EmbeddingSource } from './embedding-source.ts';
import { ClassId, ItemId, RunId } from './ids.ts';

export const findingKinds = [
  'label-errors',
  'duplicates',
  'leaks',
  'outliers',
  'dark',
  'bright',
  'blurry',
  'single-colour',
  'odd-size',
  'odd-aspect',
  'imbalance',
  'shortcuts',
  'unsafe-augmentations',
] as const;
export const FindingKind = z.enum(findingKinds);
export type FindingKind = z.infer<typeof FindingKind>;

/**
 * What is done about the images: `relabel`: to the suggested class; `exclude`; `exclude-copies`: of each cluster all but one image;
 * `move-copies`: all images of a cluster into one part.
 */
export const findingActions = ['relabel', 'exclude', 'exclude-copies', 'move-copies', 'dismiss'] as const;
/** Or about the next training: what its recipe then says is finding-recipe.ts. Nothing of the project changes. */
export type FindingAction = (typeof findingActions)[number] | 'change-recipe';

/** As people call it, what else can be said of it in a sentence, and what can be done about its images, the usual first. */
export const findingWords: Record<
  FindingKind,
  { title: string; about: string; actions: readonly FindingAction[] }
> = {
  'label-errors': {
    title: 'Label errors',
    about: 'Images whose label is probably wrong, the most suspect first.',
    actions: ['relabel', 'exclude'],
  },
  duplicates: {
    title: 'Duplicates',
    about: 'Images that are the same or nearly so, in clusters. In a training copies count several times.',
    actions: ['exclude-copies', 'dismiss'],
  },
  leaks: {
    title: 'Leaks between parts',
    about:
      'Duplicates in different parts: a network may remember such an image instead of recognising it, and metrics look better than they are.',
    actions: ['move-copies', 'exclude-copies', 'dismiss'],
  },
  outliers: {
    title: 'Outliers',
    about: 'Images unlike all others, such as a placeholder among photographs.',
    actions: ['exclude', 'dismiss'],
  },
  dark: { title: 'Dark', about: 'Images darker than the others.', actions: ['exclude', 'dismiss'] },
  bright: { title: 'Bright', about: 'Images brighter than the others.', actions: ['exclude', 'dismiss'] },
  blurry: { title: 'Blurry', about: 'Images less sharp than the others.', actions: ['exclude', 'dismiss'] },
  'single-colour': {
    title: 'Single colour',
    about: 'Images that are nearly all of one colour.',
    actions: ['exclude', 'dismiss'],
  },
  'odd-size': {
    title: 'Odd size',
    about: 'Images with far more or far fewer pixels than the others.',
    actions: ['exclude', 'dismiss'],
  },
  'odd-aspect': {
    title: 'Odd aspect ratio',
    about: 'Images far wider or far taller than the others.',
    actions: ['exclude', 'dismiss'],
  },
  imbalance: {
    title: 'Class imbalance',
    about: 'Classes with few images. Add images of them, or use class weights in the recipe.',
    actions: ['change-recipe', 'dismiss'],
  },
  shortcuts: {
    title: 'Shortcuts',
    about:
      'Facts of a file that tell its class without what it shows: a network may learn them instead. Collect images that differ in them within each class.',
    actions: ['change-recipe', 'exclude', 'dismiss'],
  },
  'unsafe-augmentations': {
    title: 'Unsafe augmentations',
    about:
      'Augmentations after which a network that was not trained with them takes images of one class for another. Look at the images: where it is right, leave the augmentation out of the recipe.',
    actions: ['change-recipe', 'dismiss'],
  },
};

const share = z.number().min(0).max(1);
const itemIds = z.array(ItemId);

/** What two images have in common: the same content, small pictures that lie on each other, or embeddings. */
const Evidence = z.object({
  itemId: ItemId,
  by: z.enum(['exact', 'hash', 'embedding']),
  similarity: z.number(),
  mirrored: z.boolean(),
});

/** Of a file, without what it shows. */
export const shortcutFacts = ['size', 'file type', 'brightness', 'border colour', 'file date'] as const;
export const ShortcutFact = z.enum(shortcutFacts);
export type ShortcutFact = z.infer<typeof ShortcutFact>;

/**
 * Of size width and height in pixels; of brightness the mean luma, and of the border red, green and blue, from 0 to 255; of the date days
 * since 1970; of the type the extension. null where it is not known.
 */
export const FactValue = z.union([z.array(z.number()), z.string()]).nullable();
export type FactValue = z.infer<typeof FactValue>;

/** Images of a finding that belong together, and what was measured. No image stands in two entries of a finding. */
export const FindingEntry = z.discriminatedUnion('measured', [
  z.object({
    measured: z.literal('label'),
    itemIds,
    given: ClassId,
    suggested: ClassId,
    /** Probability of either. */
    givenProbability: share,
    suggestedProbability: share,
  }),
  z.object({
    measured: z.literal('cluster'),
    itemIds,
    /** For each image, in their order, the one of the cluster that it is most like, and by what. */
    evidence: z.array(Evidence),
  }),
  z.object({
    measured: z.literal('image'),
    itemIds,
    value: z.number(),
    /** The median of the data set. */
    usual: z.number(),
    /** Robust standard deviations from it; null where all others are the same. */
    score: z.number().nullable(),
  }),
  z.object({ measured: z.literal('class'), itemIds, classId: ClassId, images: z.int(), even: z.number() }),
  z.object({
    measured: z.literal('shortcut'),
    /** A few of each class, of which the fact alone tells it: the surest first. */
    itemIds,
    /** Of each, in their order: its class then, and how many of the images for which the fact is alike are of it. */
    each: z.array(z.object({ classId: ClassId, value: FactValue, share })),
    /** Of each class: the median, of a word the commonest. */
    usual: z.array(z.object({ classId: ClassId, value: FactValue })),
    fact: ShortcutFact,
    accuracy: share,
    interval: z.object({ low: share, high: share }),
    majority: share,
    p: share,
  }),
  z.object({
    measured: z.literal('augmentation'),
    /** Those that were right as they are and taken for `to` when changed, the surest first. */
    itemIds,
    /** Of each, in their order, changed: the probability of `to`, and the image of `to` that it is most like, by the cosine of embeddings. */
    each: z.array(z.object({ probability: share, like: ItemId, similarity: z.number() })),
    /** As it was tried. */
    augmentation: Augmentation,
    from: ClassId,
    to: ClassId,
    images: z.int(),
    turned: z.int(),
    turnedBack: z.int(),
    p: share,
  }),
]);
export type FindingEntry = z.infer<typeof FindingEntry>;

/** How many of the faults that were planted in copies of this very data, hidden, were found. */
export const FindingAudit = z.object({
  /** Labels changed to another class; null where label errors cannot be looked for. `suspects`: length of the list. */
  flips: z.object({ planted: z.int(), found: z.int(), suspects: z.int() }).nullable(),
  /** Copies moved, mirrored, made brighter or darker and encoded anew: found where they are in a cluster with their image. */
  copies: z.object({ planted: z.int(), found: z.int() }).nullable(),
});
export type FindingAudit = z.infer<typeof FindingAudit>;

/** One kind, as it was found. */
export const FoundKind = z.object({
  kind: FindingKind,
  /** What was looked at and what had to be passed to be listed, in a sentence. */
  threshold: z.string(),
  /** Why it was not looked for, and what it takes; null where it was. `look`: looking again. */
  missing: z.object({ reason: z.string(), needs: z.enum(['embeddings', 'look']).nullable() }).nullable(),
});

/** The run that computed the embeddings, and so learned from the labels that are judged; null where a backbone did. */
const embeddingRun = z.string().nullable().default(null);

/** What label errors and unsafe augmentations are found by: a head on embeddings, a run's evaluations, or nearest images. */
export const LabelEvidence = z.discriminatedUnion('by', [
  /** Their mean with the votes of so many nearest images, where that can be computed. */
  z.object({ by: z.literal('head'), folds: z.int(), neighbours: z.int().nullable(), embeddingRun }),
  z.object({ by: z.literal('run'), runId: RunId, name: z.string() }),
  z.object({ by: z.literal('neighbours'), count: z.int(), embeddingRun }),
]);
export type LabelEvidence = z.infer<typeof LabelEvidence>;

const about = {
  computedAt: z.string(),
  /** Images that were looked at, and those that could not be read. */
  images: z.int(),
  unreadable: z.int(),
  /** Images that have an embedding; null where there were none. */
  embedded: z.int().nullable(),
  /** What computed those; null where there were none, or an earlier version did not say. */
  embeddedBy: EmbeddingSource.nullable().default(null),
  labelEvidence: LabelEvidence.nullable(),
  audit: FindingAudit.nullable(),
};

/** What a project keeps. */
export const StoredFindings = z.object({
  format: z.literal('atelier-findings/2'),
  /** The change of the journal that was the last one then. */
  change: z.string(),
  /** Images up to this one were there. */
  lastItemId: z.int(),
  ...about,
  kinds: z.array(FoundKind.extend({ entries: z.array(FindingEntry) })),
});
export type StoredFindings = z.infer<typeof StoredFindings>;

/** All findings, in figures as of now: what was done about them since no longer counts. */
export const Findings = z.object({
  ...about,
  /** Labels, classes, parts or exclusions are no longer those that they were computed of. */
  changedSince: z.boolean(),
  /** Embeddings are by another network than the one that they were computed of. */
  otherEmbeddings: z.boolean(),
  /** Images imported since. */
  newImages: z.int(),
  kinds: z.array(
    FoundKind.extend({
      /** Entries, and those with which nothing was done yet. */
      entries: z.int(),
      left: z.int(),
    }),
  ),
});
export type Findings = z.infer<typeof Findings>;
