/**
 * Jobs that train briefly to answer a question about a recipe, and keep nothing but the answer: which learning rate,
 * and whether bfloat16 is worth having here. The measuring is learning/training's; no run is made.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from '#contract/job.ts';
import type { PrecisionReport, RateSearch } from '#contract/probes.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { Precision } from '#recipe/training.ts';
import type { Origin } from '#contract/run.ts';
import { initialFile } from '#learning/training/checkpoint/checkpoint-files.ts';
import { comparePrecisions } from '#learning/training/probes/compare-precisions.ts';
import { takeSnapshot, writeSnapshot } from '../project/snapshot.ts';
import type { ProbeInput } from '../worker/protocol.ts';
import { withBatchSize } from './memory.ts';
import { keepInitial, readOrigin } from './origin.ts';
import { type JobContext, projectCloses } from './queue.ts';
import { requireTrainable, requireUnfrozen } from './train.ts';
import { followedBy, inWorker, type Worker } from './workers.ts';
import type { JobServices } from './job-services.ts';

/** Of each precision: enough for the losses to be compared after the first noise. */
const precisionSteps = 100;

/** What a task of a probe is handed beside the recipe. */
type Ground = Omit<ProbeInput, 'recipe'>;

/** What is tried, and what the run would begin with: random weights where absent. */
export interface Beginning {
  recipe: Recipe;
  origin?: Origin | undefined;
}

async function readBeginning(services: JobServices, recipe: Recipe, origin: Origin | undefined) {
  const project = services.project();
  if (!origin) requireUnfrozen(recipe);
  const { classes } = requireTrainable(project, recipe);
  const initial = origin ? await readOrigin(services, project, origin, classes) : null;
  if (services.project() !== project) throw projectCloses();
  return { project, classes, initial };
}

/** @param origin what the run would begin with; random weights where absent @throws as `startTraining` does */
export async function startRateSearch(
  services: JobServices,
  { recipe, origin }: Beginning,
  onResult: (jobId: string, result: RateSearch) => void,
): Promise<Job> {
  const beginning = await readBeginning(services, recipe, origin);
  const job = services.jobs.start(
    { kind: 'find-learning-rate', title: `Find a learning rate for ${recipe.name}`, runId: null },
    'training',
    (context) =>
      withGround(beginning, recipe, async (ground) => {
        const result = await inWorker(services.spawner, ['learning-rate search', 'try again'], (worker) =>
          worker.run('find-learning-rate', { ...ground, recipe }, followedBy(context)),
        );
        onResult(job.id, result);
      }),
  );
  return job;
}

/** @param origin what the run would begin with; random weights where absent @throws as `startTraining` does */
export async function startPrecisionComparison(
  services: JobServices,
  { recipe, origin }: Beginning,
  onResult: (jobId: string, result: PrecisionReport) => void,
): Promise<Job> {
  const beginning = await readBeginning(services, recipe, origin);
  const job = services.jobs.start(
    { kind: 'compare-precision', title: `Compare precisions of ${recipe.name}`, runId: null },
    'training',
    (context) =>
      withGround(beginning, recipe, async (ground) => {
        const report = await comparePrecision(services, recipe, ground, context);
        onResult(job.id, report);
      }),
  );
  return job;
}

async function comparePrecision(
  services: JobServices,
  recipe: Recipe,
  ground: Ground,
  context: JobContext,
): Promise<PrecisionReport> {
  const nothing = { losses: [], imagesPerSecond: 0 };
  const measure = async (worker: Worker, precision: Precision) =>
    worker.run(
      'measure-precision',
      {
        ...ground,
        recipe: { ...recipe, training: { ...recipe.training, precision } },
        steps: precisionSteps,
      },
      followedBy(context),
    );
  const words = ['precision comparison', 'try again'] as const;
  const { unavailable, float32 } = await inWorker(services.spawner, words, async (worker) => {
    const { bfloat16: why } = await worker.run('doctor', {}, { signal: context.signal });
    return { unavailable: why, float32: why === null ? await measure(worker, 'float32') : nothing };
  });
  if (unavailable !== null) {
    return { unavailable, steps: 0, float32, bfloat16: null, largestDifference: null, recommended: false };
  }
  const bfloat16 = await inWorker(services.spawner, words, (worker) => measure(worker, 'bfloat16'));
  // Losses end before the first that is no finite number: then there is nothing to follow.
  const whole = [float32, bfloat16].every(({ losses }) => losses.length === precisionSteps);
  const comparison = whole
    ? comparePrecisions(float32, bfloat16)
    : { largestDifference: null, recommended: false };
  return { unavailable, steps: precisionSteps, float32, bfloat16, ...comparison };
}

/** A folder with the project's data as it is now, gone when the work is done; what a crash leaves is removed at the next opening. */
async function withGround(
  { project, classes, initial }: Awaited<ReturnType<typeof readBeginning>>,
  recipe: Recipe,
  work: (ground: Ground) => Promise<void>,
): Promise<void> {
  const folder = project.packPath(`probe-${randomBytes(6).toString('hex')}.part`);
  try {
    await mkdir(folder, { recursive: true });
    const snapshot = takeSnapshot(
      project.columns,
      classes.map(({ id }) => id),
    );
    await writeSnapshot(folder, snapshot);
    if (initial) await keepInitial(folder, initial);
    const { lastItemId, train } = snapshot;
    const ground: Ground = {
      project: project.path,
      folder,
      classCount: classes.length,
      lastItemId,
      initial: initial && join(folder, initialFile),
    };
    await work(ground).catch((thrown: unknown) => {
      throw withBatchSize(thrown, recipe, classes.length, train.length);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
