/**
 * Job `slices`: error slices of an evaluation, of the predictions that it left, found by a worker. Kept beside it with the images of each, which the
 * grid asks for.
 */
import type { Job } from '#contract/job.ts';
import type { ItemFilter, Split } from '#contract/project.ts';
import { type SliceCondition, type Slices, StoredSlices } from '#contract/slices.ts';
import { AtelierError } from '#contract/errors.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { readInt32 } from '../project/arrays.ts';
import { slicesFile } from '../project/prediction-files.ts';
import type { OpenProject } from '../project/project.ts';
import type { Runs } from '../project/runs.ts';
import type { SliceOfPart } from '../worker/why-tasks.ts';
import { isThere, keptEmbeddings, originOf } from './embed.ts';
import { requireEvaluable } from './evaluate.ts';
import type { JobServices } from './job-services.ts';
import { readBeside, requireEvaluation, requirePredictions } from './kept-beside.ts';
import type { JobContext } from './queue.ts';
import { followedBy, inWorker } from './workers.ts';

export const readSlices = (runs: Runs, runId: string, split: Split): Promise<StoredSlices | null> =>
  readBeside(runs, { runId, split }, slicesFile, StoredSlices);

export const withoutImages = (stored: StoredSlices): Slices => ({
  ...stored,
  slices: stored.slices.map(({ itemIds: _, ...slice }) => slice),
});

/** @throws NOT_FOUND for an unknown run or a part that was not evaluated, CONFLICT where the run is under way */
export function startSlices(services: JobServices, runId: string, split: Split): Job {
  const project = services.project();
  const run = requireEvaluable(services, project, runId);
  requireEvaluation(project, runId, split);
  return services.jobs.start(
    { kind: 'slices', title: `Look for error slices of ${run.name} on the ${split} part`, runId },
    'short',
    (context) => computeSlices(services, project, { runId, split }, context),
  );
}

async function computeSlices(
  services: JobServices,
  project: OpenProject,
  { runId, split }: { runId: string; split: Split },
  context: JobContext,
): Promise<void> {
  // Much may have happened while it waited.
  requireEvaluable(services, project, runId);
  const { evaluatedAt } = requireEvaluation(project, runId, split);
  const { rows, labels, predictions, items } = await requirePredictions(project, runId, split);
  const { runs, columns, path } = project;
  const folder = runs.folderOf(runId);
  const kept = keptEmbeddings(project);
  const found = await inWorker(services.spawner, ['slices', 'look for slices again'], (worker) =>
    worker.run(
      'slices',
      {
        ...{ project: path, folder, rows, labels, predictions },
        lastItemId: columns.ids[columns.length - 1]!,
        origin: kept && isThere(project, kept) ? originOf(project, kept) : null,
      },
      followedBy(context),
    ),
  );
  const itemIds = await readInt32(items);
  const words = conditionsOf(project, runId);
  const slices: StoredSlices = {
    ...found,
    ...{ runId, split, evaluatedAt, computedAt: new Date().toISOString() },
    slices: found.slices.map(({ places, condition, alike, ...slice }) => ({
      ...slice,
      condition: words(condition),
      alike: alike.map(words),
      itemIds: places.map((place) => itemIds[place]!),
    })),
  };
  await writeDurably(slicesFile(folder, split), Buffer.from(JSON.stringify(slices)));
  services.emit({ event: 'slices.finished', runId, split });
}

/** Conditions with the names of their classes and sources. */
function conditionsOf(project: OpenProject, runId: string): (condition: SliceOfPart) => SliceCondition {
  const classes = project.runs.classesOf(runId);
  const sources = new Map(project.sources().map(({ id, location }) => [id, location]));
  return (condition) => {
    switch (condition.by) {
      case 'class': {
        const { id, name } = classes[condition.place]!;
        return { by: 'class', classId: id, name };
      }
      case 'source': {
        const { sourceId } = condition;
        return { by: 'source', sourceId, name: sources.get(sourceId) ?? `source ${sourceId}` };
      }
      case 'cluster':
        return { ...condition, mostly: classes[condition.mostly]!.name };
      default:
        return condition;
    }
  };
}

/** The images of a list that was computed of an evaluation, in its order. @throws NOT_FOUND where it was not computed, or is another by now */
export async function errorList(
  { runs }: OpenProject,
  { runId, split, list }: NonNullable<ItemFilter['errors']>,
): Promise<readonly number[]> {
  const found = (await readSlices(runs, runId, split))?.slices.find(({ id }) => id === list);
  if (found) return found.itemIds;
  throw new AtelierError(
    'NOT_FOUND',
    `Expected the error slice ${list} of ${runId} on the ${split} part, but there is none of its present evaluation. Look for slices again.`,
    { runId, split, list },
  );
}
