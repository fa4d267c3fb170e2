/**
 * The studio: every command of the contract, a line each. Its state is studio-state.ts; what a command does is in
 * the rooms it calls. Loads no native machine learning.
 */
import { implement } from '@orpc/server';
import { commands } from '#contract/commands.ts';
import type { Tried } from '#contract/probes.ts';
import type { ResourceRequest, ResourceResponse } from '#contract/resources.ts';
import { summarise } from '#recipe/summary.ts';
import { projectsFolder } from './app-root.ts';
import { Curation } from './curation.ts';
import { StudioState, type StudioOptions as StateOptions } from './studio-state.ts';
import { embeddingState, startEmbedding } from './jobs/embed.ts';
import { startEvaluation } from './jobs/evaluate.ts';
import { startExport } from './jobs/export.ts';
import { originOf, startImport } from './jobs/import.ts';
import { startInspection } from './jobs/inspect.ts';
import { exportLogs } from './jobs/logs.ts';
import { inspectImage, predictImage, previewRecipe } from './jobs/predict.ts';
import { knownBackbones, projectPresets } from './jobs/presets.ts';
import { type Beginning, startPrecisionComparison, startRateSearch } from './jobs/probe.ts';
import { startRescan, startUpdate } from './jobs/rescan.ts';
import type { JobResults } from './jobs/results.ts';
import { estimateRun } from './jobs/times.ts';
import { estimateStudy } from './studies/times.ts';
import { deleteStudy, resumeStudy, startStudy } from './studies/study.ts';
import { cancelTraining, resumeTraining, startTraining, trainableClasses } from './jobs/train.ts';
import { isAllowed } from './paths.ts';
import { recentProjects } from './recent.ts';
import { applyLabelFile } from './label-file.ts';
import { answerResource } from './resources.ts';
import { requireStudyAtRest } from './jobs/study-rest.ts';
import { acceptSuggestions } from './project/suggested-labels.ts';
import { listStudies, studyOf } from './studies/view.ts';

export interface StudioOptions extends StateOptions {
  /** The folders that a browser may name paths in; null where no browser is let in. */
  allowedFolders: readonly string[] | null;
}

export interface Studio {
  router: ReturnType<typeof createRouter>;
  /** As in the options; the transport of a browser keeps to it. */
  allowedFolders: readonly string[] | null;
  /** @throws AtelierError, which the transport turns into a status */
  resources(request: ResourceRequest): Promise<ResourceResponse>;
  /** Cancels what runs, ends the workers and lets go of the project. */
  close(): Promise<void>;
}

export function createStudio(options: StudioOptions): Studio {
  const state = new StudioState(options);
  return {
    router: createRouter(state, options),
    allowedFolders: options.allowedFolders,
    async resources(request) {
      await state.opened;
      return answerResource(state, state.uploads, request);
    },
    close: () => state.close(),
  };
}

/**
 * Commands that a project which can only be looked at refuses at once, before a job begins. Deleting is not among them:
 * it makes room on a full disk.
 */
const changing: ReadonlySet<string> = new Set([
  'project.redrawSplit',
  'sources.import',
  'sources.update',
  'sources.remove',
  'items.remove',
  'items.relabel',
  'suggestions.accept',
  'embeddings.start',
  'classes.add',
  'items.exclude',
  'items.setNote',
  'classes.rename',
  'classes.recolour',
  'classes.delete',
  'classes.split',
  'labels.apply',
  'labels.applyFile',
  'journal.undo',
  'journal.redo',
  'recipes.findLearningRate',
  'recipes.comparePrecision',
  'runs.start',
  'runs.resume',
  'runs.rename',
  'runs.setNote',
  'runs.exportLogs',
  'studies.start',
  'studies.resume',
  'studies.rename',
  'evaluations.start',
  'exports.start',
]);

/** Keeps what a probe found beside what it tried. */
const keepTried =
  <T>(results: JobResults<Tried<T>>, { recipe, origin }: Beginning) =>
  (jobId: string, found: T): void =>
    results.keep(jobId, { ...found, recipe, origin: origin ?? null });

