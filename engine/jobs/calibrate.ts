/**
 * Job `calibrate`: an answer rule for a run, of its own training and validation images, kept in its folder until the run goes on. The rule is a person's
 * choice: what it replaces is handed back, so that it can be chosen again.
 */
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import type { AnswerRule, AnswerRuleChoice } from '#contract/answer-rule.ts';
import { AtelierError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import { loadAnswerRule, removeAnswerRule } from '#learning/answers/answer-rule-file.ts';
import { writeArray } from '../project/arrays.ts';
import type { OpenProject } from '../project/project.ts';
import type { Runs } from '../project/runs.ts';
import { readSnapshot } from '../project/snapshot.ts';
import { requireEvaluable } from './evaluate.ts';
import type { JobServices } from './job-services.ts';
import type { JobContext } from './queue.ts';
import { followedBy, inWorker } from './workers.ts';

/** @returns null where the run always answers @throws NOT_FOUND for an unknown run */
export async function readAnswerRule(runs: Runs, runId: string): Promise<AnswerRule | null> {
  const { bestEpoch } = runs.get(runId);
  return (await loadAnswerRule(runs.folderOf(runId), bestEpoch))?.rule ?? null;
}

/** @returns the rule that was there @throws NOT_FOUND, CONFLICT where the run is under way, and why the project cannot be written */
export async function removeRule(services: JobServices, runId: string): Promise<AnswerRule | null> {
  const project = services.project();
  project.requireWritable();
  requireEvaluable(services, project, runId);
  const before = await readAnswerRule(project.runs, runId);
  removeAnswerRule(project.runs.folderOf(runId));
  services.emit({ event: 'answer-rule.changed', runId, rule: null });
  return before;
}

/** @throws NOT_FOUND for an unknown run, CONFLICT where it has no weights or is under way, and why the project cannot be written */
export function startCalibration(services: JobServices, runId: string, choice: AnswerRuleChoice): Job {
  const project = services.project();
  project.requireWritable();
  const run = requireEvaluable(services, project, runId);
  return services.jobs.start(
    { kind: 'calibrate', title: `Calibrate ${run.name}`, runId },
    'short',
    (context) => calibrateRun(services, project, runId, choice, context),
  );
}

async function calibrateRun(
  services: JobServices,
  project: OpenProject,
  runId: string,
  choice: AnswerRuleChoice,
  context: JobContext,
): Promise<void> {
  // Much may have happened while it waited.
  requireEvaluable(services, project, runId);
  const { columns, runs } = project;
  const folder = runs.folderOf(runId);
  const indexOf = new Map(runs.classesOf(runId).map(({ id }, index) => [id, index]));
  const snapshot = await readSnapshot(folder);
  const files = { train: partFiles(folder, 'train'), validation: partFiles(folder, 'validation') };
  try {
    for (const part of ['train', 'validation'] as const) {
      const rows = (snapshot?.[part] ?? new Int32Array(0)).filter(
        // What was removed or excluded since is no longer asked about.
        (row) => indexOf.has(columns.classIds[row]!) && !columns.removed[row] && !columns.excluded[row],
      );
      if (rows.length === 0)
        throw new AtelierError(
          'NOT_ENOUGH_DATA',
          `Expected ${part} images of the run to choose an answer rule on, but there are none. Train a run on the present parts.`,
          { runId, split: part },
        );
      await writeArray(files[part].rows, rows);
      await writeArray(
        files[part].labels,
        rows.map((row) => indexOf.get(columns.classIds[row]!)!),
      );
    }
    const rule = await inWorker(services.spawner, ['calibration', 'calibrate again'], (worker) =>
      worker.run(
        'calibrate',
        { project: project.path, folder, lastItemId: columns.ids[columns.length - 1]!, ...files, choice },
        followedBy(context),
      ),
    );
    services.emit({ event: 'answer-rule.changed', runId, rule });
  } finally {
    for (const part of Object.values(files))
      for (const file of Object.values(part)) rmSync(file, { force: true });
  }
}

/** What is handed to the worker, for as long as it calibrates. */
const partFiles = (folder: string, part: string) => ({
  rows: join(folder, `calibrate-${part}-rows.i32`),
  labels: join(folder, `calibrate-${part}-labels.i32`),
});
