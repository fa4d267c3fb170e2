/** Job `robustness`: a corruption sweep over the images of an evaluation, kept beside it. Corrupting and asking is a worker's. */
import type { Job } from '#contract/job.ts';
import type { Split } from '#contract/project.ts';
import { Robustness, usualImages } from '#contract/robustness.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { robustnessFile } from '../project/prediction-files.ts';
import type { Runs } from '../project/runs.ts';
import { requireEvaluable } from './evaluate.ts';
import type { JobServices } from './job-services.ts';
import { readBeside, requireEvaluation, requirePredictions } from './kept-beside.ts';
import { followedBy, inWorker } from './workers.ts';

export const readRobustness = (runs: Runs, runId: string, split: Split): Promise<Robustness | null> =>
  readBeside(runs, { runId, split }, robustnessFile, Robustness);

interface Asked {
  runId: string;
  split: Split;
  images?: number | undefined;
  seed?: number | undefined;
}

/** @throws NOT_FOUND for an unknown run or a part that was not evaluated, CONFLICT where the run is under way */
export function startRobustness(
  services: JobServices,
  { runId, split, images = usualImages, seed = 0 }: Asked,
): Job {
  const project = services.project();
  const run = requireEvaluable(services, project, runId);
  requireEvaluation(project, runId, split);
  return services.jobs.start(
    { kind: 'robustness', title: `Corruption sweep of ${run.name} on the ${split} part`, runId },
    'short',
    async (context) => {
      // Much may have happened while it waited.
      requireEvaluable(services, project, runId);
      const { evaluatedAt } = requireEvaluation(project, runId, split);
      const { rows, labels } = await requirePredictions(project, runId, split);
      const { runs, columns, path } = project;
      const folder = runs.folderOf(runId);
      const found = await inWorker(services.spawner, ['corruption sweep', 'sweep again'], (worker) =>
        worker.run(
          'robustness',
          {
            ...{ project: path, folder, rows, labels, images, seed },
            lastItemId: columns.ids[columns.length - 1]!,
          },
          followedBy(context),
        ),
      );
      const computedAt = new Date().toISOString();
      const kept: Robustness = { ...{ runId, split, evaluatedAt, computedAt, seed }, ...found };
      await writeDurably(robustnessFile(folder, split), Buffer.from(JSON.stringify(kept)));
      services.emit({ event: 'robustness.finished', runId, split });
    },
  );
}
