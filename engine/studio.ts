/**
 * The studio: every command of the contract, a line each. Its state is floor.ts; what a command does is in
 * the rooms it calls. Loads no native machine learning.
 */
import { implement } from '@orpc/server';
import { commands } from '#contract/commands.ts';
import { presetNames } from '#contract/recipe.ts';
import type { ResourceRequest, ResourceResponse } from '#contract/resources.ts';
import { presets } from '#learning/model/presets.ts';
import { summarise } from '#learning/model/summary.ts';
import { projectsFolder } from './app-root.ts';
import { Floor, type StudioOptions as FloorOptions } from './floor.ts';
import { startEvaluation } from './jobs/evaluate.ts';
import { startExport } from './jobs/export.ts';
import { startImport } from './jobs/import.ts';
import { predictImage, previewRecipe } from './jobs/predict.ts';
import { resumeTraining, startTraining, trainableClasses } from './jobs/train.ts';
import { recentProjects } from './recent.ts';
import { answerResource } from './resources.ts';

export interface StudioOptions extends FloorOptions {
  /** Whether clients may have any file of this machine classified: those of this program may, a browser may not. */
  paths: boolean;
}

export interface Studio {
  router: ReturnType<typeof createRouter>;
  /** @throws AtelierError, which the transport turns into a status */
  resources(request: ResourceRequest): Promise<ResourceResponse>;
  /** Cancels what runs, ends the workers and lets go of the project. */
  close(): Promise<void>;
}

export function createStudio(options: StudioOptions): Studio {
  const floor = new Floor(options);
  return {
    router: createRouter(floor, options),
    async resources(request) {
      await floor.opened;
      return answerResource(floor, floor.uploads, request);
    },
    close: () => floor.close(),
  };
}

function createRouter(floor: Floor, { desktop, version, paths }: StudioOptions) {
  // Every command waits for the project named at the start; afterwards this costs nothing.
  const os = implement(commands).use(async ({ next }) => {
    await floor.opened;
    return next();
  });
  const none = {};
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

  return os.router({
    studio: {
      about: os.studio.about.handler(async () => ({
        version,
        engine: await floor.engine(),
        desktop,
        projectsFolder: projectsFolder(),
      })),
      events: os.studio.events.handler(async ({ signal }) => floor.events.subscribe(signal)),
      recent: os.studio.recent.handler(() => recentProjects()),
    },
    project: {
      current: os.project.current.handler(() => floor.current()),
      create: os.project.create.handler(({ input }) => floor.create(input.path, input.name)),
      open: os.project.open.handler(({ input }) => floor.open(input.path)),
      close: os.project.close.handler(async () => (await floor.closeProject(), none)),
      redrawSplit: os.project.redrawSplit.handler(async ({ input }) => {
        await floor.project().redrawSplit(input.validationShare, input.seed);
        floor.emit({ event: 'items.changed', itemIds: [] });
        return floor.changed([]);
      }),
    },
    sources: {
      import: os.sources.import.handler(({ input }) =>
        startImport(floor, floor.uploads, input.source, (jobId, report) => floor.keepReport(jobId, report)),
      ),
      report: os.sources.report.handler(({ input }) => floor.report(input.jobId)),
      setAside: os.sources.setAside.handler(() => floor.project().setAside()),
    },
    items: {
      list: os.items.list.handler(async ({ input: { filter, offset, limit } }) =>
        floor
          .project()
          .items(filter, offset, limit, filter.cell ? await floor.answers!.cell(filter.cell) : null),
      ),
      get: os.items.get.handler(({ input }) => floor.project().item(input.itemId)),
      relabel: os.items.relabel.handler(async ({ input }) =>
        floor.changed(await floor.project().relabel(input.itemIds, input.classId)),
      ),
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
    },
    journal: {
      undo: os.journal.undo.handler(() => step('undo')),
      redo: os.journal.redo.handler(() => step('redo')),
    },
    recipes: {
      presets: os.recipes.presets.handler(() => ({
        presets: presetNames.map((preset) => ({ preset, ...presets[preset] })),
      })),
      summarise: os.recipes.summarise.handler(({ input }) =>
        summarise(input.recipe, Math.max(2, trainableClasses(floor.project()).length)),
      ),
      preview: os.recipes.preview.handler(({ input }) => previewRecipe(floor, input)),
    },
    runs: {
      list: os.runs.list.handler(() => floor.project().runs.list()),
      get: os.runs.get.handler(({ input }) => floor.project().runs.get(input.runId)),
      start: os.runs.start.handler(({ input }) => startTraining(floor, input.recipe, input.name ?? '')),
      cancel: os.runs.cancel.handler(({ input }) => {
        floor.jobs.cancelRun(input.runId);
        return floor.project().runs.get(input.runId);
      }),
      resume: os.runs.resume.handler(({ input }) => resumeTraining(floor, input.runId)),
      rename: os.runs.rename.handler(async ({ input }) => {
        floor.project().runs.get(input.runId);
        const run = await floor.project().runs.update(input.runId, { name: input.name });
        floor.emit({ event: 'run.changed', run });
        return run;
      }),
      delete: os.runs.delete.handler(async ({ input }) => {
        await floor.project().runs.delete(floor.deletable(input.runId));
        floor.emit({ event: 'run.deleted', runId: input.runId });
        return none;
      }),
    },
    evaluations: {
      get: os.evaluations.get.handler(({ input }) =>
        floor.project().runs.evaluation(input.runId, input.split),
      ),
      start: os.evaluations.start.handler(({ input }) => startEvaluation(floor, input.runId, input.split)),
      predictions: os.evaluations.predictions.handler(async ({ input }) => {
        const classIds = floor
          .project()
          .runs.classesOf(input.runId)
          .map(({ id }) => id);
        const found = await floor.answers!.lookUp(input.runId, input.itemIds);
        return found.map((answer) => answer && { ...answer, classIds });
      }),
    },
    predictions: {
      predict: os.predictions.predict.handler(({ input }) =>
        predictImage(floor, floor.uploads, input.runId, input.image, paths),
      ),
    },
    bundles: {
      export: os.bundles.export.handler(({ input }) => startExport(floor, input.runId, input.path)),
      get: os.bundles.get.handler(({ input }) => floor.project().runs.bundle(input.runId)),
    },
    jobs: {
      list: os.jobs.list.handler(() => floor.jobs.list()),
      cancel: os.jobs.cancel.handler(({ input }) => (floor.jobs.cancel(input.jobId), none)),
    },
  });
}
