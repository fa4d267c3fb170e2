/**
 * The studio: every command of the contract, a line each. Its state is floor.ts; what a command does is in
 * the rooms it calls. Loads no native machine learning.
 */
import { implement } from '@orpc/server';
import { commands } from '#contract/commands.ts';
import type { Tried } from '#contract/probes.ts';
import type { ResourceRequest, ResourceResponse } from '#contract/resources.ts';
import { summarise } from '#recipe/summary.ts';
import { projectsFolder } from './app-root.ts';
import { Curation } from './curation.ts';
import { Floor, type StudioOptions as FloorOptions } from './floor.ts';
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

export interface StudioOptions extends FloorOptions {
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
  const floor = new Floor(options);
  return {
    router: createRouter(floor, options),
    allowedFolders: options.allowedFolders,
    async resources(request) {
      await floor.opened;
      return answerResource(floor, floor.uploads, request);
    },
    close: () => floor.close(),
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
  'bundles.export',
]);

/** Keeps what a probe found beside what it tried. */
const keepTried =
  <T>(results: JobResults<Tried<T>>, { recipe, origin }: Beginning) =>
  (jobId: string, found: T): void =>
    results.keep(jobId, { ...found, recipe, origin: origin ?? null });

function createRouter(floor: Floor, { desktop, version, allowedFolders }: StudioOptions) {
  // Every command waits for the project named at the start; afterwards this costs nothing.
  const os = implement(commands).use(async ({ next, path }) => {
    await floor.opened;
    if (changing.has(path.join('.'))) floor.requireWritable();
    return next();
  });
  const none = {};
  const curation = new Curation(floor);
  const step = async (direction: 'undo' | 'redo') => {
    const project = floor.project();
    try {
      return floor.changed(await project.step(direction));
    } catch (thrown) {
      // A change that could not be taken back is no longer offered.
      floor.changed([]);
      throw thrown;
    }
  };
  const tellStudy = (studyId: string) => {
    const study = studyOf(floor.project().studies, studyId);
    floor.emit({ event: 'study.changed', study });
    return study;
  };

  return os.router({
    studio: {
      about: os.studio.about.handler(() => {
        const found = floor.engineSoFar();
        return {
          version,
          engine: found?.engine ?? null,
          engineState: found === null ? 'looking' : found.engine ? 'found' : 'none',
          desktop,
          projectsFolder: projectsFolder(),
          allowedFolders: allowedFolders && [...allowedFolders],
        } as const;
      }),
      engine: os.studio.engine.handler(() => floor.engine()),
      events: os.studio.events.handler(async ({ signal }) => floor.events.subscribe(signal)),
      recent: os.studio.recent.handler(() =>
        recentProjects().filter(({ path }) => allowedFolders === null || isAllowed(path, allowedFolders)),
      ),
    },
    project: {
      current: os.project.current.handler(() => floor.current()),
      create: os.project.create.handler(({ input }) =>
        floor.create(input.path, input.name, input.whileTraining),
      ),
      open: os.project.open.handler(({ input }) => floor.open(input.path, input.whileTraining)),
      close: os.project.close.handler(async ({ input }) => {
        await floor.closeProject(input?.whileTraining);
        return none;
      }),
      discard: os.project.discard.handler(async () => (await floor.discardProject(), none)),
      redrawSplit: os.project.redrawSplit.handler(async ({ input: { validationShare, seed, ...also } }) => {
        await floor.project().redrawSplit(validationShare, seed, also);
        floor.emit({ event: 'items.changed', itemIds: [] });
        return floor.changed([]);
      }),
    },
    sources: {
      inspect: os.sources.inspect.handler(({ input: { source, options = {} } }) =>
        startInspection(
          floor,
          originOf(floor.uploads, source),
          options,
          floor.uploads.placeFor(),
          floor.plans.keep,
        ),
      ),
      plan: os.sources.plan.handler(({ input }) => floor.plans.get(input.jobId)),
      import: os.sources.import.handler(({ input: { source, options = {} } }) =>
        startImport(floor, floor.uploads, source, options, floor.reports.keep),
      ),
      report: os.sources.report.handler(({ input }) => floor.reports.get(input.jobId)),
      setAside: os.sources.setAside.handler(() => floor.project().setAside()),
      findings: os.sources.findings.handler(() => floor.project().findings()),
      rescan: os.sources.rescan.handler(({ input }) =>
        startRescan(floor, input.sourceId, null, floor.rescans),
      ),
      relink: os.sources.relink.handler(({ input }) =>
        startRescan(floor, input.sourceId, input.path, floor.rescans),
      ),
      changes: os.sources.changes.handler(({ input }) => floor.rescans.get(input.jobId).report),
      update: os.sources.update.handler(({ input }) =>
        startUpdate(floor, floor.rescans.get(input.jobId), input.take, floor.updates),
      ),
      updated: os.sources.updated.handler(({ input }) => floor.updates.get(input.jobId)),
      remove: os.sources.remove.handler(async ({ input }) =>
        floor.changed(await floor.project().removeSource(input.sourceId)),
      ),
    },
    items: {
      list: os.items.list.handler(async ({ input: { filter, offset, limit } }) =>
        floor
          .project()
          .items(filter, offset, limit, filter.cell ? await floor.predictions!.cell(filter.cell) : null),
      ),
      get: os.items.get.handler(({ input }) => floor.project().item(input.itemId)),
      remove: os.items.remove.handler(async ({ input }) =>
        floor.changed(await floor.project().removeItems(input.itemIds)),
      ),
      exclude: os.items.exclude.handler(({ input }) => curation.exclude(input.itemIds, input.reason)),
      setNote: os.items.setNote.handler(({ input }) => curation.setNote(input.itemIds, input.note)),
      relabel: os.items.relabel.handler(async ({ input }) => {
        const project = floor.project();
        return floor.labelled(project, await project.relabel(input.itemIds, input.classId));
      }),
    },
    classes: {
      add: os.classes.add.handler(async ({ input }) => {
        const added = await floor.project().addClass(input.name);
        floor.changed([]);
        return added;
      }),
      rename: os.classes.rename.handler(async ({ input }) => {
        await floor.project().renameClass(input.classId, input.name);
        return floor.changed([]);
      }),
      recolour: os.classes.recolour.handler(({ input }) => curation.recolour(input.classId, input.colour)),
      delete: os.classes.delete.handler(({ input }) =>
        curation.deleteClass(input.classId, input.into ?? null),
      ),
      split: os.classes.split.handler(({ input }) => curation.splitClass(input.itemIds, input.name)),
    },
    labels: {
      list: os.labels.list.handler(({ input }) => floor.project().labelRows(input.after, input.limit)),
      apply: os.labels.apply.handler(({ input }) => curation.applyLabels(input.rows, input.dryRun ?? false)),
      applyFile: os.labels.applyFile.handler(({ input: { uploadId, dryRun = false } }) =>
        applyLabelFile(floor, floor.uploads, curation, { uploadId, dryRun }),
      ),
    },
    embeddings: {
      start: os.embeddings.start.handler(({ input }) => {
        const suggestions = floor.suggestions();
        return startEmbedding(floor, input?.by, () => suggestions.embeddingsChanged());
      }),
      get: os.embeddings.get.handler(() => embeddingState(floor, floor.project())),
      neighbours: os.embeddings.neighbours.handler(({ input }) =>
        floor.suggestions().neighbours(input.itemId, input.count),
      ),
    },
    suggestions: {
      list: os.suggestions.list.handler(({ input }) => floor.suggestions().list(input)),
      accept: os.suggestions.accept.handler(async ({ input }) => {
        const project = floor.project();
        return floor.labelled(project, await acceptSuggestions(project, input.suggestions));
      }),
      stats: os.suggestions.stats.handler(() => floor.suggestions().stats()),
    },
    journal: {
      undo: os.journal.undo.handler(() => step('undo')),
      redo: os.journal.redo.handler(() => step('redo')),
    },
    recipes: {
      presets: os.recipes.presets.handler(async () => ({ presets: await projectPresets(floor) })),
      backbones: os.recipes.backbones.handler(() => knownBackbones()),
      summarise: os.recipes.summarise.handler(({ input }) =>
        summarise(input.recipe, Math.max(2, trainableClasses(floor.project()).length)),
      ),
      estimate: os.recipes.estimate.handler(({ input }) =>
        estimateRun(floor, input.recipe, input.origin, floor.engineIfFound()),
      ),
      preview: os.recipes.preview.handler(({ input }) => previewRecipe(floor, input)),
      findLearningRate: os.recipes.findLearningRate.handler(({ input }) =>
        startRateSearch(floor, input, keepTried(floor.rateSearches, input)),
      ),
      learningRates: os.recipes.learningRates.handler(({ input }) => floor.rateSearches.get(input.jobId)),
      comparePrecision: os.recipes.comparePrecision.handler(({ input }) =>
        startPrecisionComparison(floor, input, keepTried(floor.precisionReports, input)),
      ),
      precisionReport: os.recipes.precisionReport.handler(({ input }) =>
        floor.precisionReports.get(input.jobId),
      ),
    },
    runs: {
      list: os.runs.list.handler(({ input }) => floor.project().runs.list(input?.studyId)),
      damaged: os.runs.damaged.handler(({ input }) => floor.project().runs.damaged(input?.studyId)),
      get: os.runs.get.handler(({ input }) => floor.project().runs.get(input.runId)),
      start: os.runs.start.handler(({ input: { recipe, name = '', origin } }) =>
        startTraining(floor, recipe, name, origin),
      ),
      cancel: os.runs.cancel.handler(({ input }) => cancelTraining(floor, input.runId)),
      resume: os.runs.resume.handler(({ input }) => resumeTraining(floor, input.runId)),
      rename: os.runs.rename.handler(async ({ input }) => {
        floor.project().runs.get(input.runId);
        const run = await floor.project().runs.update(input.runId, { name: input.name });
        floor.emit({ event: 'run.changed', run });
        return run;
      }),
      setNote: os.runs.setNote.handler(async ({ input }) => {
        floor.project().runs.get(input.runId);
        const run = await floor.project().runs.update(input.runId, { note: input.note });
        floor.emit({ event: 'run.changed', run });
        return run;
      }),
      delete: os.runs.delete.handler(async ({ input }) => {
        const studyId = floor.project().runs.studyOf(input.runId);
        requireStudyAtRest(floor, studyId);
        await floor.project().runs.delete(floor.deletable(input.runId));
        floor.emit({ event: 'run.deleted', runId: input.runId });
        // A damaged study can be told of no more, but its trials can go.
        if (studyId !== null && floor.project().studies.isWhole(studyId)) tellStudy(studyId);
        return none;
      }),
      exportLogs: os.runs.exportLogs.handler(({ input }) => exportLogs(floor.project(), input.runId)),
      inspect: os.runs.inspect.handler(({ input }) =>
        inspectImage(floor, floor.uploads, input.runId, input.image),
      ),
    },
    studies: {
      list: os.studies.list.handler(() => listStudies(floor.project().studies)),
      damaged: os.studies.damaged.handler(() => floor.project().studies.damaged()),
      get: os.studies.get.handler(({ input }) => studyOf(floor.project().studies, input.studyId)),
      start: os.studies.start.handler(({ input }) =>
        startStudy(floor, input.recipe, input.plan, input.name ?? ''),
      ),
      estimate: os.studies.estimate.handler(({ input }) =>
        estimateStudy(floor, input.recipe, input.plan, floor.engineIfFound()),
      ),
      cancel: os.studies.cancel.handler(({ input }) => {
        floor.jobs.cancelStudy(input.studyId);
        return studyOf(floor.project().studies, input.studyId);
      }),
      resume: os.studies.resume.handler(({ input }) => resumeStudy(floor, input.studyId)),
      rename: os.studies.rename.handler(async ({ input: { studyId, name } }) => {
        floor.project().studies.get(studyId);
        await floor.project().studies.update(studyId, { name });
        return tellStudy(studyId);
      }),
      delete: os.studies.delete.handler(async ({ input }) => {
        await deleteStudy(floor, input.studyId);
        return none;
      }),
    },
    evaluations: {
      get: os.evaluations.get.handler(({ input }) =>
        floor.project().runs.evaluation(input.runId, input.split, input.testTime),
      ),
      start: os.evaluations.start.handler(({ input: { runId, split, testTime = 'once' } }) =>
        startEvaluation(floor, runId, { split, testTime }),
      ),
      predictions: os.evaluations.predictions.handler(async ({ input }) => {
        const classIds = floor
          .project()
          .runs.classesOf(input.runId)
          .map(({ id }) => id);
        const found = await floor.predictions!.lookUp(input.runId, input.itemIds);
        return found.map((answer) => answer && { ...answer, classIds });
      }),
    },
    predictions: {
      predict: os.predictions.predict.handler(({ input }) =>
        predictImage(floor, floor.uploads, input.runId, input.image),
      ),
    },
    bundles: {
      export: os.bundles.export.handler(({ input }) => startExport(floor, input.runId, input)),
      get: os.bundles.get.handler(({ input }) => floor.project().runs.bundle(input.runId)),
    },
    jobs: {
      list: os.jobs.list.handler(() => floor.jobs.list()),
      cancel: os.jobs.cancel.handler(({ input }) => (floor.jobs.cancel(input.jobId), none)),
    },
  });
}
