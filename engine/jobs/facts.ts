/** Job `facts`: plain facts of the images of the open project, of their thumbnails, in a worker. What is kept is project/facts-file.ts. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { ImageFactsState } from '#contract/image-facts.ts';
import type { Job } from '#contract/job.ts';
import { writeArray } from '../project/arrays.ts';
import { noClassId } from '../project/database-problems.ts';
import { factsFile, readFactsFile } from '../project/facts-file.ts';
import type { OpenProject } from '../project/project.ts';
import type { JobServices } from './job-services.ts';
import { followedBy, inWorker } from './workers.ts';

const openJob = ({ jobs }: JobServices): Job | undefined =>
  jobs.list().find(({ kind, state }) => kind === 'facts' && (state === 'queued' || state === 'running'));

/** Brings the facts that the project keeps into memory. */
export async function readFacts({ path, columns }: OpenProject): Promise<void> {
  columns.setFacts(await readFactsFile(factsFile(path)));
}

/** @throws NOT_ENOUGH_DATA where the project has no images */
export function startFacts(services: JobServices): Job {
  const under = openJob(services);
  if (under) return under;
  const project = services.project();
  const { columns } = project;
  if (columns.counts().all.total === 0)
    throw new AtelierError(
      'NOT_ENOUGH_DATA',
      'Expected images to look at; the project has none. Import some first.',
    );
  const tell = () => services.emit({ event: 'facts.changed', state: factsState(services, project) });
  const job = services.jobs.start(
    { kind: 'facts', title: 'Charts of the images', runId: null },
    'short',
    async (context) => {
      const { ids, classIds, length } = columns;
      const classes = join(services.temporary, `classes-${randomBytes(8).toString('hex')}`);
      try {
        await writeArray(
          classes,
          classIds.subarray(0, length).map((id) => (id === noClassId ? 0 : id)),
        );
        await inWorker(services.spawner, ['charts', 'look at the images again'], (worker) =>
          worker.run(
            'facts',
            {
              ...{ project: project.path, lastItemId: ids[length - 1] ?? 0, classes },
              ...{ file: factsFile(project.path), factsId: randomBytes(8).toString('hex') },
            },
            followedBy(context),
          ),
        );
      } finally {
        await rm(classes, { force: true });
      }
      await readFacts(project);
    },
    undefined,
    tell,
  );
  tell();
  return job;
}

export function factsState(services: JobServices, { columns }: OpenProject): ImageFactsState {
  const { kept } = columns.facts;
  let known = 0;
  for (const itemId of kept?.itemIds ?? []) {
    const at = columns.positionOf(itemId);
    if (at >= 0 && !columns.removed[at]) known += 1;
  }
  return {
    facts: kept?.facts ?? null,
    missing: columns.counts().all.total - known,
    jobId: openJob(services)?.id ?? null,
  };
}
