/** Commands of training and of what comes of it: recipes, runs, studies, evaluations, predictions, exports. */
import * as z from 'zod';
import { command, none } from './command.ts';
import { AnswerRule, AnswerRuleChoice } from '../answer-rule.ts';
import { ExportedRun, ExportFormat, exportFormats } from '../exporters.ts';
import { Evidence } from '../evidence.ts';
import { Evaluation, RunComparison, Prediction, Tta } from '../evaluation.ts';
import { ClassId, ItemId, JobId, RunId, StudyId } from '../ids.ts';
import { Job } from '../job.ts';
import { Name, Note, OptionalName } from '../names.ts';
import { path } from '../paths.ts';
import { LayerPicture, PrecisionReport, RateSearch } from '../probes.ts';
import { Split } from '../project.ts';
import { Augmentation } from '#recipe/augmentation.ts';
import { BackboneName } from '#recipe/backbone-name.ts';
import { Layer } from '#recipe/layer.ts';
import { ModelSummary } from '#recipe/model-summary.ts';
import { presetNames, Recipe } from '#recipe/recipe.ts';
import { Preprocessing } from '#recipe/preprocessing.ts';
import { Replay } from '../replay.ts';
import { ReportFormat, WrittenReport } from '../report.ts';
import { Damaged, Origin, Run } from '../run.ts';
import { Study, StudyPlan } from '../study.ts';
import { TimeEstimate } from '../times.ts';

/** What the lists of damaged runs and studies name. */
const AnyId = z.string().min(1).max(1000);
/** An item, an upload, or a path. */
export const ImageChoice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('item'), itemId: ItemId }),
  z.object({ kind: z.literal('upload'), uploadId: z.string(), name: z.string().max(1000) }),
  z.object({ kind: z.literal('path'), path }),
]);
export type ImageChoice = z.infer<typeof ImageChoice>;

/** What a probe tried, beside what it found. */
const tried = { recipe: Recipe, origin: Origin.nullable() };

export const trainingCommands = {
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
    /** A report of what is kept of it; computes nothing. */
    report: command(z.object({ runId: RunId, format: ReportFormat }), WrittenReport),
    /** Trains it once more from what was kept of it, and compares; `replayed` has the result. */
    replay: command(z.object({ runId: RunId }), Job),
    /** The last replay of a run; null where there was none. */
    replayed: command(z.object({ runId: RunId }), Replay.nullable()),
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
    /** How sure its figures are; null where that was not computed since it was evaluated. */
    evidence: command(z.object({ runId: RunId, split: Split }), Evidence.nullable()),
    /** Computes it of the predictions that are there; evaluates the validation images first where a temperature needs them. */
    startEvidence: command(z.object({ runId: RunId, split: Split }), Job),
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
  answerRules: {
    /** When the run answers; null: always. */
    get: command(z.object({ runId: RunId }), AnswerRule.nullable()),
    /** Fits one on the run's training and validation images, in place of the one before. */
    fit: command(z.object({ runId: RunId, choice: AnswerRuleChoice }), Job),
    /** The run answers always again. @returns what was there */
    remove: command(z.object({ runId: RunId }), AnswerRule.nullable()),
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
};
