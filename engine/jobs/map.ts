/**
 * Job `map`: the map of the embeddings of the open project. A worker draws it; it takes the place of the one before once it is
 * whole. Laying it out is learning/embeddings/map-layout.ts.
 */
import { randomBytes } from 'node:crypto';
import type { EmbeddingMapState } from '#contract/embeddings.ts';
import { AtelierError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import { mapFile, readMapFile } from '../project/map-file.ts';
import type { OpenProject } from '../project/project.ts';
import { embeddingState, isThere, keptEmbeddings, originOf } from './embed.ts';
import type { JobServices } from './job-services.ts';
import { followedBy, inWorker } from './workers.ts';

const openJob = ({ jobs }: JobServices, kind: Job['kind']): Job | undefined =>
  jobs.list().find((job) => job.kind === kind && (job.state === 'queued' || job.state === 'running'));

/** Brings the map that the project keeps into memory. */
export async function readMap({ path, columns }: OpenProject): Promise<void> {
  columns.setMap(await readMapFile(mapFile(path)));
}

/** @throws NOT_FOUND where there are no embeddings and none are being computed */
export function startMap(services: JobServices): Job {
  const under = openJob(services, 'map');
  if (under) return under;
  const project = services.project();
  project.requireWritable();
  if (!openJob(services, 'embed')) requireEmbeddings(services, project);
  const tell = () => services.emit({ event: 'map.changed', state: mapState(services, project) });
  const job = services.jobs.start(
    { kind: 'map', title: 'Map of embeddings', runId: null },
    // One after another with embeddings, of which it is drawn.
    'embedding',
    async (context) => {
      const kept = requireEmbeddings(services, project);
      const { ids, length } = project.columns;
      await inWorker(services.spawner, ['map', 'draw it again'], (worker) =>
        worker.run(
          'map',
          {
            ...{ project: project.path, origin: originOf(project, kept), lastItemId: ids[length - 1] ?? 0 },
            ...{ file: mapFile(project.path), mapId: randomBytes(8).toString('hex'), by: kept.by },
          },
          followedBy(context),
        ),
      );
      await readMap(project);
    },
    undefined,
    tell,
  );
  tell();
  return job;
}

function requireEmbeddings(services: JobServices, project: OpenProject) {
  const kept = keptEmbeddings(project);
  if (kept && isThere(project, kept) && embeddingState(services, project).done > 0) return kept;
  throw new AtelierError(
    'NOT_FOUND',
    'Expected embeddings to draw a map of, but none are computed yet. Compute them first: embeddings.start, or `atelier embed PROJECT`.',
  );
}

export function mapState(services: JobServices, project: OpenProject): EmbeddingMapState {
  const { columns } = project;
  const jobId = openJob(services, 'map')?.id ?? null;
  const { kept } = columns.map;
  if (!kept) return { map: null, missing: columns.counts().all.total, outdated: false, jobId };
  let shown = 0;
  for (const itemId of kept.itemIds) {
    const at = columns.positionOf(itemId);
    if (at >= 0 && !columns.removed[at]) shown += 1;
  }
  const { by } = embeddingState(services, project);
  return {
    map: kept.map,
    missing: columns.counts().all.total - shown,
    outdated: by !== null && JSON.stringify(by) !== JSON.stringify(kept.map.by),
    jobId,
  };
}
