/**
 * Tasks `import-read`, `import-store` and `settle`: a source from its files into a pack and the database. Three tasks, so
 * that reading, which is long, does not keep the studio's own changes waiting, and so that nothing counts which the studio
 * has not asked for; the rows, then what is pending, stay here between.
 */
import { rmSync } from 'node:fs';
import { AtelierError } from '#contract/errors.ts';
import { readFolderSource } from '../../images/read-folder.ts';
import { holdsIdx, readIdxSource } from '../../intake/idx.ts';
import type { Pending } from '../../intake/pending.ts';
import type { ReadSource } from '../../intake/source.ts';
import { storeSource } from '../../intake/store.ts';
import type { TaskFunction } from '../protocol.ts';

const millisecondsBetweenReports = 100;
let pending: Pending<unknown> | null = null;
let read: { source: ReadSource; startedAt: number } | null = null;

export const importRead: TaskFunction<'import-read'> = async ({ folder, pack }, { emit, signal }) => {
  const startedAt = Date.now();
  const idx = holdsIdx(folder);
  let reported = 0;
  try {
    const source = await (idx ? readIdxSource : readFolderSource)(folder, {
      pack,
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

export const importStore: TaskFunction<'import-store'> = async (
  { project, location, root },
  { emit, signal },
) => {
  if (!read) throw new AtelierError('INTERNAL', 'import-store expects a source that was read before.');
  const { source, startedAt } = read;
  read = null;
  return keepPending(
    await storeSource(
      project,
      source,
      { location, root, startedAt },
      { signal, onProgress: (done, total) => emit({ kind: 'step', done, total, unit: 'images saved' }) },
    ),
  );
};

/** Until the studio says that it counts: where it dies before, the process ends, and the database forgets it. */
export function keepPending<T>(stored: Pending<T>): T {
  pending = stored;
  return stored.result;
}

export const settle: TaskFunction<'settle'> = async ({ commit }) => {
  if (!pending)
    throw new AtelierError('INTERNAL', 'settle expects a task before it that left something pending.');
  const stored = pending;
  pending = null;
  if (commit) stored.commit();
  else stored.rollback();
  return {};
};
