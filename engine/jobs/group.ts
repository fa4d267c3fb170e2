/**
 * Job `group`: which images of a project belong together, found by a worker and kept in the project. A draw and a study that need
 * groups ask here too, so that all go by the same.
 */
import type { Job } from '#contract/job.ts';
import { AtelierError } from '#contract/errors.ts';
import { GroupBy, type GroupTable } from '#contract/splits.ts';
import { patternKey } from '#learning/splits/name-keys.ts';
import type { FoundGroups } from '../project/image-groups.ts';
import type { OpenProject } from '../project/project.ts';
import type { Uploads } from '../uploads.ts';
import { backboneOrigin } from './embed.ts';
import type { JobServices } from './job-services.ts';
import type { JobContext } from './queue.ts';
import { tellSplits } from './split-state.ts';
import { followedBy, inWorker, type Worker } from './workers.ts';

/** Beyond so many images embeddings take too much memory and time: pictures alone are compared. */
const mostEmbedded = 20_000;
/** Without these on the machine pictures alone are compared. */
const missing: readonly string[] = ['ENGINE_NOT_FOUND', 'BACKBONE_NOT_FOUND', 'ENGINE_FAILED'];

export const defaultGroupBy: GroupBy = GroupBy.parse({});

/** What is asked of groups: how, and by what table where that is a column of one. */
export interface GroupRequest {
  by: GroupBy;
  table?: GroupTable | undefined;
}

/** @throws BAD_REQUEST for a pattern that is none, or a column without a table, at once; NO_PROJECT */
export function startGrouping(services: JobServices, uploads: Uploads, request: GroupRequest): Job {
  const project = services.project();
  requireSound(project, request);
  return services.jobs.start(
    { kind: 'group', title: 'Find images that belong together', runId: null },
    'short',
    (context) =>
      inWorker(services.spawner, ['search for groups', 'try again'], (worker) =>
        findGroups(services, project, uploads, worker, request, context),
      ),
  );
}

/** @throws BAD_REQUEST */
export function requireSound(project: OpenProject, { by, table }: GroupRequest): void {
  if (by.key.kind === 'pattern') patternKey(by.key.pattern);
  if (by.key.kind !== 'column' || table || sameKey(project.groups.found?.by, by)) return;
  throw new AtelierError(
    'BAD_REQUEST',
    `Expected the table that has the column ${JSON.stringify(by.key.column)}, received none. Name it, such as csv:FILE:COLUMN.`,
    { column: by.key.column },
  );
}

const sameKey = (known: GroupBy | undefined, { key }: GroupBy) =>
  known !== undefined && JSON.stringify(known.key) === JSON.stringify(key);

/** Whether the groups that are kept are of these settings, and of all images. */
const stand = ({ groups }: OpenProject, by: GroupBy): boolean =>
  groups.found !== null && groups.later === 0 && JSON.stringify(groups.found.by) === JSON.stringify(by);

/**
 * Finds groups where those that are kept are others, or images came since.
 * @param request absent: as before, or those that look alike
 * @param uploads null where no table can be handed over
 */
export async function ensureGroups(
  services: JobServices,
  project: OpenProject,
  uploads: Uploads | null,
  worker: Worker,
  request: GroupRequest | undefined,
  context: JobContext,
): Promise<void> {
  const by = request?.by ?? project.groups.found?.by ?? defaultGroupBy;
  if (request?.table === undefined && stand(project, by)) return;
  await findGroups(services, project, uploads, worker, { by, table: request?.table }, context);
}

async function findGroups(
  services: JobServices,
  project: OpenProject,
  uploads: Uploads | null,
  worker: Worker,
  { by, table }: GroupRequest,
  context: JobContext,
): Promise<void> {
  const { columns, groups } = project;
  const lastItemId = columns.length === 0 ? 0 : columns.ids[columns.length - 1]!;
  const uploadId = table?.kind === 'upload' ? table.uploadId : null;
  const find = async (): Promise<Omit<FoundGroups, 'at'>> => {
    const embed = by.lookAlikes && columns.counts().all.total <= mostEmbedded;
    const origin = embed ? await embedded(project, worker, lastItemId, context) : null;
    const input = {
      ...{ project: project.path, lastItemId, by, origin },
      table:
        table === undefined ? null : table.kind === 'path' ? table.path : uploads!.fileOf(table.uploadId),
      keys: sameKey(groups.found?.by, by) ? groups.found!.keys : [],
    };
    return worker.run('group-images', input, followedBy(context));
  };
  const found = uploads ? await uploads.during(uploadId, find) : await find();
  await groups.keep({ ...found, at: new Date().toISOString() });
  tellSplits(services, project);
}

/** Computes the embeddings that are missing; null where pictures alone are compared. */
async function embedded(project: OpenProject, worker: Worker, lastItemId: number, context: JobContext) {
  try {
    const origin = backboneOrigin(project);
    if (origin) await worker.run('embed', { project: project.path, origin, lastItemId }, followedBy(context));
    return origin;
  } catch (thrown) {
    if (thrown instanceof AtelierError && missing.includes(thrown.code)) return null;
    throw thrown;
  }
}
