/** Task `evidence`: what stored predictions say beyond their figures. Loads no engine: it is arithmetic alone. */
import { evidenceOf, type JudgedPart } from '#learning/statistics/evidence.ts';
import { inTurns } from '#learning/work-in-turns.ts';
import { readFloat32, readInt32 } from '../../project/arrays.ts';
import type { Input, TaskFunction } from '../protocol.ts';

export const evidence: TaskFunction<'evidence'> = async (
  { part, validation, classCount, topK },
  { emit, signal },
) => {
  let told = 0;
  const onProgress = (share: number) => {
    const done = Math.floor(100 * share);
    if (done > told) emit({ kind: 'step', done: (told = done), total: 100, unit: '%' });
  };
  const work = evidenceOf(
    await read(part),
    validation && (await read(validation)),
    classCount,
    topK,
    onProgress,
  );
  return inTurns(work, 'computing evidence', signal);
};

const read = async (files: Input<'evidence'>['part']): Promise<JudgedPart> => ({
  labels: await readInt32(files.labels),
  probabilities: await readFloat32(files.predictions),
});
