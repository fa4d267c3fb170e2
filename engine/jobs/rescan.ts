/**
 * Jobs `rescan` and `update`: what became of a source's files, shown first, and taking over what a person chose of it. The
 * comparison is intake/rescan/compare-folder.ts, the taking over intake/rescan/update.ts, both in a worker.
 */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import type { SourceChanges, SourceUpdate, Take } from '#contract/sources.ts';
import { storageOf } from '../images/storage/storages.ts';
import { locateSource } from '../intake/locate.ts';
import type { Place } from '../project/removal.ts';
import { carryOutPending } from './pending.ts';
import type { JobResults } from './results.ts';
import { followedBy, inWorker } from './workers.ts';
import type { JobServices } from './job-services.ts';

/** A finished re-scan. */
export interface Rescan {
  report: SourceChanges;
  /** File of all the changes. */
  changes: string;
  /** Where an update relinks the source to; null where it stays. */
  place: Place | null;
}

/**
 * @param path the folder that it moved to; null for its own
 * @throws NOT_FOUND, CONFLICT for a source without originals, SOURCE_NOT_FOUND where the folder is gone; at once, before there is a job
 */
export function startRescan(
  services: JobServices,
  sourceId: number,
  path: string | null,
  results: JobResults<Rescan>,
): Job {
  const project = services.project();
  const source = project.source(sourceId);
  if (!storageOf(source.storage).originals) {
    throw new AtelierError(
      'CONFLICT',
      `Expected a source of image files; of source ${sourceId} the project keeps the pixels itself: it needs no originals. Import other files as a source of their own.`,
      { sourceId },
    );
  }
  const own = resolve(project.path, source.root);
  const folder = path === null ? ownFolder(own, sourceId) : locateSource(path);
  const relink = folder !== own;
  const place = relink ? { location: folder, root: folder } : null;
  const job = services.jobs.start(
    { kind: 'rescan', title: `Re-scan ${folder}`, runId: null },
    'short',
    (context) =>
      inWorker(services.spawner, ['re-scan', 're-scan again'], async (worker) => {
        const changes = join(services.temporary, `changes-${randomBytes(8).toString('hex')}.json`);
        const input = { project: project.path, sourceId, folder, relink, changes };
        const report = await worker.run('source-compare', input, followedBy(context));
        results.keep(job.id, { report, changes, place });
      }),
  );
  return job;
}

/** A drive that is not plugged in must not look like images that are gone. */
function ownFolder(folder: string, sourceId: number): string {
  try {
    return locateSource(folder);
  } catch (cause) {
    throw new AtelierError(
      'SOURCE_NOT_FOUND',
      `Expected the folder of source ${sourceId} at ${folder}, but it is not there. Put it back, or relink the source to the folder that it moved to (\`atelier sources PROJECT relink ${sourceId} FOLDER\`); or remove the source.`,
      { sourceId, path: folder },
      { cause },
    );
  }
}

/** @throws NOT_FOUND where the source was removed since */
export function startUpdate(
  services: JobServices,
  { report, changes, place }: Rescan,
  take: Take,
  results: JobResults<SourceUpdate>,
): Job {
  const project = services.project();
  const { sourceId, folder } = report;
  const { location } = project.source(sourceId);
  const job = services.jobs.start(
    { kind: 'update', title: place ? `Relink ${location}` : `Update ${location}`, runId: null },
    'short',
    (context) =>
      inWorker(services.spawner, ['update', 'update again'], async (worker) => {
        const pack = project.packPath(`update-${randomBytes(6).toString('hex')}.part`);
        const input = { project: project.path, sourceId, folder, place, changes, take, pack };
        const { updated, touched } = await project.exclusively(async () => {
          const before = project.lastChangeId();
          const updated = await carryOutPending(
            worker,
            'source-update',
            input,
            context,
            () => project.lastChangeId() !== before,
          );
          return { updated, touched: await project.followUpdate() };
        });
        results.keep(job.id, updated);
        services.emit({ event: 'items.changed', itemIds: touched.slice(0, 10_000) });
        services.emit({ event: 'project.changed', project: project.summary() });
      }),
  );
  return job;
}
