/**
 * Job `train`: a run from its recipe to its evaluation, in a worker of its own. The run's row and events
 * follow what the worker tells; when the worker dies, the run fails, and can be resumed.
 */
import { existsSync, readdirSync } from 'node:fs';
import type { Run } from '#contract/entities.ts';
import { AtelierError, toWireError } from '#contract/errors.ts';
import type { Recipe } from '#contract/recipe.ts';
import { keepBudget, summarise } from '#learning/model/summary.ts';
import type { OpenProject } from '../project/project.ts';
import type { RunChange } from '../project/runs.ts';
import { readSnapshot, takeSnapshot, writeSnapshot } from '../project/snapshot.ts';
import type { TrainEvent } from '../worker/protocol.ts';
import { evaluateRun } from './evaluate.ts';
import { type JobContext, projectCloses } from './queue.ts';
import { Worker } from './workers.ts';
import type { Workshop } from './workshop.ts';

/** Classes that a network for this project answers with: those that have images. */
export function trainableClasses(project: OpenProject) {
  return project
    .classes()
    .filter(({ counts }) => counts.total > 0)
    .map(({ id, name }) => ({ id, name }));
}

/** @throws NOT_ENOUGH_DATA, RECIPE_INVALID, BUDGET_EXCEEDED */
export async function startTraining(workshop: Workshop, recipe: Recipe, name: string): Promise<Run> {
  const project = workshop.project();
  const classes = trainableClasses(project);
  const { train, validation } = project.columns.counts().all;
  if (classes.length < 2 || train === 0 || validation === 0) {
    throw new AtelierError(
      'NOT_ENOUGH_DATA',
      `Expected images of at least two classes, some to train and some to validate; received ${classes.length} classes, ${train} training and ${validation} validation images. Import more.`,
      { classes: classes.length, train, validation },
    );
  }
  const summary = summarise(recipe, classes.length);
  keepBudget(summary);
  const run = await project.runs.create(recipe, name, classes, summary.parameters);
  enqueue(workshop, project, run);
  return run;
}

/** Goes on from the last checkpoint. @throws NOT_FOUND, CONFLICT where the run is under way or done */
export async function resumeTraining(workshop: Workshop, runId: string): Promise<Run> {
  const project = workshop.project();
  const run = project.runs.get(runId);
  if (workshop.jobs.hasOpen(runId)) {
    throw new AtelierError(
      'CONFLICT',
      `Expected a run at rest; a job of ${run.name} is under way. Wait for its end, or cancel it first.`,
      { runId },
    );
  }
  if (run.state !== 'cancelled' && run.state !== 'failed') {
    throw new AtelierError(
      'CONFLICT',
      `Expected a run that was cancelled or failed; ${run.name} is ${run.state}. Start a new one.`,
      { runId, state: run.state },
    );
  }
  const queued = await project.runs.update(runId, { state: 'queued', error: null, finishedAt: null });
  enqueue(workshop, project, queued);
  return queued;
}

/** @throws CONFLICT, NO_PROJECT where the project was left while the run was being written */
function enqueue(workshop: Workshop, project: OpenProject, run: Run): void {
  if (workshop.project() !== project) throw projectCloses();
  workshop.emit({ event: 'run.changed', run });
  workshop.jobs.start(
    { kind: 'train', title: `Train ${run.name}`, runId: run.id },
    'training',
    (context) => trainRun(workshop, project, run, context),
    () => endRun(workshop, project, run.id, { state: 'cancelled' }),
  );
}

async function endRun(
  workshop: Workshop,
  { runs }: OpenProject,
  runId: string,
  end: Pick<RunChange, 'state' | 'error'>,
): Promise<void> {
  runs.progress.delete(runId);
  const ended = await runs.update(runId, { ...end, finishedAt: new Date().toISOString() });
  workshop.emit({ event: 'run.changed', run: ended });
}

