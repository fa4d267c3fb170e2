/**
 * What the studio talks about: projects, items, classes, runs, evaluations, predictions, jobs.
 * All values are JSON-safe; pixels are never in here, only the addresses of images (see resources.ts).
 */
import * as z from 'zod';
import { WireError } from './errors.ts';
import { ImportWarning, SkippedGroup } from './import.ts';
import { Precision, Recipe } from './recipe.ts';
import { isActive, runStates, StudyId } from './study.ts';

export const splitNames = ['train', 'validation', 'test'] as const;
export const Split = z.enum(splitNames);
export type Split = z.infer<typeof Split>;

export const ItemId = z.int().positive();
export const ClassId = z.int().positive();
export const RunId = z.string().regex(/^[a-z0-9-]{1,64}$/);
export const JobId = z.string().regex(/^[a-z0-9-]{1,64}$/);

/** How many images, in each part and in all. */
const Counts = z.object({ train: z.int(), validation: z.int(), test: z.int(), total: z.int() });

/** A class; `key` is the key that gives it in the Label room (1–9, 0, then letters). */
export const Class = z.object({
  id: ClassId,
  /** As it is stored, or, where a hand wrote there what no name may hold, as it can be shown. */
  name: z.string().min(1),
  key: z.string().nullable(),
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
  classId: ClassId,
  /** The class the source gave; differs from classId once somebody has relabelled. */
  importedClassId: ClassId,
  split: Split,
  width: z.int(),
  height: z.int(),
});
export type Item = z.infer<typeof Item>;

/** Which items: all conditions must hold; an absent one holds always. */
export const ItemFilter = z.object({
  classIds: z.array(ClassId).optional(),
  splits: z.array(Split).optional(),
  /** Items relabelled by hand. */
  relabelled: z.boolean().optional(),
  /** Part of the item's name, any case. */
  text: z.string().max(200).optional(),
  /** The images behind one cell of a run's confusion matrix; `actual` is the label as it was when evaluated. */
  cell: z
    .object({ runId: RunId, split: Split, actual: ClassId.optional(), predicted: ClassId.optional() })
    .optional(),
});
export type ItemFilter = z.infer<typeof ItemFilter>;

/** A file that could not be taken, and why. */
export const SetAside = z.object({ path: z.string(), reason: z.string() });
export type SetAside = z.infer<typeof SetAside>;

export const SourceId = z.int().positive();
export const Source = z.object({
  id: SourceId,
  kind: z.enum(['idx', 'folder']),
  location: z.string(),
  importedAt: z.string(),
  /** Images of it that are not removed. */
  items: z.int(),
  setAside: z.int(),
});
export type Source = z.infer<typeof Source>;

