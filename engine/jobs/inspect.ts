/** Job `inspect`: what an import would make of a source. A worker looks, so that the studio waits for no disk. */
import type { ImportOptions, ImportPlan } from '#contract/import.ts';
import type { Job } from '#contract/job.ts';
import type { Origin } from './import.ts';
import { followedBy, inWorker } from './workers.ts';
import type { JobServices } from './job-services.ts';

/** Needs no open project: a source may be looked at before there is one. */
export function startInspection(
  services: JobServices,
  { location, folder }: Pick<Origin, 'location' | 'folder'>,
  options: ImportOptions,
  /** Is not there: archives are unpacked into it while they are looked at. */
  unpackTo: string,
  onPlan: (jobId: string, plan: ImportPlan) => void,
): Job {
  const job = services.jobs.start(
    { kind: 'inspect', title: `Inspect ${location}`, runId: null },
    'short',
    (context) =>
      inWorker(services.spawner, ['inspection', 'try again'], async (worker) => {
        const input = { folder, location, options, unpackTo };
        const plan = await worker.run('import-plan', input, followedBy(context));
        onPlan(job.id, plan);
      }),
  );
  return job;
}
