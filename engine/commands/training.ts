/** The commands for recipes, runs, studies, evaluations, predictions and exports. A line each; what they do is in the rooms they call. */
import type { Tried } from '#contract/probes.ts';
import { summarise } from '#recipe/summary.ts';
import type { StudioState } from '../studio-state.ts';
import { startEvaluation } from '../jobs/evaluate.ts';
import { readAnswerRule, removeRule, startCalibration } from '../jobs/calibrate.ts';
import { readEvidence, startEvidence } from '../jobs/evidence.ts';
import { readReplay, startReplay } from '../jobs/replay.ts';
import { writeReport } from '../jobs/report.ts';
import { startExport } from '../jobs/export.ts';
import { exportLogs } from '../jobs/logs.ts';
import { inspectImage, predictImage, previewRecipe } from '../jobs/predict.ts';
import { knownBackbones, projectPresets } from '../jobs/presets.ts';
import { type Beginning, startPrecisionComparison, startRateSearch } from '../jobs/probe.ts';
import type { JobResults } from '../jobs/results.ts';
import { tellSplits } from '../jobs/split-state.ts';
import { estimateRun } from '../jobs/times.ts';
import { estimateStudy } from '../studies/times.ts';
import { deleteStudy, resumeStudy, startStudy } from '../studies/study.ts';
import { cancelTraining, resumeTraining, startTraining, trainableClasses } from '../jobs/train.ts';
import { requireStudyAtRest } from '../jobs/study-rest.ts';
import { listStudies, studyOf } from '../studies/view.ts';
import type { Commands } from './commands.ts';

/** Keeps what a probe found beside what it tried. */
const keepTried =
  <T>(results: JobResults<Tried<T>>, { recipe, origin }: Beginning) =>
  (jobId: string, found: T): void =>
    results.keep(jobId, { ...found, recipe, origin: origin ?? null });

