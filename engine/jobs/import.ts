/** Job `import`: a source into the project, read and stored by a worker of its own. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { SourceReference } from '#contract/commands.ts';
import type { ImportReport, Job } from '#contract/entities.ts';
import { locateFolder, locateNamed } from '../intake/locate.ts';
import type { OpenProject } from '../project/project.ts';
import type { Uploads } from '../uploads.ts';
import { Worker } from './workers.ts';
import type { Workshop } from './workshop.ts';

/** What the import is to read, and how the project calls it. */
interface Origin {
  /** Shown to people. */
  location: string;
  /** As the project keeps it: absolute, or relative to the project's folder. */
  root: string;
  folder: string;
}

/** @throws SOURCE_NOT_FOUND, SOURCE_UNREADABLE at once, before there is a job */
export function startImport(
  workshop: Workshop,
  uploads: Uploads,
  source: SourceReference,
  onReport: (jobId: string, report: ImportReport) => void,
): Job {
  const project = workshop.project();
  const origin = originOf(project, uploads, source);
  const job = workshop.jobs.start(
    { kind: 'import', title: `Import ${origin.location}`, runId: null },
    'short',
    async ({ signal, progress }) => {
      const startedAt = Date.now();
      const worker = new Worker(workshop.spawner, 'import', 'import again');
      try {
        const pack = project.packPath(`import-${randomBytes(6).toString('hex')}.part`);
        await worker.run(
          'import-read',
          { folder: origin.folder, pack },
          { signal, onEvent: ({ done, total, unit }) => progress(done, total, unit) },
        );
        const { sourceId } = await project.exclusively(async () => {
          const stored = await worker.run('import-store', {
            project: project.path,
            location: origin.location,
            root: origin.root,
          });
          await project.followImport();
          return stored;
        });
        const stored = project.sources().find(({ id }) => id === sourceId)!;
        onReport(job.id, {
          source: stored,
          imported: stored.items,
          setAside: project.setAside(sourceId),
          seconds: (Date.now() - startedAt) / 1000,
        });
        progress(stored.items, stored.items, 'images', null);
        workshop.emit({ event: 'items.changed', itemIds: [] });
        workshop.emit({ event: 'project.changed', project: project.summary() });
      } finally {
        worker.close();
      }
    },
  );
  return job;
}

function originOf(project: OpenProject, uploads: Uploads, source: SourceReference): Origin {
  switch (source.kind) {
    case 'path': {
      const folder = locateFolder(source.path);
      return { location: folder, root: folder, folder };
    }
    case 'named': {
      const folder = locateNamed(source.name);
      return { location: source.name, root: folder, folder };
    }
    case 'upload': {
      // The studio's own copy is all there is of it: it moves into the project and stays.
      const { name } = uploads.folderOf(source.uploadId);
      const root = join('uploads', source.uploadId);
      const folder = join(project.path, root);
      uploads.moveTo(source.uploadId, folder);
      return { location: name, root, folder };
    }
    default:
      return source satisfies never;
  }
}
