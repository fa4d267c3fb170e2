/**
 * What the studio and its worker processes say to each other. JSON-safe and small: pixels, labels and
 * probabilities go through files, so a worker is a function of files and may die without harm. What learning/ says
 * is named by its own types; they are gone at run time, so the studio still loads none of its code.
 */
import type { ExportedRun, ExportFormat } from '#contract/exporters.ts';
import type { WireError } from '#contract/errors.ts';
import type { AnswerRule, AnswerRuleChoice, Judged, Verdict } from '#contract/answer-rule.ts';
import type { EmbeddingSource } from '#contract/embedding-source.ts';
import type { suggestionOrders } from '#contract/embeddings.ts';
import type { Evaluation, Tta } from '#contract/evaluation.ts';
import type { LayerPicture, RateSearch } from '#contract/probes.ts';
import type { Augmentation } from '#recipe/augmentation.ts';
import type { Preprocessing } from '#recipe/preprocessing.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { EngineInfo } from '#contract/run.ts';
import type { EmbeddingOrigin } from '#learning/embeddings/embedding-network.ts';
import type { Scores } from '#recipe/metrics/stored.ts';
import type { ExportMeta } from '#learning/export/export-input.ts';
import type { BundleOrigin } from '#learning/export/manifest.ts';
import type { PartEvidence } from '#learning/statistics/evidence.ts';
import type { TrainingPaces } from '#learning/timing/paced.ts';
import type { TrainingEvent, TrainingResult } from '#learning/training/loop/training-options.ts';
import type { ImportTasks } from './import-tasks.ts';
import type { ImageReference, PictureTasks } from './picture-tasks.ts';
import type { SplitTasks } from './split-tasks.ts';
import type { StepDone } from './step-done.ts';
import type { WhyTasks } from './why-tasks.ts';

export type { ImageReference } from './picture-tasks.ts';
export type { StepDone } from './step-done.ts';

export type TrainEvent = StepDone | TrainingEvent;

/** Which embeddings of which images. Items up to `lastItemId` are rows, in the order of their ids. */
export interface EmbeddingInput {
  project: string;
  origin: EmbeddingOrigin;
  lastItemId: number;
}

/** What the head makes of the labels. */
export interface LabelsLearned {
  /** false as long as fewer than two classes have labels. */
  ready: boolean;
  labelled: number;
  /** Unlabelled images by suggested class. */
  suggested: { classId: number; count: number }[];
  /** Of the rows that were labelled just now and had a suggestion: whether it was the class that was given. */
  outcomes: { row: number; right: boolean }[];
}

interface SuggestedClass {
  row: number;
  /** null without a head. */
  classId: number | null;
  certainty: number;
  similarity: number | null;
}

/** Files: class indices int32 [n], probabilities float32 [n, classes]. */
interface PredictionsOnDisk {
  labels: string;
  predictions: string;
}

/** `verdict` is `answer`, and `judged` null, where there is no answer rule. */
export interface AnsweredImage {
  probabilities: number[];
  verdict: Verdict;
  judged: Judged | null;
  milliseconds: number;
}

/** What a probe tries, and on what. */
export interface ProbeInput {
  project: string;
  folder: string;
  recipe: Recipe;
  classCount: number;
  lastItemId: number;
  /** File of weights to begin with; null for fresh ones. */
  initial: string | null;
}

/** What is known of a data set whose faults are looked for. */
export interface FindingsInput {
  project: string;
  lastItemId: number;
  /** Whose embeddings are looked at; null without. */
  origin: EmbeddingOrigin | null;
  /** Name of the run whose embeddings these are; null where a backbone's. */
  embeddingRun: string | null;
  /** File, int32 [rows]: class id; 0 of unlabelled images, -1 of those that are left out. */
  classes: string;
  /** File, int32 [rows]: part as its index in `splitNames`, another number for none. */
  parts: string;
  /**
   * What a run said of images that it did not learn from. `rows`: int32 [n], `probabilities`: float32 [n, classes], files; ids of the
   * classes in their order.
   */
  run: { id: string; name: string; rows: string; probabilities: string; classIds: number[] } | null;
  /** How many faults to plant; null for none. */
  audit: { flips: number; copies: number } | null;
  result: string;
}

