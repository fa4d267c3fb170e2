/** Job `export`: a run as a bundle, checked on test images against the answers that are stored. */
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Bundle, Job, Split } from '#contract/entities.ts';
import { AtelierError, storageError } from '#contract/errors.ts';
import { isFull } from '#contract/storage-errors.ts';
import { readInt32, writeArray } from '../project/arrays.ts';
import type { OpenProject } from '../project/project.ts';
import { AnswerShelf, answerFiles } from '../project/answers.ts';
import { readSnapshot } from '../project/snapshot.ts';
import { evaluateRun, requireJudgeable } from './evaluate.ts';
import { Worker } from './workers.ts';
import type { Workshop } from './workshop.ts';

/** Images that the exported file is compared on. */
const goldenCount = 1000;

/** @throws NOT_FOUND, CONFLICT where the run has no weights yet or is under way */
export function startExport(workshop: Workshop, runId: string, path: string | undefined): Job {
  const project = workshop.project();
  const run = requireJudgeable(workshop, project, runId);
  return workshop.jobs.start(
    { kind: 'export', title: `Export ${run.name}`, runId },
    'short',
    async (context) => {
      // Much may have happened while it waited.
      requireJudgeable(workshop, project, runId);
      const worker = new Worker(workshop.spawner, 'export', 'export again');
      try {
        const { columns, runs } = project;
        const split: Split = columns.counts().all.test > 0 ? 'test' : 'validation';
        const evaluation =
          runs.evaluation(runId, split) ??
          (await evaluateRun(workshop, project, worker, runId, { split, testTime: 'once' }, context));
        const target = path ? resolve(path) : join(project.path, 'exports', `${runId}.zip`);
        try {
          mkdirSync(dirname(target), { recursive: true });
        } catch (cause) {
          if (isFull(cause)) throw storageError(cause, { kind: 'file', path: target, doing: 'write' })!;
          throw new AtelierError(
            'FILE_NOT_WRITABLE',
            `Expected a place that can be written to, received ${target}. Choose another one.`,
            { path: target },
            { cause },
          );
        }
        const run = runs.get(runId);
        // What the run saw; the project may have grown since.
        const snapshot = await readSnapshot(runs.folderOf(runId));
        const written = await worker.run(
          'export',
          {
            project: project.path,
            folder: runs.folderOf(runId),
            lastItemId: columns.ids[columns.length - 1]!,
            classes: runs.classesOf(runId).map(({ name }) => name),
            evaluation,
            golden: await goldenFiles(project, runId, split),
            path: target,
            meta: {
              version: workshop.version,
              projectName: project.summary().name,
              runId,
              runName: run.name,
              trainedAt: run.finishedAt ?? run.createdAt,
              counts: {
                train: snapshot?.train.length ?? 0,
                validation: snapshot?.validation.length ?? 0,
                test: split === 'test' ? evaluation.count : 0,
              },
              engine: run.engine,
              epochs: run.epochs.length,
              bestEpoch: run.bestEpoch ?? 0,
            },
          },
          {
            signal: context.signal,
            onEvent: ({ done, total, unit }) => context.progress(done, total, unit),
          },
        );
        const bundle: Bundle = {
          runId,
          path: target,
          ...written,
          createdAt: new Date().toISOString(),
        };
        await runs.keepBundle(bundle);
      } finally {
        worker.close();
      }
    },
  );
}

/** The first images of the evaluated part, with the labels and answers that are stored. */
async function goldenFiles(project: OpenProject, runId: string, split: Split) {
  const folder = project.runs.folderOf(runId);
  const answers = (await new AnswerShelf(project.runs).of(runId, split))!;
  const count = Math.min(goldenCount, answers.itemIds.length);
  const rows = await readInt32(answerFiles(folder, split).rows);
  const golden = {
    rows: join(folder, 'golden-rows.i32'),
    labels: join(folder, 'golden-labels.i32'),
    predictions: join(folder, 'golden-predictions.f32'),
  };
  await writeArray(golden.rows, rows.slice(0, count));
  await writeArray(golden.labels, answers.labels.slice(0, count));
  await writeArray(golden.predictions, answers.probabilities.slice(0, count * answers.classCount));
  return golden;
}