function createRouter(state: StudioState, { desktop, version, allowedFolders }: StudioOptions) {
  // Every command waits for the project named at the start; afterwards this costs nothing.
  const os = implement(commands).use(async ({ next, path }) => {
    await state.opened;
    if (changing.has(path.join('.'))) state.requireWritable();
    return next();
  });
  const none = {};
  const curation = new Curation(state);
  const step = async (direction: 'undo' | 'redo') => {
    const project = state.project();
    try {
      return state.changed(await project.step(direction));
    } catch (thrown) {
      // A change that could not be taken back is no longer offered.
      state.changed([]);
      throw thrown;
    }
  };
  const tellStudy = (studyId: string) => {
    const study = studyOf(state.project().studies, studyId);
    state.emit({ event: 'study.changed', study });
    return study;
  };

  return os.router({
    studio: {
      about: os.studio.about.handler(() => {
        const found = state.engineSoFar();
        return {
          version,
          engine: found?.engine ?? null,
          engineState: found === null ? 'looking' : found.engine ? 'found' : 'none',
          desktop,
          projectsFolder: projectsFolder(),
          allowedFolders: allowedFolders && [...allowedFolders],
        } as const;
      }),
      engine: os.studio.engine.handler(() => state.engine()),
      events: os.studio.events.handler(async ({ signal }) => state.events.subscribe(signal)),
      recent: os.studio.recent.handler(() =>
        recentProjects().filter(({ path }) => allowedFolders === null || isAllowed(path, allowedFolders)),
      ),
    },
    project: {
      current: os.project.current.handler(() => state.current()),
      create: os.project.create.handler(({ input }) =>
        state.create(input.path, input.name, input.whileTraining),
      ),
      open: os.project.open.handler(({ input }) => state.open(input.path, input.whileTraining)),
      close: os.project.close.handler(async ({ input }) => {
        await state.closeProject(input?.whileTraining);
        return none;
      }),
      discard: os.project.discard.handler(async () => (await state.discardProject(), none)),
      redrawSplit: os.project.redrawSplit.handler(async ({ input: { validationShare, seed, ...also } }) => {
        await state.project().redrawSplit(validationShare, seed, also);
        state.emit({ event: 'items.changed', itemIds: [] });
        return state.changed([]);
      }),
    },
    sources: {
      inspect: os.sources.inspect.handler(({ input: { source, options = {} } }) =>
        startInspection(
          state,
          originOf(state.uploads, source),
          options,
          state.uploads.placeFor(),
          state.plans.keep,
        ),
      ),
      plan: os.sources.plan.handler(({ input }) => state.plans.get(input.jobId)),
      import: os.sources.import.handler(({ input: { source, options = {} } }) =>
        startImport(state, state.uploads, source, options, state.reports.keep),
      ),
      report: os.sources.report.handler(({ input }) => state.reports.get(input.jobId)),
      setAside: os.sources.setAside.handler(() => state.project().setAside()),
      findings: os.sources.findings.handler(() => state.project().findings()),
      rescan: os.sources.rescan.handler(({ input }) =>
        startRescan(state, input.sourceId, null, state.rescans),
      ),
      relink: os.sources.relink.handler(({ input }) =>
        startRescan(state, input.sourceId, input.path, state.rescans),
      ),
      changes: os.sources.changes.handler(({ input }) => state.rescans.get(input.jobId).report),
      update: os.sources.update.handler(({ input }) =>
        startUpdate(state, state.rescans.get(input.jobId), input.take, state.updates),
      ),
      updated: os.sources.updated.handler(({ input }) => state.updates.get(input.jobId)),
      remove: os.sources.remove.handler(async ({ input }) =>
        state.changed(await state.project().removeSource(input.sourceId)),
      ),
    },
    items: {
      list: os.items.list.handler(async ({ input: { filter, offset, limit } }) =>
        state
          .project()
          .items(filter, offset, limit, filter.cell ? await state.predictions!.cell(filter.cell) : null),
      ),
      get: os.items.get.handler(({ input }) => state.project().item(input.itemId)),
      remove: os.items.remove.handler(async ({ input }) =>
        state.changed(await state.project().removeItems(input.itemIds)),
      ),
      exclude: os.items.exclude.handler(({ input }) => curation.exclude(input.itemIds, input.reason)),
      setNote: os.items.setNote.handler(({ input }) => curation.setNote(input.itemIds, input.note)),
      relabel: os.items.relabel.handler(async ({ input }) => {
        const project = state.project();
        return state.labelled(project, await project.relabel(input.itemIds, input.classId));
      }),
    },
    classes: {
      add: os.classes.add.handler(async ({ input }) => {
        const added = await state.project().addClass(input.name);
        state.changed([]);
        return added;
      }),
      rename: os.classes.rename.handler(async ({ input }) => {
        await state.project().renameClass(input.classId, input.name);
        return state.changed([]);
      }),
      recolour: os.classes.recolour.handler(({ input }) => curation.recolour(input.classId, input.colour)),
      delete: os.classes.delete.handler(({ input }) =>
        curation.deleteClass(input.classId, input.into ?? null),
      ),
      split: os.classes.split.handler(({ input }) => curation.splitClass(input.itemIds, input.name)),
    },
    labels: {
      list: os.labels.list.handler(({ input }) => state.project().labelRows(input.after, input.limit)),
      apply: os.labels.apply.handler(({ input }) => curation.applyLabels(input.rows, input.dryRun ?? false)),
      applyFile: os.labels.applyFile.handler(({ input: { uploadId, dryRun = false } }) =>
        applyLabelFile(state, state.uploads, curation, { uploadId, dryRun }),
      ),
    },
    embeddings: {
      start: os.embeddings.start.handler(({ input }) => {
        const suggestions = state.suggestions();
        return startEmbedding(state, input?.by, () => suggestions.embeddingsChanged());
      }),
      get: os.embeddings.get.handler(() => embeddingState(state, state.project())),
      neighbours: os.embeddings.neighbours.handler(({ input }) =>
        state.suggestions().neighbours(input.itemId, input.count),
      ),
    },
    suggestions: {
      list: os.suggestions.list.handler(({ input }) => state.suggestions().list(input)),
      accept: os.suggestions.accept.handler(async ({ input }) => {
        const project = state.project();
        return state.labelled(project, await acceptSuggestions(project, input.suggestions));
      }),
      stats: os.suggestions.stats.handler(() => state.suggestions().stats()),
    },
    journal: {
      undo: os.journal.undo.handler(() => step('undo')),
      redo: os.journal.redo.handler(() => step('redo')),
    },
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
      predictions: os.evaluations.predictions.handler(async ({ input }) => {
        const classIds = state
          .project()
          .runs.classesOf(input.runId)
          .map(({ id }) => id);
        const found = await state.predictions!.lookUp(input.runId, input.itemIds);
        return found.map((answer) => answer && { ...answer, classIds });
      }),
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
    jobs: {
      list: os.jobs.list.handler(() => state.jobs.list()),
      cancel: os.jobs.cancel.handler(({ input }) => (state.jobs.cancel(input.jobId), none)),
    },
  });
}
