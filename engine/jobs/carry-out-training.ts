/**
 * One training: a worker of its own, the run's row and events following what it tells, and the evaluation at the
 * end. When the worker dies the run fails, and can be resumed. Who asks for it and when is its turn is train.ts
 * for a run of its own, and studies/ for trials.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AtelierError, toWireError } from '#contract/errors.ts';
import type { Run } from '#contract/run.ts';
import { listCheckpoints } from '#learning/training/checkpoint/checkpoint-files.ts';
import type { OpenProject } from '../project/project.ts';
import type { RunChange, RunClass } from '../project/runs.ts';
import { readSnapshot, type Snapshot, takeSnapshot, writeSnapshot } from '../project/snapshot.ts';
import type { Result } from '../worker/protocol.ts';
import { evaluateRun, hasTestImages } from './evaluate.ts';
import { withBatchSize } from './memory.ts';
import { initialOf, tellSeen } from './origin.ts';
import type { JobContext } from './queue.ts';
import { RunWriter } from './run-writer.ts';
import { TimeLeft } from './time-left.ts';
import { rememberTraining, timedTraining } from './timed-training.ts';
import { Worker } from './workers.ts';
import type { JobServices } from './job-services.ts';

interface TrainingTerms {
  /** Threads of the engine; null takes all cores. */
  threads?: number | null;
  /** Holds after this epoch, to be carried on later by another call; null trains to the end. */
  holdAfter?: number | null;
  /** Which parts are evaluated once it has trained to the end: those that there are where absent. A study asks for none, or the first. */
  evaluate?: readonly ('validation' | 'test')[];
  /** Images that it trains on, where these are not the project's training part. */
  trainingImages?: number;
}

/**
 * Trains a run from where it stands, in a worker of its own; several may be under way at once. The run's state
 * goes from running to finished (held ones too), cancelled or failed, and its events are told as they happen. A
 * snapshot of the data that is in the run's folder already is what it trains on, else one of the project is taken.
 * @throws what ended it, after the run says so: CANCELLED, WORKER_DIED, and all that task `train` throws
 */
export async function carryOutTraining(
  services: JobServices,
  project: OpenProject,
  run: Run,
  context: JobContext,
  { threads = null, holdAfter = null, evaluate = ['validation', 'test'], trainingImages }: TrainingTerms = {},
): Promise<Result<'train'>> {
  const { runs } = project;
  const folder = runs.folderOf(run.id);
  let worker: Worker | null = null;
  /** Stops the worker: cancelled, or what it tells cannot be kept any more. */
  const stop = new AbortController();
  const cancel = () => stop.abort();
  context.signal.addEventListener('abort', cancel);
  // Much may have happened on the way here, and what was cancelled before is not told again.
  if (context.signal.aborted) cancel();
  const timed = timedTraining(project, run, { threads, evaluate, trainingImages });
  const writer = new RunWriter(services, runs, run.id, context, stop, timed && new TimeLeft(timed));

  try {
    services.emit({ event: 'run.changed', run: await writer.patiently(() => runs.begin(run.id)) });
    const classes = runs.classesOf(run.id);
    const snapshot = await writer.patiently(() => provideSnapshot(project, run, classes));
    await writer.patiently(() => tellSeen(project, run, snapshot));
    const began = performance.now();
    worker = new Worker(services.spawner, 'training', 'resume to go on');
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
          resume: await hasLearned(folder),
          initial: await initialOf(folder, run),
          threads,
          holdAfter,
        },
        { signal: stop.signal, onEvent: (event) => writer.take(event) },
      )
      .catch((thrown: unknown) => {
        throw withBatchSize(thrown, run.recipe, classes.length, snapshot.train.length);
      })
      .finally(() => writer.written());
    const { imagesPerSecond } = result;
    const seconds = (performance.now() - began) / 1000;
    if (timed && !writer.waited) rememberTraining(timed, runs.get(run.id).engine, result.paces, seconds);
    if (result.bestEpoch > 0) await writer.patiently(() => runs.update(run.id, { imagesPerSecond }));
    if (result.stopped === 'cancelled') throw new AtelierError('CANCELLED', 'The training was cancelled.');
    if (evaluate.length > 0 && result.stopped !== 'held') {
      if (run.recipe.training.precision !== 'float32') {
        // What is judged is what is exported, and that computes in float32; an engine cannot change its mind.
        worker.close();
        worker = new Worker(services.spawner, 'evaluation', 'evaluate again');
      }
      const evaluator = worker;
      for (const split of evaluate) {
        // A sealed test part is evaluated only where a person asks for it.
        if (split === 'test' && (project.testParts.state().sealed || !hasTestImages(project, run.id)))
          continue;
        const question = { split, tta: 'none' } as const;
        await writer.patiently(() => evaluateRun(services, project, evaluator, run.id, question, context));
      }
    }
    await endRun(services, project, run.id, { state: 'finished' }, (work) => writer.patiently(work));
    return result;
  } catch (thrown) {
    const error = toWireError(thrown);
    const cancelled = error.code === 'CANCELLED';
    await endRun(services, project, run.id, cancelled ? { state: 'cancelled' } : { state: 'failed', error });
    throw thrown;
  } finally {
    context.signal.removeEventListener('abort', cancel);
    worker?.close();
  }
}

