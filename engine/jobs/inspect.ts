/** Job `inspect`: what an import would make of a source. A worker looks, so that the studio waits for no disk. */
import type { ImportOptions, ImportPlan } from '#contract/import.ts';
import type { Job } from '#contract/job.ts';
import type { Origin } from './import.ts';
import { Worker } from './workers.ts';
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
    async ({ signal, progress }) => {
      const worker = new Worker(services.spawner, 'inspection', 'try again');
      try {
        const plan = await worker.run(
          'import-plan',
          { folder, location, options, unpackTo },
          { signal, onEvent: ({ done, total, unit }) => progress(done, total, unit) },
        );
        onPlan(job.id, plan);
      } finally {
        worker.close();
      }
    },
  );
  return job;
}
