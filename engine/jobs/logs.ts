/** A run's curves as TensorBoard reads them, in the project's exports. The format is learning/export/tensorboard.ts. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Run } from '#contract/run.ts';
import { notWritten, writeDurably } from '#learning/files/durable-file.ts';
import { encodeEvents, eventFileName } from '#learning/export/tensorboard.ts';
import type { OpenProject } from '../project/project.ts';

/**
 * Writes all epochs so far, also of a run that trains still; the file of an earlier time is replaced.
 * @returns the folder, which is what `tensorboard --logdir` wants, and the size of its file
 * @throws NOT_FOUND, DISK_FULL, FILE_NOT_WRITABLE
 */
export async function exportLogs(
  { runs, path }: OpenProject,
  runId: string,
): Promise<{ path: string; bytes: number }> {
  const run = runs.get(runId);
  const folder = join(path, 'exports', `${fileNameOf(run)}-logs`);
  const file = join(folder, eventFileName);
  const bytes = encodeEvents({
    startedAt: run.createdAt,
    epochs: run.epochs,
    texts: {
      ...(run.note === '' ? {} : { note: run.note }),
      recipe: `${'```'}json\n${JSON.stringify(run.recipe, null, 2)}\n${'```'}`,
    },
  });
  await mkdir(dirname(file), { recursive: true }).catch((cause: unknown) => {
    throw notWritten(file, cause);
  });
  await writeDurably(file, bytes);
  return { path: folder, bytes: bytes.length };
}

/** A name that every file system takes: TensorBoard shows it as the run's. Names need not differ, ids do. */
export function fileNameOf({ id, name }: Run): string {
  const safe = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return safe === '' ? id : `${safe}-${id}`;
}
