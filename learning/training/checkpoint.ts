/**
 * Checkpoints: everything a run needs to go on as if it had never stopped, one file an epoch, the last two kept.
 * Each carries the SHA-256 of its content; a damaged one is passed over for the one before.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { Epoch } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import { unfinished, writeDurably } from '#learning/model/durable-file.ts';
import { damaged, digest, parseValues, tensorsOf, weightsOf } from '#learning/model/model-file.ts';
import type { Weights } from '#learning/model/network.ts';
import type { Plan, Weight } from '#learning/model/plan.ts';
import { decodeSafetensors, encodeSafetensors } from '#learning/model/safetensors.ts';

export interface Checkpoint {
  /** Digest of recipe and data: a run goes on only with what it began with. */
  identity: string;
  /** Of all epochs so far; the last one is the checkpoint's own. */
  epochs: Epoch[];
  bestEpoch: number;
  weights: Weights;
  /** The averaged weights, where the recipe averages. */
  average: Weights | null;
  /** By slot name, then weight name; trainable weights only. */
  slots: Map<string, Weights>;
  /** Weights as they were judged in `bestEpoch`. */
  best: Weights;
}

const format = 'atelier-checkpoint/1';
const kept = 2;
const fileOf = (epoch: number) => `checkpoint-${epoch}.safetensors`;
const filePattern = /^checkpoint-(\d{1,6})\.safetensors$/;

const Metadata = z.object({
  format: z.literal(format),
  sha256: z.string(),
  identity: z.string(),
  epochs: z.array(Epoch).min(1),
  bestEpoch: z.int().min(1),
  averaged: z.boolean(),
  slots: z.array(z.string()),
});

const trainable = ({ weights }: { weights: readonly Weight[] }) => ({
  weights: weights.filter((weight) => weight.trainable),
});

export function encodeCheckpoint(plan: Pick<Plan, 'weights'>, checkpoint: Checkpoint): Uint8Array {
  const { identity, epochs, bestEpoch, weights, average, slots, best } = checkpoint;
  const tensors = new Map([
    ...tensorsOf(plan, weights, 'weights/'),
    ...(average ? tensorsOf(plan, average, 'average/') : []),
    ...[...slots].flatMap(([slot, values]) => tensorsOf(trainable(plan), values, `slots/${slot}/`)),
    ...tensorsOf(plan, best, 'best/'),
  ]);
  const metadata = {
    format,
    identity: JSON.stringify(identity),
    epochs: JSON.stringify(epochs),
    bestEpoch: JSON.stringify(bestEpoch),
    averaged: JSON.stringify(average !== null),
    slots: JSON.stringify([...slots.keys()]),
  };
  return encodeSafetensors(tensors, { ...metadata, sha256: digest(tensors, metadata) });
}

/** @throws CHECKPOINT_DAMAGED */
export function decodeCheckpoint(plan: Pick<Plan, 'weights'>, bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const parsed = Metadata.safeParse(parseValues(metadata));
  if (!parsed.success) throw damaged(`the metadata of ${format}`, z.prettifyError(parsed.error));
  const { sha256, identity, epochs, bestEpoch, averaged, slots } = parsed.data;
  const found = digest(tensors, metadata);
  if (found !== sha256) throw damaged(`content with SHA-256 ${sha256}`, found);
  return {
    identity,
    epochs,
    bestEpoch,
    weights: weightsOf(plan, tensors, 'weights/'),
    average: averaged ? weightsOf(plan, tensors, 'average/') : null,
    slots: new Map(slots.map((slot) => [slot, weightsOf(trainable(plan), tensors, `slots/${slot}/`)])),
    best: weightsOf(plan, tensors, 'best/'),
  };
}

async function checkpointEpochs(folder: string): Promise<number[]> {
  const epochs = (await readdir(folder)).flatMap((name) => filePattern.exec(name)?.[1] ?? []);
  return epochs.map(Number).sort((a, b) => b - a);
}

/** Writes the checkpoint of its last epoch, then removes all but the last two. @throws DISK_FULL, FILE_NOT_WRITABLE */
export async function saveCheckpoint(
  folder: string,
  plan: Pick<Plan, 'weights'>,
  checkpoint: Checkpoint,
): Promise<void> {
  const { epoch } = checkpoint.epochs.at(-1)!;
  await writeDurably(join(folder, fileOf(epoch)), encodeCheckpoint(plan, checkpoint));
  const old = (await checkpointEpochs(folder)).filter((other) => other <= epoch - kept);
  for (const other of old) await rm(join(folder, fileOf(other)), { force: true });
}

/**
 * The newest whole checkpoint of the folder, or null where there is none.
 * @param onRejected told of each damaged one that is passed over
 * @throws CONFLICT where the checkpoint belongs to another recipe or other data
 */
export async function loadCheckpoint(
  folder: string,
  plan: Pick<Plan, 'weights'>,
  identity: string,
  onRejected: (file: string, reason: string) => void,
): Promise<Checkpoint | null> {
  for (const epoch of await checkpointEpochs(folder)) {
    const bytes = await readFile(join(folder, fileOf(epoch)));
    let checkpoint: Checkpoint;
    try {
      checkpoint = decodeCheckpoint(plan, bytes);
    } catch (error) {
      if (!(error instanceof AtelierError && error.code === 'CHECKPOINT_DAMAGED')) throw error;
      onRejected(fileOf(epoch), error.message);
      continue;
    }
    if (checkpoint.identity !== identity) {
      throw new AtelierError(
        'CONFLICT',
        'Expected the recipe and the data that the run began with, but one of them has changed since. Start a new run.',
        { checkpoint: fileOf(epoch) },
      );
    }
    return checkpoint;
  }
  return null;
}

/** Removes checkpoints and unfinished files of an earlier run in the same folder. */
export async function clearCheckpoints(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (filePattern.test(name) || (name.startsWith('checkpoint-') && name.endsWith(unfinished))) {
      await rm(join(folder, name), { force: true });
    }
  }
}
