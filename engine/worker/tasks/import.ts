/**
 * Tasks `import-read` and `import-store`: a source from its files into a pack and the database. Two tasks,
 * so that reading, which is long, does not keep the studio's own changes waiting; the rows stay here between.
 */
import { rmSync } from 'node:fs';
import { AtelierError } from '#contract/errors.ts';
import { readFolderSource } from '../../images/read-folder.ts';
import { holdsIdx, readIdxSource } from '../../intake/idx.ts';
import type { ReadSource } from '../../intake/source.ts';
import { storeSource } from '../../intake/store.ts';
import type { TaskFunction } from '../protocol.ts';

const millisecondsBetweenReports = 100;
let read: { source: ReadSource; startedAt: number } | null = null;

export const importRead: TaskFunction<'import-read'> = async ({ folder, pack, resume }, { emit, signal }) => {
  const startedAt = Date.now();
  const idx = holdsIdx(folder);
  let reported = 0;
  try {
    const source = await (idx ? readIdxSource : readFolderSource)(folder, {
      pack,
      resume: resume ?? false,
      signal,
      onProgress(done, total) {
        if (Date.now() - reported < millisecondsBetweenReports) return;
        reported = Date.now();
        emit({ kind: 'step', done, total, unit: 'images' });
      },
    });
    read = { source, startedAt };
    return { items: source.items.length };
  } catch (thrown) {
    rmSync(pack, { force: true });
    throw thrown;
  }
};

export const importStore: TaskFunction<'import-store'> = async ({ project, location, root }) => {
  if (!read) throw new AtelierError('INTERNAL', 'import-store expects a source that was read before.');
  const { source, startedAt } = read;
  read = null;
  return storeSource(project, source, { location, root, startedAt });
};