const ProjectCounts = Counts.extend({
  relabelled: z.int(),
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

/** Which library computes, and on what. Named in the window, in every run and by `atelier doctor`. */
export const EngineInfo = z.object({
  kind: z.enum(['tensorflow', 'webgpu', 'wasm']),
  version: z.string(),
  device: z.string(),
  threads: z.int(),
  precision: Precision,
  /** Why bfloat16 cannot be had on this device; null where it can. */
  bfloat16: z.string().nullable().default('This run was made before bfloat16 was offered.'),
  /** Why a better engine was passed over; empty for the first choice. */
  passedOver: z.array(z.object({ kind: z.string(), reason: z.string() })),
});
export type EngineInfo = z.infer<typeof EngineInfo>;

export const Epoch = z.object({
  /** From 1. */
  epoch: z.int(),
  trainLoss: z.number(),
  trainAccuracy: z.number(),
  validationLoss: z.number(),
  validationAccuracy: z.number(),
  /** Share of validation images whose class is among the recipe's `topK` most probable; null in runs made before it was counted. */
  validationTopK: z.number().nullable().default(null),
  validationMacroF1: z.number().nullable().default(null),
  /** Of the epoch's last step. */
  learningRate: z.number(),
  imagesPerSecond: z.number(),
  seconds: z.number(),
});
export type Epoch = z.infer<typeof Epoch>;

export { isActive, runStates };
/** A run that begins with the weights of another: with its optimizer's memory too (continue), or with the weights alone. */
export const Origin = z.object({ runId: RunId, how: z.enum(['continue', 'fine-tune']) });
export type Origin = z.infer<typeof Origin>;

export const Run = z.object({
  id: RunId,
  name: z.string(),
  /** What a person wrote about it; empty at first. */
  note: z.string(),
  /** What it began with; null for fresh weights. */
  origin: Origin.nullable(),
  /** The study whose trial it is; null for a run of its own. */
  studyId: StudyId.nullable(),
  state: z.enum(runStates),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  recipe: Recipe,
  engine: EngineInfo.nullable(),
  parameters: z.int().nullable(),
  epochs: z.array(Epoch),
  /** Epoch whose weights were kept, from 1. */
  bestEpoch: z.int().nullable(),
  /** Steps done and in all, seconds left; null unless running. */
  progress: z
    .object({
      step: z.int(),
      steps: z.int(),
      secondsLeft: z.number().nullable(),
      imagesPerSecond: z.number(),
    })
    .nullable(),
  /** Why it waits, such as a full disk; it goes on by itself. Null unless running and waiting. */
  paused: WireError.nullable(),
  imagesPerSecond: z.number().nullable(),
  validationAccuracy: z.number().nullable(),
  testAccuracy: z.number().nullable(),
  error: WireError.nullable(),
  /** What else the person should know, such as a damaged checkpoint that was passed over. */
  notices: z.array(z.string()),
});
export type Run = z.infer<typeof Run>;

/** A run or study that cannot be read: what is wrong with it, and the id by which it can be deleted. */
export const Damaged = z.object({ id: z.string(), error: WireError });
export type Damaged = z.infer<typeof Damaged>;

/** Wilson score interval at 95 % (Wilson 1927). */
export const Interval = z.object({ low: z.number(), high: z.number() });
export type Interval = z.infer<typeof Interval>;

export const ClassScore = z.object({
  classId: ClassId,
  name: z.string(),
  support: z.int(),
  /** null where the class was never predicted (precision) or never present (recall). */
  precision: z.number().nullable(),
  recall: z.number().nullable(),
  f1: z.number().nullable(),
  recallInterval: Interval.nullable(),
});
export type ClassScore = z.infer<typeof ClassScore>;

/**
 * Whether an image is asked about once, or also mirrored (and moved by a pixel each way), with the probabilities averaged.
 */
export const testTimes = ['once', 'flip', 'flip-shift'] as const;
export const TestTime = z.enum(testTimes);
export type TestTime = z.infer<typeof TestTime>;

export const Evaluation = z.object({
  runId: RunId,
  split: Split,
  testTime: TestTime.default('once'),
  evaluatedAt: z.string(),
  count: z.int(),
  correct: z.int(),
  accuracy: z.number(),
  accuracyInterval: Interval,
  loss: z.number(),
  macroF1: z.number(),
  /** Share of images whose class is among the k most probable; null in evaluations made before it was counted. */
  topK: z.object({ k: z.int(), accuracy: z.number() }).nullable().default(null),
  classes: z.array(ClassScore),
  /** confusion[actual][predicted], counts, in the order of `classes`. */
  confusion: z.array(z.array(z.int())),
  /** Classes of the part that the run has no output for; their images are counted nowhere else in here. */
  leftOut: z.array(z.object({ classId: ClassId, name: z.string(), images: z.int() })).default([]),
});
export type Evaluation = z.infer<typeof Evaluation>;

/** What a run said about one image. Probabilities are in the order of `classes`, and sum to 1. */
export const Prediction = z.object({
  runId: RunId,
  itemId: ItemId.nullable(),
  name: z.string(),
  classes: z.array(z.object({ id: ClassId.nullable(), name: z.string() })),
  probabilities: z.array(z.number()),
  /** Index of the greatest probability. */
  predicted: z.int(),
  /** Address of the image as the network saw it, and of the image itself. */
  networkImage: z.string(),
  image: z.string(),
  milliseconds: z.number(),
});
export type Prediction = z.infer<typeof Prediction>;

/** Proof that the exported file answers as the studio does. */
export const Parity = z.object({
  images: z.int(),
  largestDifference: z.number(),
  labelFlips: z.int(),
  tolerance: z.number(),
  passed: z.boolean(),
  runtime: z.string(),
});
export type Parity = z.infer<typeof Parity>;

export const Bundle = z.object({
  runId: RunId,
  path: z.string(),
  bytes: z.int(),
  files: z.array(z.object({ name: z.string(), bytes: z.int(), sha256: z.string() })),
  parity: Parity,
  createdAt: z.string(),
});
export type Bundle = z.infer<typeof Bundle>;

/** One layer of a run's network on one image, as pictures of tiles in rows; see commands `runs.inspect`. */
export const LayerPicture = z.object({
  /** The plan's name of the operation, such as "2.residual/conv1". */
  name: z.string(),
  kind: z.string(),
  outputShape: z.array(z.int()),
  /** Address of the picture of what the layer answers, a tile a channel; null for a vector drawn as `values`. */
  activations: z.string().nullable(),
  /** What a vector holds; null for a map. */
  values: z.array(z.number()).nullable(),
  /** Address of the picture of a convolution's kernels, a tile an output channel (its mean over input channels); null for what has none. */
  filters: z.string().nullable(),
  /** Tiles shown; channels beyond are left out. */
  tiles: z.int(),
  /** Tiles in a row. */
  columns: z.int(),
});
export type LayerPicture = z.infer<typeof LayerPicture>;

/** What a learning-rate finder saw (Smith 2015): the smoothed loss at each rate, rising until it diverged. */
export const RateSearch = z.object({
  points: z.array(z.object({ rate: z.number(), loss: z.number() })),
  /** Where the loss fell fastest; null where it never fell. */
  suggestion: z.number().nullable(),
});
export type RateSearch = z.infer<typeof RateSearch>;

/** The same recipe, seed and batches in float32 and in bfloat16, side by side on this machine. */
export const PrecisionReport = z.object({
  /** Why bfloat16 cannot be had here; null where it can. */
  unavailable: z.string().nullable(),
  steps: z.int(),
  float32: z.object({ losses: z.array(z.number()), imagesPerSecond: z.number() }),
  bfloat16: z.object({ losses: z.array(z.number()), imagesPerSecond: z.number() }).nullable(),
  /** Largest difference of the two smoothed losses, as a share of float32's. */
  largestDifference: z.number().nullable(),
  /** True where the loss follows and it is faster. */
  recommended: z.boolean(),
});
export type PrecisionReport = z.infer<typeof PrecisionReport>;

/** What a probe found, the recipe that it tried, and what it began with; null for fresh weights. */
export type Tried<T> = T & { recipe: Recipe; origin: Origin | null };

export const jobKinds = [
  'inspect',
  'import',
  'rescan',
  'update',
  'train',
  'evaluate',
  'export',
  'study',
  'find-learning-rate',
  'compare-precision',
] as const;
export const Job = z.object({
  id: JobId,
  kind: z.enum(jobKinds),
  title: z.string(),
  state: z.enum(runStates),
  runId: RunId.nullable(),
  studyId: StudyId.nullable(),
  /** total is null while it cannot be known. */
  progress: z.object({
    done: z.number(),
    total: z.number().nullable(),
    unit: z.string(),
    secondsLeft: z.number().nullable(),
  }),
  error: WireError.nullable(),
});
export type Job = z.infer<typeof Job>;

export const ImportReport = z.object({
  source: Source,
  imported: z.int(),
  /** Images of the same files that the project had already; they were left as they are. */
  alreadyThere: z.int().default(0),
  /** Of those: with other content now, and under another name now. A re-scan takes that over. */
  changed: z.int().default(0),
  moved: z.int().default(0),
  setAside: z.array(SetAside),
  /** What is odd about how the project's images are divided into parts now. */
  warnings: z.array(ImportWarning).default([]),
  /** Something to say of images that were taken, such as how their values were scaled. */
  notices: z.array(SkippedGroup).default([]),
  seconds: z.number(),
});
export type ImportReport = z.infer<typeof ImportReport>;