/** Every task: what goes in, what it tells meanwhile, what comes out. `project` and `folder` are paths. */
export interface Tasks extends ImportTasks, PictureTasks, SplitTasks, WhyTasks {
  /** Opens the engine and names it. */
  doctor: { input: Record<string, never>; event: never; result: EngineInfo };
  /** Needs the files of project/snapshot.ts in the run's folder. */
  train: {
    input: {
      project: string;
      folder: string;
      recipe: Recipe;
      classCount: number;
      lastItemId: number;
      resume: boolean;
      /** File of weights to begin with (learning/training/checkpoint/checkpoint.ts); null for fresh ones. */
      initial: string | null;
      /** Threads of the engine; null takes all cores. */
      threads: number | null;
      /** Holds after this epoch, with a checkpoint to go on from; null trains to the end. */
      holdAfter: number | null;
    };
    event: TrainEvent;
    result: Pick<TrainingResult, 'bestEpoch' | 'stopped' | 'imagesPerSecond'> & { paces: TrainingPaces };
  };
  /** Needs the files of project/snapshot.ts in `folder`; leaves nothing. */
  'find-learning-rate': {
    input: ProbeInput;
    event: StepDone;
    result: RateSearch;
  };
  /** One precision at a time: the engine's is fixed when it opens, so the job asks two workers. */
  'measure-precision': {
    input: ProbeInput & { steps: number };
    event: StepDone;
    result: { losses: number[]; imagesPerSecond: number };
  };
  /** Writes PNGs activations-I and filters-I (I: place in the answer, from 0) into `pictures`. */
  inspect: {
    input: { project: string; folder: string; image: ImageReference; pictures: string };
    event: never;
    result: (Omit<LayerPicture, 'activations' | 'filters'> & { activations: boolean; filters: boolean })[];
  };
  /** Reads `rows` and `labels`, writes `predictions` (float32 [n, classes]). */
  evaluate: {
    input: {
      project: string;
      folder: string;
      lastItemId: number;
      rows: string;
      labels: string;
      predictions: string;
      tta: Tta;
    };
    event: StepDone;
    result: Scores;
  };
  /** Reads `labels` and `predictions`, of the part and of the validation images; computes without the network. */
  evidence: {
    input: {
      part: PredictionsOnDisk;
      validation: PredictionsOnDisk | null;
      classCount: number;
      topK: number;
    };
    event: StepDone;
    result: PartEvidence;
  };
  /** Reads the parts, fits an answer rule, and keeps it in the run's folder. */
  calibrate: {
    input: {
      project: string;
      folder: string;
      lastItemId: number;
      /** Files: rows int32 [n], class indices int32 [n]. */
      train: { rows: string; labels: string };
      validation: { rows: string; labels: string };
      choice: AnswerRuleChoice;
    };
    event: StepDone;
    result: AnswerRule;
  };
  /** Computes the embeddings that are missing, and keeps them in the project. `skipped`: images that cannot be read any more. */
  embed: { input: EmbeddingInput; event: StepDone; result: { done: number; total: number; skipped: number } };
  /** Draws the map of the embeddings that are there, into `file` (project/map-file.ts), whole or not at all. */
  map: {
    input: EmbeddingInput & { file: string; mapId: string; by: EmbeddingSource };
    event: StepDone;
    result: { points: number };
  };
  /** Facts of all images, into `file` (project/facts-file.ts). `classes`: file, class ids int32 by row, 0 for unlabelled. */
  facts: {
    input: { project: string; lastItemId: number; classes: string; file: string; factsId: string };
    event: StepDone;
    result: { images: number };
  };
  /** Brings the embeddings that are kept into memory, for the next tasks; those that are there already stay. */
  'embedding-open': { input: EmbeddingInput; event: never; result: { done: number; total: number } };
  /** The images most like that of a row, with the cosine. */
  neighbours: {
    input: { row: number; count: number };
    event: never;
    result: { row: number; similarity: number }[];
  };
  /**
   * Takes over labels that changed, and learns from all. `classIds`: 0 for unlabelled images, -1 for ones that are left out.
   * `anew`: all others are unlabelled.
   */
  'learn-labels': {
    input: { anew: boolean; rows: number[]; classIds: number[] };
    event: never;
    result: LabelsLearned;
  };
  /** A window on the unlabelled images in an order. */
  suggest: {
    input: {
      order: (typeof suggestionOrders)[number];
      classId: number | null;
      row: number | null;
      offset: number;
      limit: number;
    };
    event: never;
    result: { total: number; suggestions: SuggestedClass[] };
  };
  /**
   * Looks for what is wrong with a data set, and writes it as JSON (FoundData of findings/found.ts) into the file `result`. Items up to
   * `lastItemId` are rows.
   */
  findings: { input: FindingsInput; event: StepDone; result: Record<string, never> };
  predict: {
    input: {
      project: string;
      folder: string;
      image: ImageReference;
      /** Where to write the image as the network saw it, and the image itself, re-encoded. */
      networkImage: string;
      fullImage: string;
    };
    event: never;
    result: AnsweredImage;
  };
  /** Reads and checks an exported bundle, and keeps it for `predict-bundle`. */
  'open-bundle': {
    input: { bundle: string };
    event: never;
    result: { classes: string[]; origin: BundleOrigin | null };
  };
  /** One image file through an exported bundle; probabilities in the order of its classes. */
  'predict-bundle': {
    input: { bundle: string; image: { path: string; name: string } };
    event: never;
    result: AnsweredImage;
  };
  /** Writes PNGs 0, 1, … into `folder`: first the items as they are, then variant by variant. */
  preview: {
    input: {
      project: string;
      preprocessing: Preprocessing;
      augmentation: Augmentation[];
      itemIds: number[];
      variants: number;
      seed: number;
      folder: string;
    };
    event: never;
    result: { images: number };
  };
  /** How many of these images have colours; those that cannot be read are not looked at. */
  colours: {
    input: { project: string; itemIds: number[] };
    event: never;
    result: { looked: number; coloured: number };
  };
  /**
   * What a training would have to do first: images to bring to size, features to compute (each view by itself, and those of
   * the test part). Parts are rows.
   */
  missing: {
    input: Omit<ProbeInput, 'folder'> & { train: number[]; validation: number[]; test: number[] };
    event: never;
    result: { images: number; features: number; testFeatures: number };
  };
  export: {
    input: {
      format: ExportFormat;
      project: string;
      folder: string;
      lastItemId: number;
      classes: string[];
      evaluation: Evaluation | null;
      /** Files: rows int32 [n], class indices int32 [n], the studio's answers float32 [n, classes]. */
      golden: { rows: string; labels: string; predictions: string };
      path: string;
      meta: ExportMeta;
    };
    event: StepDone;
    result: Pick<ExportedRun, 'format' | 'bytes' | 'sha256' | 'files' | 'parity'>;
  };
}
export type TaskKind = keyof Tasks;
export type Input<K extends TaskKind> = Tasks[K]['input'];
export type TaskEvent<K extends TaskKind> = Tasks[K]['event'];
export type Result<K extends TaskKind> = Tasks[K]['result'];

export type ToWorker =
  { type: 'run'; id: number; kind: TaskKind; input: Input<TaskKind> } | { type: 'cancel'; id: number };

export type FromWorker =
  | { type: 'event'; id: number; event: TaskEvent<TaskKind> }
  | { type: 'result'; id: number; result: Result<TaskKind> }
  | { type: 'failed'; id: number; error: WireError };

/** A task as a worker carries it out. */
export type TaskFunction<K extends TaskKind> = (
  input: Input<K>,
  context: { emit(event: TaskEvent<K>): void; signal: AbortSignal },
) => Promise<Result<K>>;
