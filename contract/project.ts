/**
 * A project as the studio tells of it: its images, classes, parts and sources. Pixels are never in here, only the addresses
 * of images (resources.ts). How a source is read is import.ts, how it is brought up to date sources.ts.
 */
import * as z from 'zod';
import { WireError } from './errors.ts';
import { FindingKind } from './findings.ts';
import { imageFactKeys, ImageFactRange } from './image-facts.ts';
import { ClassId, ItemId, MapId, RunId, SourceId } from './ids.ts';

export const splitNames = ['train', 'validation', 'test'] as const;
export const Split = z.enum(splitNames);
export type Split = z.infer<typeof Split>;

/** How many images, in each part and in all; `total` also counts those that are in no part. */
const Counts = z.object({ train: z.int(), validation: z.int(), test: z.int(), total: z.int() });

/** Of a class: red, green and blue in hexadecimal. */
export const Colour = z.string().regex(/^#[0-9a-f]{6}$/);

/** A class; `key` is the key that gives it in the Label room (1–9, 0, then letters). */
export const Class = z.object({
  id: ClassId,
  /** As it is stored, or, where a hand wrote there what no name may hold, as it can be shown. */
  name: z.string().min(1),
  key: z.string().nullable(),
  colour: Colour,
  counts: Counts,
});
export type Class = z.infer<typeof Class>;

/** Classes that a network answers with, in its order: those that it can learn, since they have training images. */
export const trainable = (classes: readonly Class[]): Class[] =>
  classes.filter(({ counts }) => counts.train > 0);

/** One image of the data set. */
export const Item = z.object({
  id: ItemId,
  /** Path within its source, or "train/00042" for image 42 of an IDX file. */
  name: z.string(),
  /** null while it is unlabelled. */
  classId: ClassId.nullable(),
  /** The class the source gave, null where it gave none; differs from classId once somebody has labelled it otherwise. */
  importedClassId: ClassId.nullable(),
  /** null where it is in no part: an unlabelled image gets its part when it is labelled, an excluded one has none. */
  split: Split.nullable(),
  /** Why it is excluded: it stays in the project, and nothing learns from it or is measured on it. null where it is not. */
  excluded: z.string().nullable(),
  note: z.string(),
  /** A person looked at it and found it hard: its label is right, though it does not look like it. It changes no training. */
  hard: z.boolean(),
  width: z.int(),
  height: z.int(),
});
export type Item = z.infer<typeof Item>;

/** A part of the map of embeddings that a person drew around, as corners; in the map's own units. */
export const MapRegion = z.object({
  /** Of a map that is no more, no image is within. */
  mapId: MapId,
  polygon: z
    .array(z.tuple([z.number(), z.number()]))
    .min(3)
    .max(100),
});
export type MapRegion = z.infer<typeof MapRegion>;

/**
 * Orders that take more than the columns to know: only `items.list` has them. probability: of the answer of the run that was evaluated last;
 * loss: of that run on the label as it was then. date: when the file was written last.
 */
export const measuredOrders = ['date', 'source', 'probability', 'loss'] as const;
export type MeasuredOrder = (typeof measuredOrders)[number];
/** What a list can be sorted by; images that lack it come last. */
export const itemOrders = ['name', 'class', 'part', ...measuredOrders, ...imageFactKeys] as const;
export type ItemOrder = (typeof itemOrders)[number];
export const ItemSort = z.object({ by: z.enum(itemOrders), descending: z.literal(true).optional() });
export type ItemSort = z.infer<typeof ItemSort>;

/** Which items, and in which order: all conditions must hold; an absent one holds always. */
export const ItemFilter = z.object({
  /** null among them stands for unlabelled images. */
  classIds: z.array(ClassId.nullable()).optional(),
  splits: z.array(Split).optional(),
  /** Items to which the source gave another class than they have now. */
  relabelled: z.boolean().optional(),
  /** Excluded items only, or all others. */
  excluded: z.boolean().optional(),
  /** Items that are marked as hard only, or all others. */
  hard: z.boolean().optional(),
  /** Part of the item's name, any case. */
  text: z.string().max(200).optional(),
  /** Part of its note, any case. */
  note: z.string().max(200).optional(),
  /** Items with a note only, or all others. */
  noted: z.boolean().optional(),
  /**
   * The images behind cells of a run's confusion matrix: those of the rows `actual`, the labels as they were when evaluated, and of
   * the columns `predicted`. All rows, or all columns, where absent.
   */
  cells: z
    .object({
      runId: RunId,
      split: Split,
      actual: z.array(ClassId).optional(),
      predicted: z.array(ClassId).optional(),
    })
    .optional(),
  /** In the order of the loss that the run had on them when it was evaluated on the part, the highest first; all others are left out. */
  byLoss: z.object({ runId: RunId, split: Split }).optional(),
  /** The images of a part that a run has right and its baseline wrong (fixed), or the other way round, by the present labels. */
  compared: z
    .object({ baselineId: RunId, runId: RunId, split: Split, which: z.enum(['fixed', 'broken']) })
    .optional(),
  /** The images of a finding, in its order: those of one cluster beside each other, the most suspect first. */
  finding: FindingKind.optional(),
  /** The images of a list that was computed of an evaluation, in its order: those of an error slice by its id. */
  errors: z
    .object({
      runId: RunId,
      split: Split,
      list: z.string().regex(/^\d{1,4}$/),
    })
    .optional(),
  /** Images whose point on the map of embeddings lies within. */
  region: MapRegion.optional(),
  /** Images whose facts lie in all of these ranges. */
  facts: z.array(ImageFactRange).max(20).optional(),
  /** As they were imported where absent. */
  sort: ItemSort.optional(),
});
export type ItemFilter = z.infer<typeof ItemFilter>;

/** Conditions that are of an evaluation or a search: what they list takes more to know than the items, and only `items.list` answers it. */
const computed = {
  cells: undefined,
  byLoss: undefined,
  compared: undefined,
  finding: undefined,
  errors: undefined,
};
const isMeasured = ({ sort }: ItemFilter): boolean => measuredOrders.some((order) => order === sort?.by);
export const isComputed = (filter: ItemFilter): boolean =>
  isMeasured(filter) ||
  (Object.keys(computed) as (keyof typeof computed)[]).some((condition) => filter[condition] !== undefined);
export const withoutComputed = (filter: ItemFilter): ItemFilter => ({
  ...filter,
  ...computed,
  sort: isMeasured(filter) ? undefined : filter.sort,
});

/** The evaluations that a list is sorted by: those of the run that was evaluated last, without test-time augmentation. */
export const SortedBy = z.object({
  runId: RunId,
  name: z.string(),
  splits: z.array(Split),
  /** Images that it was evaluated on; all others come last. */
  images: z.int(),
});
export type SortedBy = z.infer<typeof SortedBy>;

/** A file that could not be taken, and why. */
export const SkippedFile = z.object({ path: z.string(), reason: z.string() });
export type SkippedFile = z.infer<typeof SkippedFile>;

export const Source = z.object({
  id: SourceId,
  /** Whether its images are files that are read where they are: it can be re-scanned and relinked. */
  originals: z.boolean(),
  location: z.string(),
  importedAt: z.string(),
  /** Images of it that are not removed. */
  items: z.int(),
  skippedFiles: z.int(),
});
export type Source = z.infer<typeof Source>;

const ProjectCounts = Counts.extend({
  relabelled: z.int(),
  /** Images without a class. They are in no part, and count in `total` and, where they are, in `excluded` only. */
  unlabelled: z.int(),
  /** Images that are excluded, with a class or without. They are in no part. */
  excluded: z.int(),
  /** Images whose part the source says; they stay when parts are drawn anew. */
  fixed: z.int(),
});

export const Project = z.object({
  id: z.string(),
  name: z.string(),
  path: z.string(),
  createdAt: z.string(),
  sources: z.array(Source),
  classes: z.array(Class),
  counts: ProjectCounts,
  /** Share of what is not test data that is held out for validation. */
  validationShare: z.number(),
  /** Share of all images that is held out for test where a source has no test part. */
  testShare: z.number(),
  /** Of the draw of both. */
  splitSeed: z.int(),
  /** Labels of the next undo and redo, null where there is none. */
  undo: z.string().nullable(),
  redo: z.string().nullable(),
  /** Why it can be looked at but not changed; null where it can. */
  readOnly: WireError.nullable(),
  /** Cells of its database that cannot be read, each in a sentence; all else is as it was. */
  problems: z.array(z.string()),
});
export type Project = z.infer<typeof Project>;

/**
 * What a label leaves different in a project: a label must not cost the telling of everything. The numbers are those that
 * hold now, not differences, so that one that was told twice or late does no harm.
 */
export const CountsChange = z.object({
  projectId: z.string(),
  /** The classes whose counts changed. */
  classes: z.array(z.object({ id: ClassId, counts: Counts })),
  counts: ProjectCounts,
  undo: z.string().nullable(),
  redo: z.string().nullable(),
});
export type CountsChange = z.infer<typeof CountsChange>;
