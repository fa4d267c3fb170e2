/**
 * Why a run answers as it does about one image, by the warm worker; and job `nearest`, which looks at the run's training images once, so that
 * those like an image are known.
 */
import { join } from 'node:path';
import type { ImageChoice } from '#contract/commands/training.ts';
import type { Explanation, ExplanationMethod, NearestTraining } from '#contract/explanation.ts';
import type { Job } from '#contract/job.ts';
import { resources } from '#contract/resources.ts';
import type { Uploads } from '../uploads.ts';
import { requireWeights } from './evaluate.ts';
import { type JobServices, previewFolder } from './job-services.ts';
import { referenceOf, uploadOf } from './predict.ts';
import { followedBy, inWorker } from './workers.ts';

interface Asked {
  runId: string;
  image: ImageChoice;
}

/** @throws NOT_FOUND, CONFLICT where the run has no weights, BAD_REQUEST for no class of it, IMAGE_UNREADABLE, WORKER_DIED, CANCELLED */
export async function explainImage(
  services: JobServices,
  uploads: Uploads,
  { runId, image, method, target }: Asked & { method: ExplanationMethod; target?: number | undefined },
  signal?: AbortSignal,
): Promise<Explanation> {
  const { reference, name } = referenceOf(services, uploads, image);
  const project = services.project();
  const { runs } = project;
  requireWeights(runs.get(runId));
  const { previewId, folder } = previewFolder(services);
  const found = await uploads.during(uploadOf(image), () =>
    services.warm.run(
      'explain',
      {
        project: project.path,
        folder: runs.folderOf(runId),
        image: reference,
        method,
        target: target ?? null,
        networkImage: join(folder, '0'),
        overlay: join(folder, '1'),
      },
      signal ? { signal } : {},
    ),
  );
  return {
    ...{ runId, name, method, classes: runs.classesOf(runId) },
    ...found,
    networkImage: resources.networkView(previewId, 0),
    overlay: found.heat ? resources.networkView(previewId, 1) : null,
  };
}

/** @throws as `explainImage`, and NOT_ENOUGH_DATA where the run's training images are gone */
export async function nearestTraining(
  services: JobServices,
  uploads: Uploads,
  { runId, image, count }: Asked & { count: number },
): Promise<NearestTraining> {
  const { reference } = referenceOf(services, uploads, image);
  const project = services.project();
  requireWeights(project.runs.get(runId));
  const { missing, images, nearest } = await uploads.during(uploadOf(image), () =>
    services.warm.run('nearest', {
      ...{ project: project.path, folder: project.runs.folderOf(runId) },
      ...{ image: reference, count },
    }),
  );
  const items = new Map(
    project.itemsById(nearest.map(({ itemId }) => itemId)).map((item) => [item.id, item]),
  );
  return {
    ...{ missing, images },
    nearest: nearest.flatMap(({ itemId, similarity }) => {
      const item = items.get(itemId);
      return item ? [{ item, similarity }] : [];
    }),
  };
}

/** @throws NOT_FOUND, CONFLICT where the run has no weights */
export function startNearest(services: JobServices, runId: string): Job {
  const project = services.project();
  const run = project.runs.get(runId);
  requireWeights(run);
  const under = services.jobs
    .list()
    .find(
      (job) =>
        job.kind === 'nearest' && job.runId === runId && (job.state === 'queued' || job.state === 'running'),
    );
  if (under) return under;
  return services.jobs.start(
    { kind: 'nearest', title: `Look at the training images of ${run.name}`, runId },
    'short',
    (context) =>
      inWorker(services.spawner, ['comparison', 'look at the training images again'], (worker) =>
        worker
          .run(
            'nearest-open',
            { project: project.path, folder: project.runs.folderOf(runId) },
            followedBy(context),
          )
          .then(() => undefined),
      ),
  );
}
