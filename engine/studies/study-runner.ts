/**
 * Carries a study out: several trainings at once, each an ordinary run in an ordinary worker with its share of the
 * cores. What comes next is scheduler.ts, what they train on data.ts. Nothing is kept but the runs and the study's row,
 * so that it can be killed at any moment and resumed.
 */
import { setMaxListeners } from 'node:events';
import { AtelierError, toWireError } from '#contract/errors.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { Study } from '#contract/study.ts';
import { coreCount } from '#learning/cores.ts';
import { keepBudget, summarise } from '#recipe/summary.ts';
import type { JobContext } from '../jobs/queue.ts';
import { carryOutTraining, endRun } from '../jobs/carry-out-training.ts';
import type { JobServices } from '../jobs/job-services.ts';
import type { OpenProject } from '../project/project.ts';
import type { StoredTrial } from '../project/run-rows.ts';
import { readSnapshot, type Snapshot, writeSnapshot } from '../project/snapshot.ts';
import { epochsOf, nextAction, type Step } from './scheduler.ts';
import { type StudyData, studyData } from './data.ts';
import { foldMaker } from './fold-maker.ts';
import { shareCores } from './share-cores.ts';
import { isOpen, type StudyCore, type TrialRun } from '../project/studies.ts';
import { ThrottledNotifier } from './throttled-notifier.ts';
import { trialsInAll } from './view.ts';

/** ChangedOriginals of the machine or the data, which the next trial would meet as well. */
const endsAll = [
  'ENGINE_NOT_FOUND',
  'DISK_FULL',
  'DISK_FAILED',
  'TOO_MANY_FILES',
  'FILE_NOT_WRITABLE',
  'FILE_NOT_READABLE',
  'PROJECT_DAMAGED',
  'PROJECT_LOCKED',
  'PROJECT_READ_ONLY',
  'PROJECT_REPLACED',
  'SOURCE_UNREADABLE',
  'IMAGE_UNREADABLE',
  'INTERNAL',
];

/** @throws what ended it, after the study says so: CANCELLED, or what all trials failed with */
export async function carryOutStudy(
  services: JobServices,
  project: OpenProject,
  studyId: string,
  context: JobContext,
  cores = coreCount(),
): Promise<void> {
  const { studies } = project;
  const runner = new StudyRunner(services, project, studies.get(studyId), context, cores);
  try {
    await studies.update(studyId, { state: 'running' });
    await runner.run();
    await endStudy(services, project, studyId, { state: 'finished', error: null });
  } catch (thrown) {
    const error = toWireError(thrown);
    const end =
      error.code === 'CANCELLED'
        ? ({ state: 'cancelled', error: null } as const)
        : ({ state: 'failed', error } as const);
    await endStudy(services, project, studyId, end);
    throw thrown;
  }
}

/** Says that a study is at rest, and why; also where that cannot be written, as on a full disk. */
export async function endStudy(
  services: Pick<JobServices, 'emit'>,
  project: OpenProject,
  studyId: string,
  end: Pick<Study, 'state' | 'error'>,
): Promise<void> {
  const change = { ...end, finishedAt: new Date().toISOString() };
  await project.studies.update(studyId, change).catch(() => project.studies.ends.overtake(studyId, change));
  new ThrottledNotifier(services, project, studyId).tellNow();
}

class StudyRunner {
  readonly #notifier: ThrottledNotifier;
  readonly #services: JobServices;
  readonly #count: number;
  readonly #threads: number;
  /** Trials at once; fewer where memory did not reach for as many. */
  #parallel: number;
  readonly #underWay = new Map<string, Promise<void>>();
  /** Those under way that had others beside them at any time. */
  readonly #accompanied = new Set<string>();
  readonly #settled = new Set<string>();
  /** Stops all trainings: cancelled, or a fault that the others would meet too. */
  readonly #stop = new AbortController();
  #fault: unknown = null;

