/**
 * Jobs that train briefly to answer a question about a recipe, and keep nothing but the answer: which learning rate,
 * and whether bfloat16 is worth having here. The measuring is learning/training's; no run is made.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import type { Job, PrecisionReport, RateSearch } from '#contract/entities.ts';
import type { Precision, Recipe } from '#contract/recipe.ts';
import { comparePrecisions } from '#learning/training/compare-precisions.ts';
import { takeSnapshot, writeSnapshot } from '../project/snapshot.ts';
import type { OpenProject } from '../project/project.ts';
import { withBatchSize } from './memory.ts';
import type { JobContext } from './queue.ts';
import { requireTrainable } from './train.ts';
import { Worker } from './workers.ts';
import type { Workshop } from './workshop.ts';

/** Of each precision: enough for the losses to be compared after the first noise. */
const precisionSteps = 100;

/** What a task of a probe is handed. */
interface Ground {
  project: string;
  folder: string;
  classCount: number;
  lastItemId: number;
}

/** Says what to try where memory ran out; other errors as they are. */
const advised = (recipe: Recipe, classCount: number, trainingImages: number) => (thrown: unknown) => {
  throw withBatchSize(thrown, recipe, classCount, trainingImages);
};

/** @throws NOT_ENOUGH_DATA, RECIPE_INVALID, BUDGET_EXCEEDED */
export function startRateSearch(
  workshop: Workshop,
  recipe: Recipe,
  onResult: (jobId: string, result: RateSearch) => void,
): Job {
  const project = workshop.project();
  const { classes } = requireTrainable(project, recipe);
  const job = workshop.jobs.start(
    { kind: 'find-learning-rate', title: `Find a learning rate for ${recipe.name}`, runId: null },
    'training',
    (context) =>
      withGround(project, classes, async (ground, trainingImages) => {
        const worker = new Worker(workshop.spawner, 'learning-rate search', 'try again');
        try {
          const { signal } = context;
          onResult(
            job.id,
            await worker
              .run('find-learning-rate', { ...ground, recipe }, { signal, onEvent: tellOf(context) })
              .catch(advised(recipe, ground.classCount, trainingImages)),
          );
        } finally {
          worker.close();
        }
      }),
  );
  return job;
}

/** @throws NOT_ENOUGH_DATA, RECIPE_INVALID, BUDGET_EXCEEDED */
export function startPrecisionComparison(
  workshop: Workshop,
  recipe: Recipe,
  onResult: (jobId: string, result: PrecisionReport) => void,
): Job {
  const project = workshop.project();
  const { classes } = requireTrainable(project, recipe);
  const job = workshop.jobs.start(
    { kind: 'compare-precision', title: `Compare precisions of ${recipe.name}`, runId: null },
    'training',
    (context) =>
      withGround(project, classes, async (ground, trainingImages) => {
        const report = comparePrecision(workshop, recipe, ground, context);
        onResult(job.id, await report.catch(advised(recipe, ground.classCount, trainingImages)));
      }),
  );
  return job;
}

async function comparePrecision(
  workshop: Workshop,
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
      { signal: context.signal, onEvent: tellOf(context) },
    );
  const inWorker = async <T>(work: (worker: Worker) => Promise<T>): Promise<T> => {
    const worker = new Worker(workshop.spawner, 'precision comparison', 'try again');
    try {
      return await work(worker);
    } finally {
      worker.close();
    }
  };
  const { unavailable, float32 } = await inWorker(async (worker) => {
    const { bfloat16: why } = await worker.run('doctor', {}, { signal: context.signal });
    return { unavailable: why, float32: why === null ? await measure(worker, 'float32') : nothing };
  });
  if (unavailable !== null) {
    return { unavailable, steps: 0, float32, bfloat16: null, largestDifference: null, recommended: false };
  }
  const bfloat16 = await inWorker((worker) => measure(worker, 'bfloat16'));
  // Losses end before the first that is no finite number: then there is nothing to follow.
  const whole = [float32, bfloat16].every(({ losses }) => losses.length === precisionSteps);
  const comparison = whole
    ? comparePrecisions(float32, bfloat16)
    : { largestDifference: null, recommended: false };
  return { unavailable, steps: precisionSteps, float32, bfloat16, ...comparison };
}

const tellOf =
  ({ progress }: JobContext) =>
  ({ done, total, unit }: { done: number; total: number | null; unit: string }) =>
    progress(done, total, unit);

/** A folder with the project's data as it is now, gone when the work is done; what a crash leaves is removed at the next opening. */
async function withGround(
  project: OpenProject,
  classes: readonly { id: number }[],
  work: (ground: Ground, trainingImages: number) => Promise<void>,
): Promise<void> {
  const folder = project.packPath(`probe-${randomBytes(6).toString('hex')}.part`);
  try {
    await mkdir(folder, { recursive: true });
    const snapshot = takeSnapshot(
      project.columns,
      classes.map(({ id }) => id),
    );
    await writeSnapshot(folder, snapshot);
    const { lastItemId, train } = snapshot;
    await work({ project: project.path, folder, classCount: classes.length, lastItemId }, train.length);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
