/**
 * Where a run's checkpoints lie: names and listing, nothing of what is in them (checkpoint.ts). Loads no engine, so
 * that the studio can look for them.
 */
import { readdir } from 'node:fs/promises';

/** The file to begin with, of an earlier run, copied into the run's own folder; see initial.ts. */
export const initialFile = 'initial.safetensors';

/** @param step of the run, from 0 */
export const checkpointFile = (step: number) => `checkpoint-${step}.safetensors`;

const pattern = /^checkpoint-(\d{1,9})\.safetensors$/;

/** Names of the folder's checkpoints with the step each was written after, newest first. */
export async function listCheckpoints(folder: string): Promise<{ name: string; step: number }[]> {
  const steps = (await readdir(folder)).flatMap((name) => {
    const step = pattern.exec(name)?.[1];
    return step === undefined ? [] : [{ name, step: Number(step) }];
  });
  return steps.sort((a, b) => b.step - a.step);
}
