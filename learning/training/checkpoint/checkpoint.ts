/**
 * Checkpoints: everything a run needs to go on from a step as if it had never stopped; the last two are kept. Each
 * carries the SHA-256 of its content; a damaged one is passed over for the one before (docs/decisions/0012).
 * Weights without the rest are model-file.ts, when to save is checkpoint-manager.ts.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { AtelierError } from '#contract/errors.ts';
import { EngineInfo, Epoch } from '#contract/run.ts';
import { unfinished, writeDurably, type WriteFile } from '#learning/files/durable-file.ts';
import { digest, digestInTurns, parseValues, tensorsOf, weightsOf } from '#learning/model/model-file.ts';
import type { Weights } from '#learning/model/network.ts';
import type { Weight } from '#recipe/plan.ts';
import { damaged, decodeSafetensors, encodeSafetensorsInTurns } from '#learning/files/safetensors.ts';
import { checkpointFile, listCheckpoints } from './checkpoint-files.ts';
import type { Totals } from '#learning/training/step/step.ts';
import type { Elapsed } from '#learning/training/loop/stopwatch.ts';

/** What training changes, as numbers. */
export interface VariableValues {
  weights: Weights;
  /** The averaged weights, where the recipe averages. */
  average: Weights | null;
  /** What the optimizer remembers: by slot name, then weight name; trained weights only. */
  optimizerState: Map<string, Weights>;
}

/** Where a run stands: all that it goes on from beside its variables and its clock. */
export interface TrainState {
  /** Of the run, from 0. */
  stepsDone: number;
  /** Of the runs that it continues: the optimizer state is that much older. */
  stepsBefore: number;
  /** All that are over: where their steps are done too, the next one has begun. */
  epochs: Epoch[];
  /** From 1; 0 where no epoch is over. */
  bestEpoch: number;
  /** Weights as they were evaluated in `bestEpoch`; null where it is 0. */
  best: Weights | null;
}

/** Before the first step. @param stepsBefore of the runs that it continues, 0 for none */
export const atTheBeginning = (stepsBefore: number): TrainState => ({
  stepsDone: 0,
  stepsBefore,
  epochs: [],
  bestEpoch: 0,
  best: null,
});

/** Only what a train state holds: a checkpoint holds more. */
export const trainStateOf = ({
  stepsDone,
  stepsBefore,
  epochs,
  bestEpoch,
  best,
}: TrainState): TrainState => ({
  stepsDone,
  stepsBefore,
  epochs,
  bestEpoch,
  best,
});

const CheckpointEngine = EngineInfo.pick({ kind: true, version: true, device: true, threads: true });
/** What else the bytes of a result depend on: another of these may round another way. */
export type CheckpointEngine = z.infer<typeof CheckpointEngine>;

/** What the checkpoint needs of all that is known of an engine. */
export const engineOf = (info: EngineInfo): CheckpointEngine => CheckpointEngine.parse(info);

export interface Checkpoint extends TrainState, VariableValues {
  /** Digest of recipe, data and what the run began with: it goes on only with these. */
  identity: string;
  /** That computed it; null in checkpoints from before this was kept. */
  engine: CheckpointEngine | null;
  /** Over the steps of the epoch under way. */
  totals: Totals;
  elapsed: Elapsed;
}

/** Which weights a checkpoint holds. */
export interface Layout {
  weights: readonly Weight[];
  /** Those that the optimizer remembers something of. */
  trained: readonly Weight[];
}

export const checkpointFormat = 'atelier-checkpoint/2';

const count = z.int().min(0);
const seconds = z.number().min(0);
const Metadata = z.object({
  format: z.literal(checkpointFormat),
  sha256: z.string(),
  identity: z.string(),
  engine: CheckpointEngine.nullable().default(null),
  stepsDone: count,
  stepsBefore: count,
  totals: z.object({ loss: z.number(), correct: count, steps: count, firstNotFinite: z.literal(0) }),
  elapsed: z.object({
    training: seconds,
    validation: seconds,
    lastValidation: seconds,
    measuredSteps: count,
    measuredSeconds: seconds,
  }),
  epochs: z.array(Epoch),
  bestEpoch: count,
  averaged: z.boolean(),
  /** The kinds of the optimizer's state, such as velocity; files have it under this name from the first format on. */
  slots: z.array(z.string()),
});

/** The file's bytes, in turns with other work; its digest is over all that it holds. */
export async function encodeCheckpoint(
  { weights: all, trained }: Layout,
  checkpoint: Checkpoint,
): Promise<Uint8Array> {
  const { weights, average, optimizerState, best, ...rest } = checkpoint;
  const tensors = new Map([
    ...tensorsOf({ weights: all }, weights, 'weights/'),
    ...(average ? tensorsOf({ weights: all }, average, 'average/') : []),
    ...[...optimizerState].flatMap(([slot, values]) =>
      tensorsOf({ weights: trained }, values, `slots/${slot}/`),
    ),
    ...(best ? tensorsOf({ weights: all }, best, 'best/') : []),
  ]);
  const values = { ...rest, averaged: average !== null, slots: [...optimizerState.keys()] };
  const metadata: Record<string, string> = { format: checkpointFormat };
  for (const [key, value] of Object.entries(values)) metadata[key] = JSON.stringify(value);
  return encodeSafetensorsInTurns(tensors, { ...metadata, sha256: await digestInTurns(tensors, metadata) });
}