  constructor(
    services: JobServices,
    private readonly project: OpenProject,
    private readonly study: StudyCore,
    private readonly context: JobContext,
    cores: number,
  ) {
    this.#notifier = new ThrottledNotifier(services, project, study.id, () => this.#progress());
    this.#services = this.#overhear(services);
    this.#count = trialsInAll(study.plan);
    const { parallel, threads } = shareCores(study.plan, this.#count, cores);
    this.#parallel = parallel;
    this.#threads = threads;
    // As many as there are trials at once; none is forgotten.
    setMaxListeners(0, this.#stop.signal);
  }

  async run(): Promise<void> {
    const { context, study } = this;
    const cancel = () => this.#stop.abort();
    context.signal.addEventListener('abort', cancel);
    try {
      if (context.signal.aborted) cancel();
      this.#notifier.tell();
      const earlier = this.#trials().map(({ runId }) => runId);
      const maker = foldMaker(this.#services, this.project, study.id, context);
      const data = await studyData(this.project, study.plan, earlier, maker);
      while (await this.#fill(data)) await Promise.race(this.#underWay.values());
    } catch (thrown) {
      this.#stopAll(thrown);
    } finally {
      await Promise.all(this.#underWay.values());
      context.signal.removeEventListener('abort', cancel);
      this.#notifier.close();
    }
    if (context.signal.aborted) throw new AtelierError('CANCELLED', 'The study was cancelled.');
    if (this.#fault) throw this.#fault;
    this.#requireWhole();
  }

  #trials(): TrialRun[] {
    return this.project.studies.trials(this.study.id);
  }

  /** Starts trainings while there is room and something to do. @returns whether any is under way */
  async #fill(data: StudyData): Promise<boolean> {
    while (!this.#stop.signal.aborted && this.#underWay.size < this.#parallel) {
      const trials = this.#trials();
      const step = nextAction(
        this.study,
        trials,
        () => this.project.studies.scores(this.study.id),
        new Set(this.#underWay.keys()),
        this.#settled,
      );
      if (!step) break;
      await this.#take(step, trials, data);
    }
    return this.#underWay.size > 0;
  }

  async #take(step: Step, trials: readonly TrialRun[], data: StudyData): Promise<void> {
    if (step.kind === 'start') {
      await this.#start(step, trials[0]?.threads ?? this.#threads, data);
      return;
    }
    const { runId, epochsInAll } = step.trial;
    let trial = storedOf(step.trial);
    if (step.kind === 'promote') {
      const { target } = step;
      trial = { ...trial, target: target !== null && target < epochsInAll ? target : null };
    }
    // On the disk before it begins, so that it is known afterwards how far it was to go.
    await this.project.runs.update(runId, { state: 'queued', error: null, finishedAt: null, trial });
    await this.#launch(runId, trial, data);
  }

  async #start(step: Step & { kind: 'start' }, threads: number, data: StudyData): Promise<void> {
    const { number, values, fold, seed, recipe, name, target } = step;
    const { runs } = this.project;
    const trial: StoredTrial = {
      number,
      values,
      fold,
      seed,
      threads,
      target: target !== null && target < recipe.training.epochs ? target : null,
    };
    const { parameters, fault } = step.fault
      ? { parameters: 0, fault: step.fault }
      : examine(recipe, data.classes.length);
    const run = await runs.create(recipe, name, data.classes, parameters, {
      studyId: this.study.id,
      trial,
    });
    if (!fault) return this.#launch(run.id, trial, data);
    // No recipe or no network can be made of these values: a failed trial, and a lesson for the sampler.
    const failed = await runs.update(run.id, {
      state: 'failed',
      finishedAt: new Date().toISOString(),
      error: toWireError(fault),
    });
    this.#settled.add(run.id);
    this.#services.emit({ event: 'run.changed', run: failed });
  }

  async #launch(runId: string, trial: StoredTrial, data: StudyData): Promise<void> {
    const { runs } = this.project;
    const folder = runs.folderOf(runId);
    let snapshot: Snapshot;
    try {
      runs.requireFolder(runId);
      const kept = await readSnapshot(folder);
      snapshot = kept ?? data.snapshot(trial);
      if (!kept) await writeSnapshot(folder, snapshot);
    } catch (thrown) {
      // No training has it in hand yet: without this it would wait for ever.
      await endRun(this.#services, this.project, runId, { state: 'failed', error: toWireError(thrown) });
      this.#settled.add(runId);
      throw thrown;
    }
    const training = carryOutTraining(
      this.#services,
      this.project,
      runs.get(runId),
      { signal: this.#stop.signal, progress: () => undefined },
      {
        threads: trial.threads,
        holdAfter: trial.target,
        // What each class gains by more images is read off these.
        evaluate: this.study.plan.kind === 'learning-curve' ? ['validation'] : [],
        trainingImages: snapshot.train.length,
      },
    )
      .then(
        () => undefined,
        (thrown: unknown) => this.#failed(runId, thrown),
      )
      .catch((thrown: unknown) => this.#stopAll(thrown));
    this.#underWay.set(
      runId,
      training.finally(() => {
        this.#underWay.delete(runId);
        this.#accompanied.delete(runId);
      }),
    );
    if (this.#underWay.size > 1) for (const each of this.#underWay.keys()) this.#accompanied.add(each);
  }

  /** A failed trial counts as such and the study goes on, unless the others would fail alike. */
  async #failed(runId: string, thrown: unknown): Promise<void> {
    const { code } = toWireError(thrown);
    if (code === 'OUT_OF_MEMORY' && this.#accompanied.has(runId) && !this.#stop.signal.aborted) {
      // Its company may have been the reason, though it too has died since: another try with less of that, from its checkpoint.
      this.#parallel = Math.max(1, Math.min(this.#parallel, this.#underWay.size) - 1);
      await this.project.runs.update(runId, { state: 'queued', error: null, finishedAt: null });
      return;
    }
    this.#settled.add(runId);
    if (this.#stop.signal.aborted) return;
    if (!endsAll.includes(code) && this.project.runs.get(runId).state === 'failed') return;
    this.#stopAll(thrown);
  }

  #stopAll(fault: unknown): void {
    this.#fault ??= fault;
    this.#stop.abort();
  }

  /**
   * @throws the fault of the last trial where all failed; WORKER_DIED where some were not let end, or the fault of a
   * failed fold, without which the answer would be that of another study
   */
  #requireWhole(): void {
    const trials = this.#trials();
    if (trials.length === 0) return;
    if (trials.some(({ state }) => state !== 'failed')) {
      const open = trials.filter(isOpen);
      if (open.length === 0) return this.#requireAllFolds(trials);
      throw new AtelierError(
        'WORKER_DIED',
        `${open.length} of ${trials.length} trials ended before they were done, the first with: ${open[0]!.error?.message ?? 'no reason given.'} The others are whole; resume the study to go on with these.`,
        { trials: trials.length, open: open.map(({ number }) => number) },
      );
    }
    const last = trials[trials.length - 1]!.error;
    throw new AtelierError(
      last?.code ?? 'INTERNAL',
      `All ${trials.length} trials failed, the last one with: ${last?.message ?? 'no reason given.'}`,
      { trials: trials.length },
    );
  }

  /** A mean without the fold that went wrong would be too good. */
  #requireAllFolds(trials: readonly TrialRun[]): void {
    if (this.study.plan.kind !== 'cross-validation') return;
    const failed = trials.find(({ state }) => state === 'failed');
    if (!failed) return;
    const { fold, seed, number, error } = failed;
    throw new AtelierError(
      error?.code ?? 'INTERNAL',
      `Expected all ${trials.length} trainings to end, but ${fold === null ? '' : `fold ${fold} with `}seed ${seed} failed with: ${error?.message ?? 'no reason given.'} The mean of the others says nothing of the whole; change the recipe and start another.`,
      { ...error?.details, trial: number, fold, seed },
    );
  }

  #progress(): void {
    const { done, total } = epochsOf(this.study, this.#trials(), this.#count);
    this.context.progress(done, total, 'epochs');
  }

  /** The same services, listening to what the trials tell. */
  #overhear(services: JobServices): JobServices {
    return {
      version: services.version,
      jobs: services.jobs,
      spawner: services.spawner,
      warm: services.warm,
      temporary: services.temporary,
      project: () => services.project(),
      emit: (event) => {
        services.emit(event);
        if (event.event === 'run.changed') this.#notifier.tell();
      },
    };
  }
}

const storedOf = ({ number, values, fold, seed, threads, target }: TrialRun): StoredTrial => ({
  number,
  values,
  fold,
  seed,
  threads,
  target,
});

/** Parameters of the network, and why it cannot be trained. */
function examine(recipe: Recipe, classCount: number): { parameters: number; fault: unknown } {
  let parameters = 0;
  try {
    const summary = summarise(recipe, classCount);
    ({ parameters } = summary);
    keepBudget(summary);
    return { parameters, fault: null };
  } catch (fault) {
    return { parameters, fault };
  }
}
