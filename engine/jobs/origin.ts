/**
 * What a run begins with when it is not fresh: a file of another run, copied into the new one's folder, so that
 * deleting the other one later harms nothing; with it which images those weights were trained on, for they say nothing
 * as validation images. What is taken out of the file is left to learning/training.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { Origin, Run } from '#contract/run.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { digest } from '#learning/model/model-file.ts';
import { decodeSafetensors } from '#learning/files/safetensors.ts';
import { initialFile, listCheckpoints } from '#learning/training/checkpoint/checkpoint-files.ts';
import { readInt32 } from '../project/arrays.ts';
import type { OpenProject } from '../project/project.ts';
import type { RunClass } from '../project/runs.ts';
import { readSnapshot, type Snapshot } from '../project/snapshot.ts';
import { requireStudyAtRest } from './study-rest.ts';
import { requireRest, requireWeights } from './evaluate.ts';
import type { JobServices } from './job-services.ts';

/** Rows of the pack that the weights were trained on, by the earlier run and those that it began with itself. */
const seenFile = 'seen.i32';

/** What a new run takes of another. */
interface Initial {
  bytes: Uint8Array;
  seen: Int32Array;
}

/**
 * What to begin with: the last whole checkpoint to continue, the kept weights to fine-tune.
 * @param classes of the new run
 * @throws NOT_FOUND for an unknown run; CONFLICT where it, or the study whose trial it is, is under way, has learned nothing yet, or answers with
 * other classes than the one that is to continue it; CHECKPOINT_DAMAGED where none of its checkpoints is whole
 */
export async function readOrigin(
  services: JobServices,
  { runs }: OpenProject,
  { runId, how }: Origin,
  classes: readonly RunClass[],
): Promise<Initial> {
  const run = runs.get(runId);
  requireRest(run);
  requireStudyAtRest(services, run.studyId);
  const folder = runs.folderOf(runId);
  const seen = new Set([...((await readSnapshot(folder))?.train ?? []), ...(await seenBefore(folder))]);
  const bytes = await weightsOf(run, how, runs.classesOf(runId), classes, folder);
  return { bytes, seen: Int32Array.from(seen).sort() };
}

async function weightsOf(
  run: Run,
  how: Origin['how'],
  before: readonly RunClass[],
  now: readonly RunClass[],
  folder: string,
): Promise<Uint8Array> {
  if (how === 'fine-tune') {
    requireWeights(run);
    return readFile(join(folder, 'model.safetensors')).catch((cause: Error) => {
      throw new AtelierError(
        'CHECKPOINT_DAMAGED',
        `Expected the kept weights of ${run.name} to fine-tune from, but model.safetensors cannot be read: ${cause.message}. Resume that run to make them again, or begin with another.`,
        { runId: run.id },
        { cause },
      );
    });
  }
  requireSameClasses(run, before, now);
  return lastWholeCheckpoint(run, folder);
}

/** Path of what a run of this origin would begin with, as far as it is there; null where it is not. Nothing is checked. */
export async function fileToBeginWith({ runs }: OpenProject, { runId, how }: Origin): Promise<string | null> {
  const folder = runs.folderOf(runId);
  const name = how === 'fine-tune' ? 'model.safetensors' : (await listCheckpoints(folder))[0]?.name;
  if (name === undefined) return null;
  const path = join(folder, name);
  return stat(path).then(
    () => path,
    () => null,
  );
}

/** Puts it where the training looks for it. @throws DISK_FULL, FILE_NOT_WRITABLE */
export async function keepInitial(folder: string, { bytes, seen }: Initial): Promise<void> {
  // First: weights that are there have their images beside them.
  await writeDurably(join(folder, seenFile), new Uint8Array(seen.buffer, seen.byteOffset, seen.byteLength));
  await writeDurably(join(folder, initialFile), bytes);
}

/**
 * Path of what the run begins with; null for random weights.
 * @throws CHECKPOINT_DAMAGED where it was to begin with those of another run, and they are not there
 */
export async function initialOf(
  folder: string,
  { id, name, origin }: Pick<Run, 'id' | 'name' | 'origin'>,
): Promise<string | null> {
  const path = join(folder, initialFile);
  try {
    await stat(path);
    return path;
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' && origin === null) return null;
    throw new AtelierError(
      'CHECKPOINT_DAMAGED',
      `Expected the weights that ${name} begins with${origin ? `, those of ${origin.runId}` : ''}, but its copy of them cannot be read (${code}). Nothing was trained. Delete ${name} and start it again.`,
      { runId: id, path, reason: code },
      { cause },
    );
  }
}

/** Says how many of the run's validation images its first weights were trained on, where there are any. */
export async function tellSeen({ runs }: OpenProject, run: Run, { validation }: Snapshot): Promise<void> {
  if (run.origin === null) return;
  const seen = new Set(await seenBefore(runs.folderOf(run.id)));
  const count = validation.filter((row) => seen.has(row)).length;
  if (count === 0) return;
  await runs.addNotice(
    run.id,
    `${count} of ${validation.length} validation images were trained on by ${run.origin.runId}, whose weights it began with: its validation accuracy comes out too high.`,
  );
}

async function seenBefore(folder: string): Promise<Int32Array> {
  try {
    return await readInt32(join(folder, seenFile));
  } catch (thrown) {
    // A run that began fresh, or one of an earlier version.
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return new Int32Array(0);
    throw thrown;
  }
}

function requireSameClasses(run: Run, before: readonly RunClass[], now: readonly RunClass[]): void {
  if (before.length === now.length && before.every(({ id }, index) => id === now[index]!.id)) return;
  const only = (list: readonly RunClass[], other: readonly RunClass[]) =>
    list.filter(({ id }) => other.every((each) => each.id !== id)).map(({ name }) => name);
  const [added, removed] = [only(now, before), only(before, now)];
  const changes = [
    ...(added.length > 0 ? [`${added.join(', ')} came`] : []),
    ...(removed.length > 0 ? [`${removed.join(', ')} went`] : []),
  ];
  throw new AtelierError(
    'CONFLICT',
    `Continuing expects the classes that ${run.name} predicts, but since then ${changes.join(' and ')}. Fine-tune from it instead, which trains a new head on the same features.`,
    { runId: run.id, added, removed },
  );
}

async function lastWholeCheckpoint(run: Run, folder: string): Promise<Uint8Array> {
  const checkpoints = await listCheckpoints(folder).catch(() => []);
  if (checkpoints.length === 0) {
    throw new AtelierError(
      'CONFLICT',
      `Expected a run that has learned something to continue; ${run.name} has no checkpoint yet. Resume it first, or start a fresh one.`,
      { runId: run.id },
    );
  }
  for (const { name } of checkpoints) {
    const bytes = await readFile(join(folder, name)).catch(() => null);
    if (bytes && isWhole(bytes)) return bytes;
  }
  throw new AtelierError(
    'CHECKPOINT_DAMAGED',
    `Expected a whole checkpoint of ${run.name}, but each of its ${checkpoints.length} is damaged. Fine-tune from it instead, which takes the weights alone.`,
    { runId: run.id, checkpoints: checkpoints.map(({ name }) => name) },
  );
}

function isWhole(bytes: Uint8Array): boolean {
  try {
    const { tensors, metadata } = decodeSafetensors(bytes);
    return metadata['sha256'] === digest(tensors, metadata);
  } catch {
    return false;
  }
}
