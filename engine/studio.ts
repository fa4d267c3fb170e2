/**
 * The studio: every command of the contract, a line each. Owns the open project, the jobs and the workers;
 * what a command does is in the rooms it calls. Loads no native machine learning.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { implement } from '@orpc/server';
import { commands } from '#contract/commands.ts';
import type { EngineInfo, ImportReport, Project } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import { presetNames } from '#contract/recipe.ts';
import type { ResourceRequest, ResourceResponse } from '#contract/resources.ts';
import { presets } from '#learning/model/presets.ts';
import { summarise } from '#learning/model/summary.ts';
import { projectsFolder } from './app-root.ts';
import { Events } from './events.ts';
import { startEvaluation } from './jobs/evaluate.ts';
import { startExport } from './jobs/export.ts';
import { startImport } from './jobs/import.ts';
import { predictImage, previewRecipe } from './jobs/predict.ts';
import { Jobs } from './jobs/queue.ts';
import { resumeTraining, startTraining, trainableClasses } from './jobs/train.ts';
import { forkWorker, type Spawner, WarmWorker } from './jobs/workers.ts';
import type { Workshop } from './jobs/workshop.ts';
import { AnswerShelf } from './project/answers.ts';
import { OpenProject, projectFolder } from './project/project.ts';
import { recentProjects, rememberProject } from './recent.ts';
import { answerResource } from './resources.ts';
import { Uploads } from './uploads.ts';

export interface StudioOptions {
  /** True in Electron. */
  desktop: boolean;
  version: string;
  /** Path of a project to open at once. */
  openProject?: string;
  /** How worker processes are started; plain Node processes unless told otherwise. */
  spawner?: Spawner;
}

export interface Studio {
  router: ReturnType<typeof createRouter>;
  /** @throws AtelierError, which the transport turns into a status */
  resources(request: ResourceRequest): Promise<ResourceResponse>;
  /** Cancels what runs, ends the workers and lets go of the project. */
  close(): Promise<void>;
}

const engineWaitMilliseconds = 5000;

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

/** The studio's state, and the workshop that jobs are handed. */
class Floor implements Workshop {
  readonly version: string;
  readonly events = new Events();
  readonly jobs = new Jobs((job) => this.emit({ event: 'job.changed', job }));
  readonly spawner: Spawner;
  readonly warm: WarmWorker;
  readonly temporary = mkdtempSync(join(tmpdir(), 'atelier-'));
  readonly uploads: Uploads;
  readonly reports = new Map<string, ImportReport>();
  /** Settled when the project named at the start is open, or could not be. */
  readonly opened: Promise<void>;
  answers: AnswerShelf | null = null;
  #project: OpenProject | null = null;
  #openFault: unknown = null;
  #engine: Promise<EngineInfo | null> | null = null;
  /** Opening and closing go one after another. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: StudioOptions) {
    this.version = options.version;
    this.spawner = options.spawner ?? forkWorker;
    this.warm = new WarmWorker(this.spawner);
    const uploads = join(this.temporary, 'uploads');
    mkdirSync(uploads);
    this.uploads = new Uploads(uploads);
    const { openProject } = options;
    this.opened = openProject
      ? this.replace(() => OpenProject.open(openProject, this.#program())).then(
          () => undefined,
          (fault) => void (this.#openFault = fault),
        )
      : Promise.resolve();
  }

  #program = () => (this.options.desktop ? 'Atelier' : 'atelier');

  emit(event: Parameters<Events['emit']>[0]): void {
    this.events.emit(event);
  }

  project(): OpenProject {
    if (this.#project) return this.#project;
    throw new AtelierError('NO_PROJECT', 'Expected an open project, but none is. Open or create one first.');
  }

  /** The open project; a fault of opening it at the start is told once. */
  current(): Project | null {
    const fault = this.#openFault;
    this.#openFault = null;
    if (fault) throw fault;
    return this.#project?.summary() ?? null;
  }

  create = (path: string, name: string | undefined) =>
    this.replace(() => OpenProject.create(path, name, this.#program()));

  open = (path: string) => this.replace(() => OpenProject.open(path, this.#program()), path);

  /** Opens another project; the one before is closed only when that has worked. */
  replace(open: () => Promise<OpenProject>, path?: string): Promise<Project> {
    return this.#inTurn(async () => {
      if (
        path !== undefined &&
        this.#project &&
        [resolve(path), projectFolder(path)].includes(this.#project.path)
      ) {
        return this.#project.summary();
      }
      const next = await open();
      await this.#leave();
      this.#project = next;
      this.answers = new AnswerShelf(next.runs);
      const summary = next.summary();
      rememberProject(summary);
      this.emit({ event: 'project.changed', project: summary });
      return summary;
    });
  }

  closeProject(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#project) return;
      await this.#leave();
      this.emit({ event: 'project.changed', project: null });
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work, work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #leave(): Promise<void> {
    await this.jobs.cancelAll();
    await this.#project?.close();
    this.#project = null;
    this.answers = null;
  }

  /** Announces a change of labels, classes or splits. */
  changed(itemIds: number[]): Project {
    const project = this.project().summary();
    if (itemIds.length > 0) this.emit({ event: 'items.changed', itemIds });
    this.emit({ event: 'project.changed', project });
    return project;
  }

  /** Asks a worker once; null where no engine works, or where it takes too long to tell. */
  engine(): Promise<EngineInfo | null> {
    this.#engine ??= this.warm.run('doctor', {}).catch(() => {
      this.#engine = null;
      return null;
    });
    const tooLong = new Promise<null>((resolve) =>
      setTimeout(() => resolve(null), engineWaitMilliseconds).unref(),
    );
    return Promise.race([this.#engine, tooLong]);
  }

  keepReport(jobId: string, report: ImportReport): void {
    this.reports.set(jobId, report);
    if (this.reports.size > 20) this.reports.delete(this.reports.keys().next().value!);
  }

  report(jobId: string): ImportReport {
    const report = this.reports.get(jobId);
    if (report) return report;
    throw new AtelierError('NOT_FOUND', `Expected a finished import, received ${jobId}.`, { jobId });
  }

  deletable(runId: string): string {
    if (!this.jobs.hasOpen(runId)) return runId;
    throw new AtelierError('CONFLICT', 'Expected a run at rest, but it is under way. Cancel it first.', {
      runId,
    });
  }

  async close(): Promise<void> {
    await this.closeProject();
    this.warm.close();
    this.events.close();
    rmSync(this.temporary, { recursive: true, force: true });
  }
}

function createRouter(floor: Floor, { desktop, version }: StudioOptions) {
  // Every command waits for the project named at the start; afterwards this costs nothing.
  const os = implement(commands).use(async ({ next }) => {
    await floor.opened;
    return next();
  });
  const none = {};

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
      undo: os.journal.undo.handler(async () => floor.changed(await floor.project().step('undo'))),
      redo: os.journal.redo.handler(async () => floor.changed(await floor.project().step('redo'))),
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
        predictImage(floor, floor.uploads, input.runId, input.image),
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
