/**
 * One training: a worker of its own, the run's row and events following what it tells, and the evaluation at the
 * end. When the worker dies the run fails, and can be resumed. Who asks for it and when is its turn is train.ts
 * for a run of its own, and studies/ for trials.
 */
import type { Run, Split } from '#contract/entities.ts';
import { AtelierError, toWireError } from '#contract/errors.ts';
import type { Recipe } from '#contract/recipe.ts';
import { listCheckpoints } from '#learning/training/checkpoint-files.ts';
import { outOfMemory } from '#learning/training/out-of-memory.ts';
import type { OpenProject } from '../project/project.ts';
import type { RunChange } from '../project/runs.ts';
import { readSnapshot, type Snapshot, takeSnapshot, writeSnapshot } from '../project/snapshot.ts';
import type { Result } from '../worker/protocol.ts';
import { evaluateRun } from './evaluate.ts';
import { initialOf, tellSeen } from './origin.ts';
import type { JobContext } from './queue.ts';
import { RunWriter } from './run-writer.ts';
import { Worker } from './workers.ts';
import type { Workshop } from './workshop.ts';

export interface TrainingTerms {
  /** Threads of the engine; null takes all cores. */
  threads?: number | null;
  /** Holds after this epoch, to be carried on later by another call; null trains to the end. */
  holdAfter?: number | null;
  /** Parts that are evaluated once it has trained to the end. A study asks for no test. */
  evaluate?: 'none' | 'validation' | 'all';
}

/**
 * Trains a run from where it stands, in a worker of its own; several may be under way at once. The run's state
 * goes from running to finished (held ones too), cancelled or failed, and its events are told as they happen. A
 * snapshot of the data that is in the run's folder already is what it trains on, else one of the project is taken.
 * @throws what ended it, after the run says so: CANCELLED, WORKER_DIED, and all that task `train` throws
 */
export async function carryOutTraining(
  workshop: Workshop,
  project: OpenProject,
  run: Run,
  context: JobContext,
  { threads = null, holdAfter = null, evaluate = 'all' }: TrainingTerms = {},
): Promise<Result<'train'>> {
  const { runs } = project;
  const folder = runs.folderOf(run.id);
  let worker: Worker | null = null;
  let snapshot: Snapshot | null = null;
  /** Stops the worker: cancelled, or what it tells cannot be kept any more. */
  const stop = new AbortController();
  const cancel = () => stop.abort();
  context.signal.addEventListener('abort', cancel);
  const writer = new RunWriter(workshop, runs, run.id, context, stop);

  try {
    workshop.emit({ event: 'run.changed', run: await runs.begin(run.id) });
    const classes = runs.classesOf(run.id);
    snapshot = await readSnapshot(folder);
    if (!snapshot) {
      snapshot = takeSnapshot(
        project.columns,
        classes.map(({ id }) => id),
      );
      await writeSnapshot(folder, snapshot);
    }
    await tellSeen(project, run, snapshot);
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
          resume: (await listCheckpoints(folder)).length > 0,
          initial: await initialOf(folder, run),
          threads,
          holdAfter,
        },
        { signal: stop.signal, onEvent: (event) => writer.take(event) },
      )
      .finally(() => writer.written());
    if (result.bestEpoch > 0) await runs.update(run.id, { imagesPerSecond: result.imagesPerSecond });
    if (result.stopped === 'cancelled') throw new AtelierError('CANCELLED', 'The training was cancelled.');
    if (result.stopped !== 'held') {
      if (run.recipe.training.precision !== 'float32') {
        // What is judged is what is exported, and that computes in float32; an engine cannot change its mind.
        worker.close();
        worker = new Worker(workshop.spawner, 'evaluation', 'evaluate again');
      }
      for (const split of partsOf(evaluate)) {
        if (split === 'test' && project.columns.counts().all.test === 0) continue;
        await evaluateRun(workshop, project, worker, run.id, { split, testTime: 'once' }, context);
      }
    }
    await endRun(workshop, project, run.id, { state: 'finished' });
    return result;
  } catch (thrown) {
    const told = withBatchSize(
      thrown,
      run.recipe,
      runs.classesOf(run.id).length,
      snapshot?.train.length ?? Infinity,
    );
    const error = toWireError(told);
    const cancelled = error.code === 'CANCELLED';
    await endRun(workshop, project, run.id, cancelled ? { state: 'cancelled' } : { state: 'failed', error });
    throw told;
  } finally {
    context.signal.removeEventListener('abort', cancel);
    worker?.close();
  }
}

/** The death of a worker for want of memory, as the error that says what to try. */
function withBatchSize(thrown: unknown, recipe: Recipe, classCount: number, trainingImages: number): unknown {
  const died = thrown instanceof AtelierError && thrown.code === 'WORKER_DIED';
  return died && thrown.details['outOfMemory'] === true
    ? outOfMemory(recipe, classCount, trainingImages, thrown)
    : thrown;
}

const partsOf = (evaluate: NonNullable<TrainingTerms['evaluate']>): Split[] =>
  evaluate === 'all' ? ['validation', 'test'] : evaluate === 'validation' ? ['validation'] : [];

/** Says that a run is at rest, and why. */
export async function endRun(
  workshop: Workshop,
  { runs }: OpenProject,
  runId: string,
  end: Pick<RunChange, 'state' | 'error'>,
): Promise<void> {
  runs.progress.delete(runId);
  runs.paused.delete(runId);
  const ended = await runs.update(runId, { ...end, finishedAt: new Date().toISOString() });
  workshop.emit({ event: 'run.changed', run: ended });
}