/**
 * @param identity of the run that would go on: compared once the content is known to be whole and before the layout,
 * since another network is no damage
 * @throws CHECKPOINT_DAMAGED, also for a file of an earlier format; CONFLICT where it belongs to another recipe or
 * other data
 */
export function decodeCheckpoint(
  { weights: all, trained }: Layout,
  bytes: Uint8Array,
  identity: string,
): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const parsed = Metadata.safeParse(parseValues(metadata));
  if (!parsed.success)
    throw damaged(`the metadata of ${checkpointFormat}`, z.prettifyError(parsed.error).replaceAll('\n', ' '));
  const { sha256, averaged, slots, engine, totals, elapsed } = parsed.data;
  const found = digest(tensors, metadata);
  if (found !== sha256) throw damaged(`content with SHA-256 ${sha256}`, found);
  if (parsed.data.identity !== identity) {
    throw new AtelierError(
      'CONFLICT',
      'Expected the recipe and the data that the run began with, but one of them has changed since. Start a new run.',
      { stepsDone: parsed.data.stepsDone },
    );
  }
  const best = parsed.data.bestEpoch > 0 ? weightsOf({ weights: all }, tensors, 'best/') : null;
  return {
    ...trainStateOf({ ...parsed.data, best }),
    identity,
    engine,
    totals,
    elapsed,
    weights: weightsOf({ weights: all }, tensors, 'weights/'),
    average: averaged ? weightsOf({ weights: all }, tensors, 'average/') : null,
    optimizerState: new Map(
      slots.map((slot) => [slot, weightsOf({ weights: trained }, tensors, `slots/${slot}/`)]),
    ),
  };
}

/** The identity in the newest checkpoint that can be read; null where there is none. */
export async function checkpointIdentity(folder: string): Promise<string | null> {
  for (const { name } of await listCheckpoints(folder)) {
    try {
      const { metadata } = decodeSafetensors(await readWhole(join(folder, name)));
      const parsed = Metadata.safeParse(parseValues(metadata));
      if (parsed.success) return parsed.data.identity;
    } catch (error) {
      if (!(error instanceof AtelierError && error.code === 'CHECKPOINT_DAMAGED')) throw error;
    }
  }
  return null;
}

/** Writes the checkpoint, then removes all but it and the one before. @throws DISK_FULL, FILE_NOT_WRITABLE */
export async function saveCheckpoint(
  folder: string,
  layout: Layout,
  checkpoint: Checkpoint,
  write: WriteFile = writeDurably,
): Promise<void> {
  const { stepsDone } = checkpoint;
  await write(join(folder, checkpointFile(stepsDone)), await encodeCheckpoint(layout, checkpoint));
  // One that could not be removed takes space, no more: the next save tries again.
  const others = await listCheckpoints(folder).catch(() => []);
  const before = others.find(({ step }) => step < stepsDone);
  for (const { name, step } of others) {
    // Later ones are damaged: this run was at them before and went back.
    if (step === stepsDone || step === before?.step) continue;
    await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}

/**
 * The newest whole checkpoint of the folder, or null where there is none. Removes what a killed save left unfinished,
 * and the damaged ones newer than a whole one: the next save would take them for what to keep.
 * @param onRejected told of each damaged one that is passed over
 * @throws CONFLICT where the checkpoint belongs to another recipe or other data
 */
export async function loadCheckpoint(
  folder: string,
  layout: Layout,
  identity: string,
  onRejected: (file: string, reason: string) => void,
): Promise<Checkpoint | null> {
  await removeUnfinished(folder);
  const rejected: string[] = [];
  for (const { name } of await listCheckpoints(folder)) {
    try {
      const checkpoint = decodeCheckpoint(layout, await readWhole(join(folder, name)), identity);
      // One that stays takes space, no more: a later load tries again.
      for (const file of rejected) await rm(join(folder, file), { force: true }).catch(() => undefined);
      return checkpoint;
    } catch (error) {
      if (!(error instanceof AtelierError && error.code === 'CHECKPOINT_DAMAGED')) throw error;
      onRejected(name, error.message);
      rejected.push(name);
    }
  }
  return null;
}

/** A sector that cannot be read is damage like any other. */
const readWhole = (path: string): Promise<Uint8Array> =>
  readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EIO') throw damaged('a file that can be read', 'a read error of the disk');
    throw cause;
  });

/** Removes checkpoints and unfinished files of an earlier run in the same folder. */
export async function clearCheckpoints(folder: string): Promise<void> {
  await removeUnfinished(folder);
  for (const { name } of await listCheckpoints(folder)) await rm(join(folder, name), { force: true });
}

async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^(checkpoint-|model\.)/.test(name) && name.endsWith(unfinished)) {
      await rm(join(folder, name), { force: true });
    }
  }
}
