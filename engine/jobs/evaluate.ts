/**
 * Job `evaluate`: a run's answers to one part of the data, and their scores. Training and validation are
 * the run's own parts, as they were when it trained; test is what the project holds out. Nothing else ever
 * touches the test part.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Evaluation, Tta } from '#contract/evaluation.ts';
import type { Job } from '#contract/job.ts';
import type { Split } from '#contract/project.ts';
import type { Run } from '#contract/run.ts';
import {
  commitPredictions,
  discardPredictions,
  stagedFiles,
  stageInputs,
} from '../project/prediction-files.ts';
import { labelVersionOf } from '../project/label-version.ts';
import type { OpenProject } from '../project/project.ts';
import type { RunClass } from '../project/runs.ts';
import { readSnapshot } from '../project/snapshot.ts';
import { versionOf } from '../project/test-uses.ts';
import { tellSplits } from './split-state.ts';
import { requireStudyAtRest } from './study-rest.ts';
import type { Result } from '../worker/protocol.ts';
import type { JobContext } from './queue.ts';
import { followedBy, inWorker, type Worker } from './workers.ts';
import type { JobServices } from './job-services.ts';

/** What is asked: which part, and how often each image. */
interface EvaluationRequest {
  split: Split;
  tta: Tta;
}

/** @throws NOT_FOUND for an unknown run, CONFLICT where it has no weights yet or is under way */
export function startEvaluation(services: JobServices, runId: string, question: EvaluationRequest): Job {
  const project = services.project();
  const run = requireEvaluable(services, project, runId);
  return services.jobs.start(
    { kind: 'evaluate', title: `Evaluate ${run.name} on the ${question.split} part`, runId },
    'short',
    async (context) => {
      // Much may have happened while it waited.
      requireEvaluable(services, project, runId);
      await inWorker(services.spawner, ['evaluation', 'evaluate again'], (worker) =>
        evaluateRun(services, project, worker, runId, question, context),
      );
    },
  );
}

/** The run, if it has weights that nothing changes now. @throws NOT_FOUND, CONFLICT */
export function requireEvaluable(services: JobServices, { runs }: OpenProject, runId: string): Run {
  const run = runs.get(runId);
  requireWeights(run);
  requireRest(run);
  requireStudyAtRest(services, run.studyId);
  return run;
}

/** @throws CONFLICT */
export function requireWeights(run: { id: string; name: string; bestEpoch: number | null }): void {
  if (run.bestEpoch !== null) return;
  throw new AtelierError(
    'CONFLICT',
    `Expected a run that has learned for at least one epoch; ${run.name} has not. Train it first.`,
    { runId: run.id },
  );
}

/** What a run under way says is of an epoch that may not be its best any more. @throws CONFLICT */
export function requireRest(run: Run): void {
  if (run.state !== 'running' && run.state !== 'queued') return;
  throw new AtelierError(
    'CONFLICT',
    `Run ${run.name} is still running. Wait for its end, or cancel it first.`,
    { runId: run.id, state: run.state },
  );
}

/** Whether the project's test part has images of classes that the run answers with. */
export function hasTestImages({ columns, runs }: OpenProject, runId: string): boolean {
  const { byClass } = columns.counts();
  return runs.classesOf(runId).some(({ id }) => (byClass.get(id)?.test ?? 0) > 0);
}

/** Images of the part whose class is no output of the run. The other parts are the run's own, and hold none. */
function leftOut(project: OpenProject, outputs: readonly RunClass[], split: Split): Evaluation['leftOut'] {
  if (split !== 'test') return [];
  const answered = new Set(outputs.map(({ id }) => id));
  return project
    .classes()
    .filter(({ id, counts }) => !answered.has(id) && counts.test > 0)
    .map(({ id, name, counts }) => ({ classId: id, name, images: counts.test }));
}

const emptyPart = (split: Split, outputs: number, unlabelled: number) =>
  new AtelierError(
    'NOT_ENOUGH_DATA',
    `Expected ${split} images of the ${outputs} classes that the run predicts, but there are none. ` +
      (unlabelled > 0 && split === 'test'
        ? `Unlabelled images (${unlabelled}) are in no part: label some. `
        : '') +
      (split === 'test'
        ? 'Evaluate the validation part, or redraw the parts with a share for test.'
        : 'Train a run on the present parts.'),
    { split },
  );

/** What an evaluation of a part asks about now: the test part of the project, or a part of the run's own that is still there. */
export async function rowsOfPart(
  { columns, runs }: Pick<OpenProject, 'columns' | 'runs'>,
  runId: string,
  split: Split,
) {
  const classes = runs.classesOf(runId);
  const indexOf = new Map(classes.map(({ id }, index) => [id, index]));
  const own = await readSnapshot(runs.folderOf(runId));
  const part = (split === 'test' ? columns.ofSplit('test') : own?.[split]) ?? new Int32Array(0);
  const rows = part.filter(
    // What was removed or excluded since is no longer asked about.
    (row) => indexOf.has(columns.classIds[row]!) && !columns.removed[row] && !columns.excluded[row],
  );
  return { classes, indexOf, own, part, rows };
}

/** Evaluates in a worker that is there already. @throws NOT_ENOUGH_DATA where the part is empty */
export async function evaluateRun(
  services: JobServices,
  project: OpenProject,
  worker: Worker,
  runId: string,
  { split, tta }: EvaluationRequest,
  context: JobContext,
): Promise<Evaluation> {
  const { columns, runs } = project;
  const folder = runs.folderOf(runId);
  const { classes, indexOf, own, part, rows } = await rowsOfPart(project, runId, split);
  const partIds = part.map((row) => columns.ids[row]!);
  const partVersion = versionOf(partIds);
  // As they are now: a person may relabel while it computes.
  const labelsVersion = labelVersionOf(
    rows.map((row) => columns.ids[row]!),
    rows.map((row) => columns.classIds[row]!),
  );
  const learned = new Set(split === 'test' && own ? [...own.train, ...own.validation] : []);
  const trainedOn = rows.filter((row) => learned.has(row)).length;
  if (rows.length === 0) throw emptyPart(split, classes.length, columns.counts().unlabelled);
  const staged = stagedFiles(folder, split);
  let scores: Result<'evaluate'>;
  try {
    await stageInputs(staged, {
      rows,
      itemIds: rows.map((row) => columns.ids[row]!),
      labels: rows.map((row) => indexOf.get(columns.classIds[row]!)!),
    });
    scores = await worker.run(
      'evaluate',
      {
        project: project.path,
        folder,
        lastItemId: columns.ids[columns.length - 1]!,
        rows: staged.rows,
        labels: staged.labels,
        predictions: staged.predictions,
        tta,
      },
      followedBy(context),
    );
    // The cells of the matrix, and what is exported, are those without test-time augmentation.
    if (tta === 'none') await commitPredictions(staged, folder, split);
  } finally {
    discardPredictions(staged);
  }
  const evaluation: Evaluation = {
    runId,
    split,
    tta,
    evaluatedAt: new Date().toISOString(),
    partVersion,
    labelsVersion,
    trainedOn,
    ...scores,
    classes: scores.classes.map((score, index) => ({
      classId: classes[index]!.id,
      name: classes[index]!.name,
      ...score,
    })),
    leftOut: leftOut(project, classes, split),
  };
  await runs.keepEvaluation(evaluation, partIds);
  services.emit({ event: 'evaluation.finished', evaluation });
  if (split === 'test') tellSplits(services, project);
  services.emit({ event: 'run.changed', run: runs.get(runId) });
  return evaluation;
}
