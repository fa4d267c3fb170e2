/** Jobs `inspect` and `import`: what an import would make of a source, and a source into the project; read and stored by a worker of its own. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { SourceReference } from '#contract/commands/data.ts';
import type { ImportOptions, ImportPlan, ImportReport } from '#contract/import.ts';
import type { Job } from '#contract/job.ts';
import { partWarnings } from '#contract/part-warnings.ts';
import { locateNamed, locateSource } from '../intake/locate.ts';
import { unpackedName } from '../intake/archive/orphans.ts';
import type { OpenProject } from '../project/project.ts';
import type { Uploads } from '../uploads.ts';
import type { Result } from '../worker/protocol.ts';
import { ImportWorker } from './import-worker.ts';
import { carryOutPending } from './pending.ts';
import { followedBy, inWorker } from './workers.ts';
import type { JobContext } from './queue.ts';
import type { JobServices } from './job-services.ts';

/** What the import is to read, and how the project calls it. */
interface Origin {
  /** Shown to people. */
  location: string;
  /** As the project keeps it: absolute, or relative to the project's folder. */
  root: string;
  /** What is read. */
  folder: string;
  /** The upload that moves to `root` when it is stored: the studio's own copy is all there is of it. */
  uploadId?: string;
}

/**
 * @param drawParts draws the parts of what was imported better than the import itself could; it is part of the job
 * @throws SOURCE_NOT_FOUND, SOURCE_UNREADABLE at once, before there is a job
 */
export function startImport(
  services: JobServices,
  uploads: Uploads,
  source: SourceReference,
  options: ImportOptions,
  onReport: (jobId: string, report: ImportReport) => void,
  drawParts: (project: OpenProject, context: JobContext) => Promise<void>,
): Job {
  const project = services.project();
  const origin = originOf(uploads, source);
  let release: () => void = () => undefined;
  const job = services.jobs.start(
    { kind: 'import', title: `Import ${origin.location}`, runId: null },
    'short',
    async (context) => {
      const startedAt = Date.now();
      const worker = new ImportWorker(services.spawner);
      try {
        const id = randomBytes(6).toString('hex');
        const pack = project.packPath(`import-${id}.part`);
        const unpackTo = join(project.path, unpackedName(id));
        const { folder, location } = origin;
        const read = await worker.run(
          'import-read',
          { project: project.path, folder, location, options, pack, unpackTo },
          followedBy(context),
        );
        const { sourceId, alreadyThere, changed, moved } = await storeSource(
          project,
          uploads,
          worker,
          rootedAt(origin, read, project.path),
          read.unpacked ? unpackTo : null,
          context,
        );
        const stored = project.sources().find(({ id }) => id === sourceId)!;
        onReport(job.id, {
          source: stored,
          imported: stored.items,
          alreadyThere,
          changed,
          moved,
          skippedFiles: project.skippedFiles(sourceId),
          warnings: partWarnings(project.classes(), project.columns.counts().unlabelled),
          notices: project.skippedAndNotices(sourceId).notices,
          seconds: (Date.now() - startedAt) / 1000,
        });
        context.progress(stored.items, stored.items, 'images', null);
        services.emit({ event: 'items.changed', itemIds: [] });
        services.emit({ event: 'project.changed', project: project.summary() });
        await drawParts(project, context);
      } finally {
        worker.close();
        release();
      }
    },
    async () => release(),
  );
  if (origin.uploadId !== undefined) release = uploads.hold(origin.uploadId);
  return job;
}

/** Where the names of what was read are relative to: what was unpacked is the project's own, and the archive stays where it is. */
function rootedAt(origin: Origin, { root, unpacked }: Result<'import-read'>, project: string): Origin {
  const { location, folder, uploadId } = origin;
  if (root === null) return origin;
  if (unpacked) return { location, folder, root: relative(project, root) };
  return uploadId === undefined
    ? { ...origin, root }
    : { ...origin, root: join(origin.root, relative(folder, root)) };
}

/** What was stored. Where it fails or is cancelled, an upload is where it was and can be imported again. */
async function storeSource(
  project: OpenProject,
  uploads: Uploads,
  worker: ImportWorker,
  { location, root, uploadId }: Origin,
  unpackedInto: string | null,
  context: JobContext,
): Promise<Result<'import-store'>> {
  const target = join(project.path, root);
  if (uploadId !== undefined) await uploads.moveTo(uploadId, target);
  return project.exclusively(async () => {
    const isThere = ({ sourceId }: { sourceId: number }) =>
      project.sources().some(({ id }) => id === sourceId);
    try {
      const input = { project: project.path, location, root };
      const stored = await carryOutPending(worker, 'import-store', input, context, isThere);
      await project.followImport();
      return stored;
    } catch (thrown) {
      if (uploadId !== undefined) await uploads.takeBack(uploadId, target);
      if (unpackedInto !== null) await rm(unpackedInto, { recursive: true, force: true });
      throw thrown;
    }
  });
}

/** @throws SOURCE_NOT_FOUND, SOURCE_UNREADABLE, NOT_FOUND for an unknown upload */
export function originOf(uploads: Uploads, source: SourceReference): Origin {
  switch (source.kind) {
    case 'path': {
      const folder = locateSource(source.path);
      return { location: folder, root: folder, folder };
    }
    case 'named': {
      const folder = locateNamed(source.name);
      return { location: source.name, root: folder, folder };
    }
    case 'upload': {
      const { uploadId } = source;
      const { folder, name } = uploads.folderOf(uploadId);
      return { location: name, root: join('uploads', uploadId), folder, uploadId };
    }
    default:
      return source satisfies never;
  }
}

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
