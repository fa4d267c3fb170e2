/**
 * Job `evidence`: how sure the figures of an evaluation are, of the predictions that it left. Kept beside them, and of no use once the part is evaluated
 * again. The validation images, which a temperature is fitted on, are evaluated first where that was not done.
 */
import { AtelierError } from '#contract/errors.ts';
import { Evidence } from '#contract/evidence.ts';
import type { Job } from '#contract/job.ts';
import type { Split } from '#contract/project.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { evidenceFile, predictionFiles } from '../project/prediction-files.ts';
import type { OpenProject } from '../project/project.ts';
import type { Runs } from '../project/runs.ts';
import { evaluateRun, requireEvaluable } from './evaluate.ts';
import type { JobServices } from './job-services.ts';
import { readBeside, requireEvaluation, requirePredictions } from './kept-beside.ts';
import type { JobContext } from './queue.ts';
import { followedBy, inWorker, type Worker } from './workers.ts';

export const readEvidence = (runs: Runs, runId: string, split: Split): Promise<Evidence | null> =>
  readBeside(runs, { runId, split }, evidenceFile, Evidence);

/** @throws NOT_FOUND for an unknown run or a part that was not evaluated, CONFLICT where the run is under way */
export function startEvidence(services: JobServices, runId: string, split: Split): Job {
  const project = services.project();
  const run = requireEvaluable(services, project, runId);
  requireEvaluation(project, runId, split);
  return services.jobs.start(
    { kind: 'evidence', title: `Compute intervals of ${run.name} on the ${split} part`, runId },
    'short',
    (context) =>
      inWorker(services.spawner, ['evidence', 'compute it again'], (worker) =>
        computeEvidence(services, project, worker, { runId, split }, context),
      ),
  );
}

/** Evaluates the validation images where that was not done. @returns whether there are any */
async function withValidation(
  services: JobServices,
  project: OpenProject,
  worker: Worker,
  runId: string,
  context: JobContext,
): Promise<boolean> {
  if (project.runs.evaluation(runId, 'validation')) return true;
  try {
    await evaluateRun(services, project, worker, runId, { split: 'validation', tta: 'none' }, context);
    return true;
  } catch (thrown) {
    if (thrown instanceof AtelierError && thrown.code === 'NOT_ENOUGH_DATA') return false;
    throw thrown;
  }
}

async function computeEvidence(
  services: JobServices,
  project: OpenProject,
  worker: Worker,
  { runId, split }: { runId: string; split: Split },
  context: JobContext,
): Promise<void> {
  const { runs } = project;
  requireEvaluable(services, project, runId);
  const validated = await withValidation(services, project, worker, runId, context);
  const { evaluatedAt } = requireEvaluation(project, runId, split);
  const folder = runs.folderOf(runId);
  const files = await requirePredictions(project, runId, split);
  const classes = runs.classesOf(runId);
  const { recipe } = runs.get(runId);
  const found = await worker.run(
    'evidence',
    {
      part: files,
      validation: validated ? predictionFiles(folder, 'validation') : null,
      classCount: classes.length,
      topK: recipe.training.topK,
    },
    followedBy(context),
  );
  const evidence: Evidence = {
    ...found,
    runId,
    split,
    evaluatedAt,
    classes: found.classes.map((curves, index) => ({
      classId: classes[index]!.id,
      name: classes[index]!.name,
      ...curves,
    })),
  };
  await writeDurably(evidenceFile(folder, split), Buffer.from(JSON.stringify(evidence)));
  services.emit({ event: 'evidence.finished', runId, split });
}