async function trainRun(
  workshop: Workshop,
  project: OpenProject,
  run: Run,
  context: JobContext,
): Promise<void> {
  const { runs } = project;
  const folder = runs.folderOf(run.id);
  const { signal } = context;
  let worker: Worker | null = null;
  /** Stops the worker: cancelled, or what it tells cannot be kept any more. */
  const stop = new AbortController();
  signal.addEventListener('abort', () => stop.abort());
  /** Writes of events, in their order; the run's end comes after them. */
  let written: Promise<unknown> = Promise.resolve();
  const write = (work: () => Promise<unknown>) => {
    written = written.then(work).then(() => workshop.emit({ event: 'run.changed', run: runs.get(run.id) }));
    written.catch(() => stop.abort());
  };

  const onEvent = (event: TrainEvent) => {
    switch (event.kind) {
      case 'step':
        context.progress(event.done, event.total, event.unit);
        break;
      case 'started': {
        const { engine, parameters, steps } = event;
        runs.progress.set(run.id, { step: 0, steps, secondsLeft: null, imagesPerSecond: 0 });
        write(() => runs.update(run.id, { engine, parameters }));
        break;
      }
      case 'progress': {
        const { step, steps, secondsLeft, imagesPerSecond } = event;
        runs.progress.set(run.id, { step, steps, secondsLeft, imagesPerSecond });
        context.progress(step, steps, 'steps', secondsLeft);
        workshop.emit({
          event: 'run.progress',
          runId: run.id,
          step,
          steps,
          epoch: event.epoch,
          epochs: event.epochs,
          loss: event.loss,
          accuracy: event.accuracy,
          learningRate: event.learningRate,
          imagesPerSecond,
          secondsLeft,
        });
        break;
      }
      case 'epoch': {
        const { epoch, best } = event;
        write(async () => {
          await runs.addEpoch(run.id, epoch, best);
          workshop.emit({ event: 'run.epoch', runId: run.id, epoch });
        });
        break;
      }
      case 'checkpoint-rejected': {
        const { file, reason } = event;
        write(() => runs.addNotice(run.id, `${file} is damaged and was passed over. ${reason}`));
        break;
      }
      case 'resumed': {
        const { epochs, bestEpoch } = event;
        write(() => runs.setEpochs(run.id, epochs, bestEpoch));
        break;
      }
      default:
        event satisfies never;
    }
  };

  try {
    workshop.emit({ event: 'run.changed', run: await runs.begin(run.id) });
    const classes = runs.classesOf(run.id);
    let snapshot = await readSnapshot(folder);
    if (!snapshot) {
      snapshot = takeSnapshot(
        project.columns,
        classes.map(({ id }) => id),
      );
      await writeSnapshot(folder, snapshot);
    }
    worker = new Worker(workshop.spawner, 'training', 'resume to go on');
    // Where a write failed, that is the error, not the cancel that it led to.
    const result = await worker
      .run(
        'train',
        {
          project: project.path,
          folder,
          recipe: run.recipe,
          classCount: classes.length,
          lastItemId: snapshot.lastItemId,
          resume: existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('checkpoint-')),
        },
        { signal: stop.signal, onEvent },
      )
      .finally(() => written);
    if (result.bestEpoch > 0) await runs.update(run.id, { imagesPerSecond: result.imagesPerSecond });
    if (result.stopped === 'cancelled') throw new AtelierError('CANCELLED', 'The training was cancelled.');
    for (const split of ['validation', 'test'] as const) {
      if (split === 'test' && project.columns.counts().all.test === 0) continue;
      await evaluateRun(workshop, project, worker, run.id, split, context);
    }
    await endRun(workshop, project, run.id, { state: 'finished' });
  } catch (thrown) {
    const error = toWireError(thrown);
    const cancelled = error.code === 'CANCELLED';
    await endRun(workshop, project, run.id, cancelled ? { state: 'cancelled' } : { state: 'failed', error });
    throw thrown;
  } finally {
    worker?.close();
  }
}
