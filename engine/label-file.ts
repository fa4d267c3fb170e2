/**
 * A table of labels that the window handed over as a file. A worker reads it, so that nothing waits for a long one; planning it
 * and taking it over is Curation's.
 */
import { faultsTold, type LabelFileReport } from '#contract/labels.ts';
import type { Curation } from './curation.ts';
import { inWorker } from './jobs/workers.ts';
import type { JobServices } from './jobs/job-services.ts';
import type { Uploads } from './uploads.ts';

/** @throws NOT_FOUND for an unknown upload, SOURCE_UNREADABLE where it is no table of labels, NO_PROJECT */
export async function applyLabelFile(
  { spawner }: Pick<JobServices, 'spawner'>,
  uploads: Uploads,
  curation: Pick<Curation, 'applyLabels'>,
  { uploadId, dryRun }: { uploadId: string; dryRun: boolean },
): Promise<LabelFileReport> {
  const { edits, faults, unused } = await uploads.during(uploadId, () =>
    inWorker(spawner, ['reading of labels', 'try again'], (worker) =>
      worker.run('read-labels', { file: uploads.fileOf(uploadId) }),
    ),
  );
  const told = await curation.applyLabels(edits, dryRun);
  const all = [...told.faults, ...faults].sort((a, b) => a.row - b.row);
  return {
    ...told,
    rows: told.rows + faults.length,
    faults: all.slice(0, faultsTold),
    faulty: all.length,
    unused,
  };
}
