/**
 * Every command of the studio, with the schema of what goes in and what comes out. The window, the
 * served page and the command line all speak this and nothing else. A slow command answers with a
 * job and goes on in the background; the job's events tell the rest.
 */
import { eventIterator, oc } from '@orpc/contract';
import * as z from 'zod';
import { ExportedRun, ExportFormat, exportFormats } from './exporters.ts';
import {
  EmbeddingSource,
  EmbeddingState,
  Neighbour,
  Suggestion,
  suggestionOrders,
  SuggestionStats,
} from './embeddings.ts';
import { WireError } from './errors.ts';
import { Evaluation, RunComparison, Prediction, Tta } from './evaluation.ts';
import { StudioEvent } from './events.ts';
import { ClassId, ItemId, JobId, RunId, SourceId, StudyId } from './ids.ts';
import { ImportFindings, ImportOptions, ImportPlan, ImportReport } from './import.ts';
import { Job } from './job.ts';
import { LabelEdit, LabelFileReport, LabelRow, LabelsReport, mostLabelRows } from './labels.ts';
import { ClassName, Name, Note, OptionalName } from './names.ts';
import { path } from './paths.ts';
import { LayerPicture, PrecisionReport, RateSearch } from './probes.ts';
import { Class, Colour, CountsChange, Item, ItemFilter, Project, SkippedFile, Split } from './project.ts';
import { Augmentation } from '#recipe/augmentation.ts';
import { BackboneName } from '#recipe/backbone-name.ts';
import { Layer } from '#recipe/layer.ts';
import { ModelSummary } from '#recipe/model-summary.ts';
import { presetNames, Recipe } from '#recipe/recipe.ts';
import { Preprocessing } from '#recipe/preprocessing.ts';
import { Damaged, EngineInfo, Origin, Run } from './run.ts';
import { SourceChanges, SourceUpdate, Take } from './sources.ts';
import { Study, StudyPlan } from './study.ts';
import { TimeEstimate } from './times.ts';

const none = z.object({}).optional();
const ItemIds = z.array(ItemId).min(1).max(100_000);
/** What the lists of damaged runs and studies name. */
const AnyId = z.string().min(1).max(1000);
/** Says yes to leaving a project whose trainings are then cancelled; without it such a command answers CONFLICT and names them. */
const whileTraining = z.literal(true).optional();
/** A path of this machine, the name of a known data set, or an upload (a folder dropped on a browser). */
export const SourceReference = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('path'), path }),
  z.object({ kind: z.literal('named'), name: z.enum(['fashion-mnist', 'fashion-mnist-small']) }),
  z.object({ kind: z.literal('upload'), uploadId: z.string() }),
]);
export type SourceReference = z.infer<typeof SourceReference>;

/** An item, an upload, or a path. */
const ImageChoice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('item'), itemId: ItemId }),
  z.object({ kind: z.literal('upload'), uploadId: z.string(), name: z.string().max(1000) }),
  z.object({ kind: z.literal('path'), path }),
]);
export type ImageChoice = z.infer<typeof ImageChoice>;

const command = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O) =>
  oc.input(input).output(output);

/** What a probe tried, beside what it found. */
const tried = { recipe: Recipe, origin: Origin.nullable() };