export function trainingCommands(os: Commands, state: StudioState) {
  const none = {};
  const tellStudy = (studyId: string) => {
    const study = studyOf(state.project().studies, studyId);
    state.emit({ event: 'study.changed', study });
    return study;
  };

  return {
    recipes: {
      presets: os.recipes.presets.handler(async () => ({ presets: await projectPresets(state) })),
      backbones: os.recipes.backbones.handler(() => knownBackbones()),
      summarise: os.recipes.summarise.handler(({ input }) =>
        summarise(input.recipe, Math.max(2, trainableClasses(state.project()).length)),
      ),
      estimate: os.recipes.estimate.handler(({ input }) =>
        estimateRun(state, input.recipe, input.origin, state.engineIfFound()),
      ),
      preview: os.recipes.preview.handler(({ input }) => previewRecipe(state, input)),
      findLearningRate: os.recipes.findLearningRate.handler(({ input }) =>
        startRateSearch(state, input, keepTried(state.rateSearches, input)),
      ),
      learningRates: os.recipes.learningRates.handler(({ input }) => state.rateSearches.get(input.jobId)),
      comparePrecision: os.recipes.comparePrecision.handler(({ input }) =>
        startPrecisionComparison(state, input, keepTried(state.precisionReports, input)),
      ),
      precisionReport: os.recipes.precisionReport.handler(({ input }) =>
        state.precisionReports.get(input.jobId),
      ),
    },
    runs: {
      list: os.runs.list.handler(({ input }) => state.project().runs.list(input?.studyId)),
      damaged: os.runs.damaged.handler(({ input }) => state.project().runs.damaged(input?.studyId)),
      get: os.runs.get.handler(({ input }) => state.project().runs.get(input.runId)),
      start: os.runs.start.handler(({ input: { recipe, name = '', origin } }) =>
        startTraining(state, recipe, name, origin),
      ),
      cancel: os.runs.cancel.handler(({ input }) => cancelTraining(state, input.runId)),
      resume: os.runs.resume.handler(({ input }) => resumeTraining(state, input.runId)),
      report: os.runs.report.handler(({ input: { runId, format } }) =>
        writeReport(
          { version: state.version, project: state.project(), predictions: state.predictions! },
          runId,
          format,
        ),
      ),
      replay: os.runs.replay.handler(({ input }) => startReplay(state, input.runId)),
      replayed: os.runs.replayed.handler(({ input }) => readReplay(state.project().runs, input.runId)),
      rename: os.runs.rename.handler(async ({ input }) => {
        state.project().runs.get(input.runId);
        const run = await state.project().runs.update(input.runId, { name: input.name });
        state.emit({ event: 'run.changed', run });
        return run;
      }),
      setNote: os.runs.setNote.handler(async ({ input }) => {
        state.project().runs.get(input.runId);
        const run = await state.project().runs.update(input.runId, { note: input.note });
        state.emit({ event: 'run.changed', run });
        return run;
      }),
      delete: os.runs.delete.handler(async ({ input }) => {
        const studyId = state.project().runs.studyOf(input.runId);
        requireStudyAtRest(state, studyId);
        await state.project().runs.delete(state.deletable(input.runId));
        state.emit({ event: 'run.deleted', runId: input.runId });
        // A damaged study can be told of no more, but its trials can go.
        if (studyId !== null && state.project().studies.isWhole(studyId)) tellStudy(studyId);
        return none;
      }),
      exportLogs: os.runs.exportLogs.handler(({ input }) => exportLogs(state.project(), input.runId)),
      inspect: os.runs.inspect.handler(({ input }) =>
        inspectImage(state, state.uploads, input.runId, input.image),
      ),
    },
    studies: {
      list: os.studies.list.handler(() => listStudies(state.project().studies)),
      damaged: os.studies.damaged.handler(() => state.project().studies.damaged()),
      get: os.studies.get.handler(({ input }) => studyOf(state.project().studies, input.studyId)),
      start: os.studies.start.handler(({ input }) =>
        startStudy(state, input.recipe, input.plan, input.name ?? ''),
      ),
      estimate: os.studies.estimate.handler(({ input }) =>
        estimateStudy(state, input.recipe, input.plan, state.engineIfFound()),
      ),
      cancel: os.studies.cancel.handler(({ input }) => {
        state.jobs.cancelStudy(input.studyId);
        return studyOf(state.project().studies, input.studyId);
      }),
      resume: os.studies.resume.handler(({ input }) => resumeStudy(state, input.studyId)),
      rename: os.studies.rename.handler(async ({ input: { studyId, name } }) => {
        state.project().studies.get(studyId);
        await state.project().studies.update(studyId, { name });
        return tellStudy(studyId);
      }),
      delete: os.studies.delete.handler(async ({ input }) => {
        await deleteStudy(state, input.studyId);
        return none;
      }),
    },
    evaluations: {
      get: os.evaluations.get.handler(({ input }) =>
        state.project().runs.evaluation(input.runId, input.split, input.tta),
      ),
      start: os.evaluations.start.handler(({ input: { runId, split, tta = 'none' } }) =>
        startEvaluation(state, runId, { split, tta }),
      ),
      evidence: os.evaluations.evidence.handler(({ input }) =>
        readEvidence(state.project().runs, input.runId, input.split),
      ),
      startEvidence: os.evaluations.startEvidence.handler(({ input }) =>
        startEvidence(state, input.runId, input.split),
      ),
      compare: os.evaluations.compare.handler(async ({ input: { baselineId, runId, split } }) => {
        const project = state.project();
        const comparison = await state.predictions!.compare(baselineId, runId, split);
        if (comparison && split === 'test') {
          await project.testParts.noteComparison([baselineId, runId]);
          tellSplits(state, project);
        }
        return comparison;
      }),
      predictions: os.evaluations.predictions.handler(async ({ input }) => {
        const classIds = state
          .project()
          .runs.classesOf(input.runId)
          .map(({ id }) => id);
        const found = await state.predictions!.lookUp(input.runId, input.itemIds);
        return found.map((answer) => answer && { ...answer, classIds });
      }),
    },
    answerRules: {
      get: os.answerRules.get.handler(({ input }) => readAnswerRule(state.project().runs, input.runId)),
      fit: os.answerRules.fit.handler(({ input }) => startCalibration(state, input.runId, input.choice)),
      remove: os.answerRules.remove.handler(({ input }) => removeRule(state, input.runId)),
    },
    predictions: {
      predict: os.predictions.predict.handler(({ input }) =>
        predictImage(state, state.uploads, input.runId, input.image),
      ),
    },
    exports: {
      start: os.exports.start.handler(({ input }) => startExport(state, input.runId, input)),
      get: os.exports.get.handler(({ input }) => state.project().runs.exported(input.runId)),
    },
  };
}
