/** Job `export`: a run as a file in one of the formats of contract/exporters.ts, checked on test images against the answers that are stored. */
import { rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AtelierError, storageError } from '#contract/errors.ts';
import { exporterOf, type ExportFormat } from '#contract/exporters.ts';
import { formatNames } from '#contract/image-formats.ts';
import type { Job } from '#contract/job.ts';
import type { Split } from '#contract/project.ts';
import { isFull } from '#contract/storage-errors.ts';
import { makeFolder, requireOrdinaryPlace, statAt } from '../places.ts';
import { readInt32, writeArray } from '../project/arrays.ts';
import type { OpenProject } from '../project/project.ts';
import { predictionFiles } from '../project/prediction-files.ts';
import { PredictionStore } from '../project/prediction-store.ts';
import { readSnapshot } from '../project/snapshot.ts';
import { evaluateRun, hasTestImages, requireEvaluable } from './evaluate.ts';
import { followedBy, inWorker, type Worker } from './workers.ts';
import type { JobServices } from './job-services.ts';

/** What the studio reads, for the model card. */
const imageFormats = Object.values(formatNames);
/** Images that the exported file is compared on. */
const goldenCount = 1000;

interface ExportOptions {
  format: ExportFormat;
  /** Where to; the project's exports folder if absent, where an earlier export of the run is replaced. */
  path?: string | undefined;
  /** Says yes to replacing what is at `path`. */
  replace?: boolean | undefined;
}

/**
 * @throws NOT_FOUND, CONFLICT where the run has no weights yet or is under way, or where a file is at `path` and
 * `replace` was not said
 */
export function startExport(
  services: JobServices,
  runId: string,
  { format, path, replace }: ExportOptions,
): Job {
  const project = services.project();
  const run = requireEvaluable(services, project, runId);
  const target = path
    ? resolve(path)
    : join(project.path, 'exports', `${runId}.${exporterOf(format).extension}`);
  const refuseOther = () => {
    if (path) refuseToReplace(target, replace === true);
  };
  refuseOther();
  return services.jobs.start(
    { kind: 'export', title: `Export ${run.name}`, runId },
    'short',
    async (context) => {
      // Much may have happened while it waited.
      requireEvaluable(services, project, runId);
      const folder = project.runs.folderOf(runId);
      const write = async (worker: Worker) => {
        const { columns, runs } = project;
        // An export does not open a sealed test part.
        const tests = hasTestImages(project, runId) && !project.testParts.state().sealed;
        const split: Split = tests ? 'test' : 'validation';
        const evaluation =
          runs.evaluation(runId, split) ??
          (await evaluateRun(services, project, worker, runId, { split, tta: 'none' }, context));
        // Somebody may have put one there while the job waited.
        refuseOther();
        try {
          makeFolder(dirname(target));
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
            format,
            project: project.path,
            folder: runs.folderOf(runId),
            lastItemId: columns.ids[columns.length - 1]!,
            classes: runs.classesOf(runId).map(({ name }) => name),
            evaluation,
            golden: await goldenFiles(project, runId, split),
            path: target,
            meta: {
              version: services.version,
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
              formats: imageFormats,
            },
          },
          followedBy(context),
        );
        await runs.keepExport({ runId, path: target, ...written, createdAt: new Date().toISOString() });
      };
      try {
        await inWorker(services.spawner, ['export', 'export again'], write);
      } finally {
        for (const file of Object.values(goldenPaths(folder))) rmSync(file, { force: true });
      }
    },
  );
}

/** @throws CONFLICT where a file is there that nobody said may be replaced, FILE_NOT_WRITABLE where none can be */
function refuseToReplace(target: string, replace: boolean): void {
  requireOrdinaryPlace(target, 'FILE_NOT_WRITABLE');
  const there = statAt(target);
  if (!there) return;
  if (!there.isFile()) {
    throw new AtelierError(
      'FILE_NOT_WRITABLE',
      `Expected the path of a file to write, received ${target}, where a ${there.isDirectory() ? 'folder' : 'link or device'} is. Choose another one.`,
      { path: target },
    );
  }
  if (replace) return;
  throw new AtelierError(
    'CONFLICT',
    `Expected a path where no file is yet, received ${target}. Choose another one, or say that it may be replaced.`,
    { path: target },
  );
}
/** What is handed to the worker, for as long as it exports. */
const goldenPaths = (folder: string) => ({
  rows: join(folder, 'golden-rows.i32'),
  labels: join(folder, 'golden-labels.i32'),
  predictions: join(folder, 'golden-predictions.f32'),
});

/** The first images of the evaluated part, with the labels and answers that are stored. */
async function goldenFiles(project: OpenProject, runId: string, split: Split) {
  const folder = project.runs.folderOf(runId);
  const { columns, runs } = project;
  const { itemIds, labels, probabilities, classCount } = (await new PredictionStore(runs).of(runId, split))!;
  const rows = await readInt32(predictionFiles(folder, split).rows);
  // What was removed since may be gone.
  const places = Array.from(itemIds, (_, place) => place)
    .filter((place) => !columns.removed[rows[place]!])
    .slice(0, goldenCount);
  if (places.length === 0) {
    throw new AtelierError(
      'NOT_ENOUGH_DATA',
      `Expected images of the ${split} part to compare the exported file on, but all were removed. Undo that, or evaluate the run on other images.`,
      { split },
    );
  }
  const golden = goldenPaths(folder);
  await writeArray(
    golden.rows,
    Int32Array.from(places, (place) => rows[place]!),
  );
  await writeArray(
    golden.labels,
    Int32Array.from(places, (place) => labels[place]!),
  );
  await writeArray(
    golden.predictions,
    Float32Array.from(
      places.flatMap((place) => [...probabilities.subarray(place * classCount, (place + 1) * classCount)]),
    ),
  );
  return golden;
}
