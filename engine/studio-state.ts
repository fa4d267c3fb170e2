/**
 * The studio's state: the open project, the jobs, the workers, who listens. Opens and closes projects, one
 * after another; the commands are studio.ts.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AtelierError, toWireError, type WireError } from '#contract/errors.ts';
import type { ImportPlan, ImportReport } from '#contract/import.ts';
import type { PrecisionReport, RateSearch, Tried } from '#contract/probes.ts';
import type { CountsChange, Project } from '#contract/project.ts';
import type { EngineInfo } from '#contract/run.ts';
import type { SplitReport } from '#contract/splits.ts';
import type { SourceUpdate } from '#contract/sources.ts';
import type { Job } from '#contract/job.ts';
import { stillTraining, trainingNames } from '#contract/still-training.ts';
import { Events } from './events.ts';
import { Jobs, projectCloses } from './jobs/queue.ts';
import { readFacts } from './jobs/facts.ts';
import { readMap } from './jobs/map.ts';
import type { Rescan } from './jobs/rescan.ts';
import { JobResults } from './jobs/results.ts';
import { Suggestions } from './jobs/suggestions.ts';
import { forkWorker, type Spawner, WarmWorker } from './jobs/workers.ts';
import type { JobServices } from './jobs/job-services.ts';
import { requireOrdinaryPlace } from './places.ts';
import { FindingStore } from './project/finding-store.ts';
import { PredictionStore } from './project/prediction-store.ts';
import { projectFolder } from './project/folder.ts';
import { OpenProject } from './project/project.ts';
import { rememberProject } from './recent.ts';
import { makeTemporary } from './temporary.ts';
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

/** What a worker found out about the engine of this machine. */
interface EngineFinding {
  engine: EngineInfo | null;
  /** Why there is none. */
  error: WireError | null;
}

/** The studio's state, and the services that jobs are handed. */
export class StudioState implements JobServices {
  readonly version: string;
  readonly events = new Events();
  readonly jobs = new Jobs((job) => this.emit({ event: 'job.changed', job }));
  readonly spawner: Spawner;
  readonly warm: WarmWorker;
  readonly #temporary = makeTemporary();
  readonly temporary = this.#temporary.path;
  readonly uploads: Uploads;
  readonly plans = new JobResults<ImportPlan>('inspection');
  readonly reports = new JobResults<ImportReport>('import');
  readonly rateSearches = new JobResults<Tried<RateSearch>>('learning-rate search');
  readonly rescans = new JobResults<Rescan>('re-scan');
  readonly updates = new JobResults<SourceUpdate>('update');
  readonly splits = new JobResults<SplitReport>('draw of parts');
  readonly precisionReports = new JobResults<Tried<PrecisionReport>>('comparison of precisions');
  /** Settled when the project named at the start is open, or could not be. */
  readonly opened: Promise<void>;
  predictions: PredictionStore | null = null;
  #findings: FindingStore | null = null;
  /** Of the open project. */
  #suggestions: Suggestions | null = null;
  #project: OpenProject | null = null;
  #openFault: unknown = null;
  #engine: Promise<EngineFinding> | null = null;
  #engineFound: EngineFinding | null = null;
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
    if (this.jobs.closing) throw projectCloses();
    if (this.#project) return this.#project;
    throw new AtelierError('NO_PROJECT', 'Expected an open project, but none is. Open or create one first.');
  }

  /** @throws NO_PROJECT */
  suggestions(): Suggestions {
    this.project();
    return this.#suggestions!;
  }

  /** @throws NO_PROJECT */
  findings(): FindingStore {
    this.project();
    return this.#findings!;
  }

  /** @throws why the open project cannot be changed; nothing where none is open */
  requireWritable(): void {
    this.#project?.requireWritable();
  }

  /** The open project; a fault of opening it at the start is told once. */
  current(): Project | null {
    const fault = this.#openFault;
    this.#openFault = null;
    if (fault) throw fault;
    return this.#project?.summary() ?? null;
  }

