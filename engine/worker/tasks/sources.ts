/** Tasks `source-compare` and `source-update`: what became of a source's files, and taking it over; see `settle` in import.ts. */
import { readFile } from 'node:fs/promises';
import { writeDurably } from '#learning/files/durable-file.ts';
import { compareWithFolder, imagesOfSource, sourceOf } from '../../intake/rescan/compare-folder.ts';
import { readFiles } from '../../images/read/read-files.ts';
import type { Changes } from '../../intake/rescan/compare.ts';
import { filesToRead, updateSource } from '../../intake/rescan/update.ts';
import type { StepDone, TaskFunction } from '../protocol.ts';
import { keepPending } from './import.ts';

const steps =
  (emit: (event: StepDone) => void, unit: string) =>
  (done: number, total: number | null): void =>
    emit({ kind: 'step', done, total, unit });

export const sourceCompare: TaskFunction<'source-compare'> = async (input, { emit, signal }) => {
  const { project, sourceId, folder, relink } = input;
  const { report, changes } = await compareWithFolder(project, sourceId, folder, relink, {
    signal,
    onProgress: steps(emit, 'files'),
  });
  await writeDurably(input.changes, new TextEncoder().encode(JSON.stringify(changes)));
  return report;
};

export const sourceUpdate: TaskFunction<'source-update'> = async (input, { emit, signal }) => {
  const { project, sourceId, folder, place, take, pack } = input;
  const changes = JSON.parse(await readFile(input.changes, 'utf8')) as Changes;
  const only = new Set(filesToRead(changes, take));
  const { images } = await imagesOfSource(sourceOf(project, sourceId), folder, signal);
  const read =
    only.size === 0
      ? { items: [], skippedFiles: [], pack }
      : await readFiles(
          { images: images.filter(({ name }) => only.has(name)), skipped: [] },
          { pack, signal, onProgress: steps(emit, 'images') },
        );
  return keepPending(
    await updateSource(
      project,
      {
        sourceId,
        changes,
        take,
        place,
        read,
      },
      { signal, onProgress: steps(emit, 'images saved') },
    ),
  );
};
