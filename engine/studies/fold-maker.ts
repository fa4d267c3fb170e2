/** How a study gets its folds: kept with it when it begins, drawn by a worker of groups that another task of it finds. */
import { ensureGroups } from '../jobs/group.ts';
import type { JobServices } from '../jobs/job-services.ts';
import type { JobContext } from '../jobs/queue.ts';
import { inWorker, type Worker } from '../jobs/workers.ts';
import type { OpenProject } from '../project/project.ts';
import type { FoldMaker } from './data.ts';

export function foldMaker(
  services: JobServices,
  project: OpenProject,
  studyId: string,
  context: JobContext,
): FoldMaker {
  const withWorker = <T>(work: (worker: Worker) => Promise<T>) =>
    inWorker(services.spawner, ['drawing of folds', 'resume the study'], work);
  return {
    kept: project.studies.foldsOf(studyId),
    findGroups: () =>
      withWorker((worker) => ensureGroups(services, project, null, worker, undefined, context)),
    draw: (labels, groups, folds, seed) =>
      withWorker(async (worker) => {
        const input = { labels, groups, folds, seed };
        return (await worker.run('draw-folds', input, { signal: context.signal })).foldOf;
      }),
    join: (labels, groups, seeds) =>
      withWorker(async (worker) => {
        const input = { labels, groups, seeds };
        return (await worker.run('join-parts', input, { signal: context.signal })).shares;
      }),
    keep: (folds) => project.studies.keepFolds(studyId, folds),
  };
}