  /** @param whileTraining says yes to cancelling the trainings of the project that is open. @throws CONFLICT without it */
  create(path: string, name: string | undefined, whileTraining = false): Promise<Project> {
    requireOrdinaryPlace(path, 'FILE_NOT_WRITABLE');
    return this.replace(() => OpenProject.create(path, name, this.#program()), { whileTraining });
  }

  /** As `create`; the project that is open already stays open. */
  open(path: string, whileTraining = false): Promise<Project> {
    requireOrdinaryPlace(path, 'PROJECT_NOT_FOUND');
    return this.replace(() => OpenProject.open(path, this.#program()), { path, whileTraining });
  }

  /** Opens another project; the one before is closed only when that has worked. */
  replace(
    open: () => Promise<OpenProject>,
    { path, whileTraining = false }: { path?: string; whileTraining?: boolean } = {},
  ): Promise<Project> {
    return this.#inTurn(async () => {
      if (
        path !== undefined &&
        this.#project &&
        [resolve(path), projectFolder(path)].includes(this.#project.path)
      ) {
        if (!this.#project.stopped) return this.#project.summary();
        // Opened again to work on what is there now; its lock would be in the way.
        await this.#leave();
        this.emit({ event: 'project.changed', project: null });
      }
      if (!whileTraining) refuseWhileTraining(this.jobs.list());
      const next = await open();
      try {
        // Another client may have started one meanwhile.
        if (!whileTraining) refuseWhileTraining(this.jobs.list());
      } catch (thrown) {
        await next.close();
        throw thrown;
      }
      await this.#leave();
      await Promise.all([readMap(next), readFacts(next)]);
      next.onStopped(() => this.emit({ event: 'project.changed', project: next.summary() }));
      this.#project = next;
      this.predictions = new PredictionStore(next.runs);
      this.#findings = new FindingStore(next);
      this.#suggestions = new Suggestions(this, next);
      const summary = next.summary();
      rememberProject(summary);
      this.emit({ event: 'project.changed', project: summary });
      return summary;
    });
  }

  /** @throws CONFLICT while something trains, without `whileTraining` */
  closeProject(whileTraining = false): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#project) return;
      if (!whileTraining) refuseWhileTraining(this.jobs.list());
      await this.#leave();
      this.emit({ event: 'project.changed', project: null });
    });
  }

  /** Leaves a project that was just made and that nothing came into, as if it had not been made. @throws NO_PROJECT, CONFLICT */
  discardProject(): Promise<void> {
    return this.#inTurn(async () => {
      const project = this.project();
      // Nothing is cancelled for a project that is to stay.
      project.requireBlank();
      await this.#leave(() => project.discard());
      this.emit({ event: 'project.changed', project: null });
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work, work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #leave(close = async (project: OpenProject) => project.close()): Promise<void> {
    await this.jobs.close(async () => {
      this.#suggestions?.close();
      this.#suggestions = null;
      if (this.#project) await close(this.#project);
      this.#project = null;
      this.predictions = null;
      this.#findings = null;
      // What was tried on these images says nothing of others.
      this.rateSearches.clear();
      this.precisionReports.clear();
      this.rescans.clear();
      this.splits.clear();
    });
  }

  /** Announces labels that were given, with no more of the project than they change. */
  labelled(
    project: OpenProject,
    { itemIds, classIds }: { itemIds: number[]; classIds: number[] },
  ): CountsChange {
    const change = project.countsChange(classIds);
    if (itemIds.length > 0) {
      this.emit({ event: 'items.changed', itemIds });
      this.emit({ event: 'counts.changed', change });
      this.#suggestions?.labelsChanged();
    }
    return change;
  }

  /** Announces a change of labels, classes or splits. */
  changed(itemIds: number[]): Project {
    // What is done is told, even where the project is being closed.
    const project = (this.#project ?? this.project()).summary();
    if (itemIds.length > 0) this.emit({ event: 'items.changed', itemIds });
    this.emit({ event: 'project.changed', project });
    this.#suggestions?.labelsChanged();
    return project;
  }

  /** Asks a worker, once where it found one, and waits for its answer: no time-out is an absence. */
  engine(): Promise<EngineFinding> {
    this.#engine ??= this.warm
      .run('doctor', {})
      .then((engine): EngineFinding => ({ engine, error: null }))
      .catch((thrown: unknown): EngineFinding => {
        // It may be there when it is asked for again: a worker may die, a library may be put in place.
        this.#engine = null;
        return { engine: null, error: toWireError(thrown) };
      })
      .then((finding) => (this.#engineFound = finding));
    return this.#engine;
  }

  /** The engine, where a worker was asked for it before; asks none. */
  engineIfFound(): EngineInfo | null {
    return this.#engineFound?.engine ?? null;
  }

  /** What is known by now; null while it is being looked for. */
  engineSoFar(): EngineFinding | null {
    void this.engine();
    return this.#engineFound;
  }

  deletable(runId: string): string {
    if (!this.jobs.hasOpen(runId)) return runId;
    throw new AtelierError('CONFLICT', `Run ${runId} is still running. Cancel it first.`, {
      runId,
    });
  }

  async close(): Promise<void> {
    await this.closeProject(true);
    this.warm.close();
    this.events.close();
    this.#temporary.remove();
  }
}

/** @throws CONFLICT with the names of what trains, in `training` */
function refuseWhileTraining(jobs: readonly Job[]): void {
  const training = trainingNames(jobs);
  if (training.length === 0) return;
  throw new AtelierError(
    'CONFLICT',
    `The project cannot be left yet: ${stillTraining(training)}. Leaving the project cancels it, and it can be resumed later: cancel it first, or leave with whileTraining.`,
    { training },
  );
}
