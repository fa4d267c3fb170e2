/**
 * Tasks `import-plan`, `import-read`, `import-store` and `settle`: what a source is taken for, and the source from its files
 * into a pack and the database. Three tasks, so that reading, which is long, does not keep the studio's own changes
 * waiting, and so that nothing counts which the studio has not asked for; the rows, then what is pending, stay here between.
 */
import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { AtelierError } from '#contract/errors.ts';
import { type ImportOptions, requireImages } from '#contract/import.ts';
import { planOf, scanSource } from '../../intake/scan.ts';
import type { Pending } from '../../intake/store/pending.ts';
import { removeOrphans } from '../../intake/archive/orphans.ts';
import type { ReadSource } from '../../intake/importer.ts';
import { storeSource } from '../../intake/store/store.ts';
import type { StepDone, TaskFunction } from '../protocol.ts';

const millisecondsBetweenReports = 100;
let pending: Pending<unknown> | null = null;
let read: { source: ReadSource; options: ImportOptions; startedAt: number } | null = null;

/** Tells progress, but not more often than anybody could read it. */
function reporter(emit: (event: StepDone) => void, unit: string) {
  let reported = 0;
  return (done: number, total: number | null) => {
    if (Date.now() - reported < millisecondsBetweenReports) return;
    reported = Date.now();
    emit({ kind: 'step', done, total, unit });
  };
}

export const importPlan: TaskFunction<'import-plan'> = async (
  { folder, location, options, unpackTo },
  { emit, signal },
) => {
  const tell = reporter(emit, 'files');
  const context = { location, options, signal, unpackTo: { folder: unpackTo, durable: false } };
  try {
    const { scan } = await scanSource(folder, context, (files) => tell(files, null));
    return planOf(scan, location);
  } finally {
    await rm(unpackTo, { recursive: true, force: true });
  }
};

export const importRead: TaskFunction<'import-read'> = async (
  { project, folder, location, options, pack, unpackTo, resume },
  { emit, signal },
) => {
  const startedAt = Date.now();
  const listed = reporter(emit, 'files');
  const onProgress = reporter(emit, 'images');
  const context = { location, options, signal, unpackTo: { folder: unpackTo, durable: true } };
  try {
    await removeOrphans(project);
    const {
      scan,
      unpacked,
      read: readImages,
    } = await scanSource(folder, context, (files) => listed(files, null));
    requireImages(planOf(scan, location));
    const source = await readImages({ pack, resume: resume ?? false, signal, onProgress });
    read = { source, options: scan.options, startedAt };
    return { items: source.items.length, root: scan.root ?? null, unpacked };
  } catch (thrown) {
    rmSync(pack, { force: true });
    rmSync(unpackTo, { recursive: true, force: true });
    throw thrown;
  }
};

export const importStore: TaskFunction<'import-store'> = async (
  { project, location, root },
  { emit, signal },
) => {
  if (!read) throw new AtelierError('INTERNAL', 'import-store expects a source that was read before.');
  const { source, options, startedAt } = read;
  read = null;
  return keepPending(
    await storeSource(
      project,
      source,
      { location, root, startedAt, options },
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