/** The data it trains on: as it was when it first began, or as it is now. */
async function provideSnapshot(
  project: OpenProject,
  run: Run,
  classes: readonly RunClass[],
): Promise<Snapshot> {
  const folder = project.runs.folderOf(run.id);
  const kept = await readSnapshot(folder);
  if (kept) {
    await tellRemoved(project, run, kept);
    return kept;
  }
  const snapshot = takeSnapshot(
    project.columns,
    classes.map(({ id }) => id),
  );
  await writeSnapshot(folder, snapshot);
  const leftOut = project.columns.counts().all.validation - snapshot.validation.length;
  if (leftOut > 0)
    await project.runs.addNotice(
      run.id,
      `${leftOut} validation images are of classes without training images, so they are left out.`,
    );
  const { unlabelled, excluded } = project.columns.counts();
  for (const [images, what] of [
    [unlabelled, 'unlabelled'],
    [excluded, 'excluded'],
  ] as const) {
    if (images > 0)
      await project.runs.addNotice(
        run.id,
        `${images === 1 ? '1 image is' : `${images} images are`} ${what} and left out.`,
      );
  }
  return snapshot;
}

/** A run goes on with the images that it began with; whoever has removed some since must know. */
async function tellRemoved({ columns, runs }: OpenProject, run: Run, kept: Snapshot): Promise<void> {
  let count = 0;
  for (const part of [kept.train, kept.validation])
    for (const row of part) if (columns.removed[row] || columns.excluded[row]) count += 1;
  if (count === 0) return;
  const notice = `It goes on with the images that it began with: ${count === 1 ? '1 of them was' : `${count} of them were`} removed from the project since, excluded or taken anew. Start a new run to train without them.`;
  await runs.addNotice(run.id, notice);
}

/** Whether there is something to go on from, or to lose: kept weights without checkpoints are not to be overwritten unseen. */
const hasLearned = async (folder: string): Promise<boolean> =>
  (await listCheckpoints(folder)).length > 0 || existsSync(join(folder, 'model.safetensors'));

/**
 * Says that a run is at rest, and why: whoever waits for its end must hear of it, even where the end cannot be
 * written, as on a full disk.
 * @param patiently how it is written; at once, or not at all, where absent
 */
export async function endRun(
  services: Pick<JobServices, 'emit'>,
  { runs }: OpenProject,
  runId: string,
  end: Pick<RunChange, 'state' | 'error'>,
  patiently: (work: () => Promise<unknown>) => Promise<unknown> = (work) => work(),
): Promise<void> {
  runs.progress.delete(runId);
  const change = { ...end, finishedAt: new Date().toISOString() };
  await patiently(() => runs.update(runId, change)).catch(() => runs.ends.overtake(runId, change));
  runs.paused.delete(runId);
  services.emit({ event: 'run.changed', run: runs.get(runId) });
}