export const commands = {
  studio: {
    /** Version, engine and what this connection may do; answers at once. */
    about: command(
      none,
      z.object({
        version: z.string(),
        /** null while it is still being looked for, and where none works: `engineState` says which. */
        engine: EngineInfo.nullable(),
        engineState: z.enum(['looking', 'found', 'none']),
        /** True in Electron: paths can be chosen with the system's dialog. */
        desktop: z.boolean(),
        /** Where new projects go unless told otherwise. */
        projectsFolder: z.string(),
        /** The folders that this client may name paths in; null: any. */
        allowedFolders: z.array(z.string()).nullable(),
      }),
    ),
    /** The engine that computes here, however long a busy machine takes to tell; `error` where none works. */
    engine: command(none, z.object({ engine: EngineInfo.nullable(), error: WireError.nullable() })),
    events: oc.input(none).output(eventIterator(StudioEvent)),
    recent: command(none, z.array(z.object({ name: z.string(), path: z.string(), openedAt: z.string() }))),
  },
  project: {
    current: command(none, Project.nullable()),
    create: command(z.object({ path, name: Name.optional(), whileTraining }), Project),
    open: command(z.object({ path, whileTraining }), Project),
    close: command(z.object({ whileTraining }).optional(), z.object({})),
    /** Closes the project and takes it away again, where it was just created and nothing came into it; refused otherwise. */
    discard: command(none, z.object({})),
    /**
     * Draws the validation part anew, stratified, from all that is not test data; where `testShare` is given (0 leaves
     * no test part) the test part first. Images whose part the source says stay, unless `fixed`. One undoable step.
     */
    redrawSplit: command(
      z.object({
        validationShare: z.number().min(0.01).max(0.9),
        testShare: z.number().min(0).max(0.9).optional(),
        seed: z.int().min(0),
        fixed: z.boolean().optional(),
      }),
      Project,
    ),
  },
  sources: {
    /** Finds out what an import would make of a source; `plan` has the result. Reads no image and changes nothing. */
    inspect: command(z.object({ source: SourceReference, options: ImportOptions.optional() }), Job),
    plan: command(z.object({ jobId: JobId }), ImportPlan),
    import: command(z.object({ source: SourceReference, options: ImportOptions.optional() }), Job),
    /** The report of a finished import. */
    report: command(z.object({ jobId: JobId }), ImportReport),
    skippedFiles: command(none, z.array(SkippedFile)),
    /** Skipped files and notices of the images that were taken, grouped, of all sources. */
    findings: command(none, ImportFindings),
    /** Compares a source with its folder; `changes` has what it found. Changes nothing. */
    rescan: command(z.object({ sourceId: SourceId }), Job),
    /** The same with the folder that it moved to; an update then reads it from there. */
    relink: command(z.object({ sourceId: SourceId, path }), Job),
    /** What a finished re-scan found. */
    changes: command(z.object({ jobId: JobId }), SourceChanges),
    /** Takes over what a re-scan found, as one undoable step; `updated` has what it came to. */
    update: command(z.object({ jobId: JobId, take: Take }), Job),
    updated: command(z.object({ jobId: JobId }), SourceUpdate),
    /** Removes all images of a source from the project; one undoable step. The files stay where they are. */
    remove: command(z.object({ sourceId: SourceId }), Project),
  },
  items: {
    /** A window on the filtered list, ordered by item; `total` counts the whole list. */
    list: command(
      z.object({ filter: ItemFilter, offset: z.int().min(0), limit: z.int().min(1).max(1000) }),
      z.object({ total: z.int(), items: z.array(Item) }),
    ),
    get: command(z.object({ itemId: ItemId }), Item),
    /** The file of an image; null where it is one of many in a file, as in those of IDX. */
    path: command(z.object({ itemId: ItemId }), z.string().nullable()),
    /** Removes images from the project; one undoable step. The files stay where they are. */
    remove: command(z.object({ itemIds: ItemIds }), Project),
    /** Gives these items the class, or takes their label away (null); one undoable step. Answers when it is on the disk. */
    relabel: command(z.object({ itemIds: ItemIds, classId: ClassId.nullable() }), CountsChange),
    /** Takes these items out of all parts, with the reason, or brings them back (null); one undoable step. */
    exclude: command(z.object({ itemIds: ItemIds, reason: Name.nullable() }), Project),
    setNote: command(z.object({ itemIds: ItemIds, note: Note }), Project),
  },
  classes: {
    add: command(z.object({ name: ClassName }), Class),
    rename: command(z.object({ classId: ClassId, name: ClassName }), Project),
    /** null gives back the colour that it has by itself. */
    recolour: command(z.object({ classId: ClassId, colour: Colour.nullable() }), Project),
    /** Its images become unlabelled, or images of the class `into`: a merge. One undoable step. */
    delete: command(z.object({ classId: ClassId, into: ClassId.optional() }), Project),
    /** Gives these items a new class; one undoable step. */
    split: command(z.object({ itemIds: ItemIds, name: ClassName }), Class),
  },
  labels: {
    /** What is known of each image by its path and content, in the order of the items; removed ones are left out. */
    list: command(
      z.object({ after: z.int().min(0), limit: z.int().min(1).max(1000) }),
      z.array(LabelRow.extend({ itemId: ItemId })),
    ),
    /** Takes over a table of labels as one undoable step, or only says what that would come to. */
    apply: command(
      z.object({ rows: z.array(LabelEdit).max(mostLabelRows), dryRun: z.literal(true).optional() }),
      LabelsReport,
    ),
    /** The same with a table (CSV, TSV, JSON lines) that was handed over as an upload. A worker reads it. */
    applyFile: command(
      z.object({ uploadId: z.string(), dryRun: z.literal(true).optional() }),
      LabelFileReport,
    ),
  },
  embeddings: {
    /**
     * Computes the embeddings that are missing. `by` absent: what was chosen before, else a backbone for pictures that are
     * large enough, else the latest run, as far as they are there.
     */
    start: command(z.object({ by: EmbeddingSource.optional() }).optional(), Job),
    get: command(none, EmbeddingState),
    /** The images that are most like one, the likest first; itself left out. */
    neighbours: command(z.object({ itemId: ItemId, count: z.int().min(1).max(1000) }), z.array(Neighbour)),
  },
  suggestions: {
    /**
     * A window on the unlabelled images in an order; answers once all labels given before are learned from. `classId`: only
     * those that are suggested for the class. `itemId`: of the order `similar`.
     */
    list: command(
      z.object({
        order: z.enum(suggestionOrders),
        classId: ClassId.optional(),
        itemId: ItemId.optional(),
        offset: z.int().min(0),
        limit: z.int().min(1).max(1000),
      }),
      z.object({ total: z.int(), revision: z.int(), suggestions: z.array(Suggestion) }),
    ),
    /**
     * Gives these images the classes that were suggested, as the person saw them; one undoable step. Answers when it is on the
     * disk.
     */
    accept: command(
      z.object({
        suggestions: z
          .array(z.object({ itemId: ItemId, classId: ClassId }))
          .min(1)
          .max(100_000),
      }),
      CountsChange,
    ),
    /** Answers once all labels given before are learned from. */
    stats: command(none, SuggestionStats),
  },
  journal: {
    undo: command(none, Project),
    redo: command(none, Project),
  },
  recipes: {
    /** The recipes to start from, for the open project; without one, or without images, as for Fashion-MNIST. */
    presets: command(
      none,
      z.object({
        presets: z.array(z.object({ preset: z.enum(presetNames), about: z.string(), recipe: Recipe })),
      }),
    ),
    /** The pre-trained networks that a recipe may begin with, and what it takes of each. */
    backbones: command(
      none,
      z.array(
        z.object({
          name: BackboneName,
          title: z.string(),
          /** Whether its weights are on this machine. */
          found: z.boolean(),
          /** Its own and those of a head behind them. */
          layers: z.array(Layer),
          /** Its own. */
          frozenLayers: z.int(),
          parameterBudget: z.int(),
          preprocessing: Preprocessing,
        }),
      ),
    ),
    /** Checks a recipe against the open project's classes and counts its parameters. */
    summarise: command(z.object({ recipe: Recipe }), ModelSummary),
    /** What a training of it would take on this machine; null where there is nothing to train on, or nothing can be said. */
    estimate: command(z.object({ recipe: Recipe, origin: Origin.optional() }), TimeEstimate.nullable()),
    /** Renders these items before (row 0) and after (rows 1 to `variants`) the augmentations, as image addresses. */
    preview: command(
      z.object({
        preprocessing: Preprocessing,
        augmentation: z.array(Augmentation),
        itemIds: z.array(ItemId).min(1).max(16),
        variants: z.int().min(1).max(8),
        seed: z.int().min(0),
      }),
      z.object({ before: z.array(z.string()), after: z.array(z.array(z.string())) }),
    ),
    /** Trains briefly at rising learning rates, from where the run would begin, and throws the weights away; `learningRates` has the result. */
    findLearningRate: command(z.object({ recipe: Recipe, origin: Origin.optional() }), Job),
    learningRates: command(z.object({ jobId: JobId }), RateSearch.extend(tried)),
    /** Trains briefly in both precisions from the same seed; `precisionReport` has the result. */
    comparePrecision: command(z.object({ recipe: Recipe, origin: Origin.optional() }), Job),
    precisionReport: command(z.object({ jobId: JobId }), PrecisionReport.extend(tried)),
  },
  runs: {
    /** Runs of their own, newest first; with `studyId` those of that study. */
    list: command(z.object({ studyId: StudyId.optional() }).optional(), z.array(Run)),
    /** Those that `list` leaves out, since they cannot be read. */
    damaged: command(z.object({ studyId: StudyId.optional() }).optional(), z.array(Damaged)),
    get: command(z.object({ runId: RunId }), Run),
    start: command(
      z.object({ recipe: Recipe, name: OptionalName.optional(), origin: Origin.optional() }),
      Run,
    ),
    /** Stops after the current step; all steps so far are in its checkpoint. */
    cancel: command(z.object({ runId: RunId }), Run),
    /** Goes on from the last checkpoint of a cancelled or failed run. */
    resume: command(z.object({ runId: RunId }), Run),
    rename: command(z.object({ runId: RunId, name: Name }), Run),
    setNote: command(z.object({ runId: RunId, note: Note }), Run),
    /** Also of one that a hand gave an id that no run has. */
    delete: command(z.object({ runId: AnyId }), z.object({})),
    /** Writes the curves as TensorBoard reads them, into a folder of the project's exports. */
    exportLogs: command(z.object({ runId: RunId }), z.object({ path: z.string(), bytes: z.int() })),
    /** What each layer makes of one image, and what convolutions look for, as pictures. */
    inspect: command(z.object({ runId: RunId, image: ImageChoice }), z.array(LayerPicture)),
  },
  studies: {
    list: command(none, z.array(Study)),
    /** Those that `list` leaves out, since they cannot be read. */
    damaged: command(none, z.array(Damaged)),
    get: command(z.object({ studyId: StudyId }), Study),
    start: command(z.object({ recipe: Recipe, plan: StudyPlan, name: OptionalName.optional() }), Study),
    /** What all its trainings would take on this machine; null where there is nothing to train on, or nothing can be said. */
    estimate: command(z.object({ recipe: Recipe, plan: StudyPlan }), TimeEstimate.nullable()),
    /** Stops its trainings; what they learned stays in their checkpoints. */
    cancel: command(z.object({ studyId: StudyId }), Study),
    /** Goes on with the trials that are open, each from its checkpoint. */
    resume: command(z.object({ studyId: StudyId }), Study),
    rename: command(z.object({ studyId: StudyId, name: Name }), Study),
    /** With all its runs. */
    delete: command(z.object({ studyId: AnyId }), z.object({})),
  },
  evaluations: {
    /** A finished evaluation, or null where there is none yet. */
    get: command(z.object({ runId: RunId, split: Split, tta: Tta.optional() }), Evaluation.nullable()),
    /** `tta` other than none is kept beside the run's own evaluation; the cells of the matrix show the latter. */
    start: command(z.object({ runId: RunId, split: Split, tta: Tta.optional() }), Job),
    /** Of `runId` with a baseline; null where one of them has not been evaluated on this part. */
    compare: command(z.object({ baselineId: RunId, runId: RunId, split: Split }), RunComparison.nullable()),
    /** Stored predictions of a run for these items (of the evaluated splits), in the same order; null where there is none. */
    predictions: command(
      z.object({ runId: RunId, itemIds: z.array(ItemId).min(1).max(1000) }),
      z.array(
        z
          .object({ probabilities: z.array(z.number()), predicted: z.int(), classIds: z.array(ClassId) })
          .nullable(),
      ),
    ),
  },
  predictions: {
    /** Classifies one image. */
    predict: command(z.object({ runId: RunId, image: ImageChoice }), Prediction),
  },
  exports: {
    /** Writes a file; `path` is where to, the project's exports folder if absent. A file that is there is replaced with `replace` only. */
    start: command(
      z.object({
        runId: RunId,
        format: ExportFormat.default(exportFormats[0]!),
        path: path.optional(),
        replace: z.literal(true).optional(),
      }),
      Job,
    ),
    /** The last export of a run. */
    get: command(z.object({ runId: RunId }), ExportedRun.nullable()),
  },
  jobs: {
    list: command(none, z.array(Job)),
    cancel: command(z.object({ jobId: JobId }), z.object({})),
  },
};
export type Commands = typeof commands;
