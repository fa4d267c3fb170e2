/** What all tortures have in common: how they are asked for, and a folder and a clock for their trials. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TrialOptions {
  trials: number;
  seed: number;
  onLine?: (line: string) => void;
}

/** Of a torture that kills processes. */
export interface KillOptions extends TrialOptions {
  /** Starts what is killed. */
  command: readonly string[];
}

/**
 * Tries something in a folder of its own.
 * @param found counted by `work`
 * @param keeps whether the folder is left for a person to look at
 * @returns what was found, with the seconds that it took
 */
export async function inTrialFolder<Found extends object>(
  name: string,
  found: Found,
  work: (folder: string) => Promise<void>,
  { onLine, keeps = () => false }: Pick<TrialOptions, 'onLine'> & { keeps?: () => boolean } = {},
): Promise<Found & { seconds: number }> {
  const begun = performance.now();
  const folder = await realpath(await mkdtemp(join(tmpdir(), `atelier-torture-${name}-`)));
  try {
    await work(folder);
  } finally {
    if (keeps()) onLine?.(`What differs is left in ${folder}.`);
    else await rm(folder, { recursive: true, force: true });
  }
  return { ...found, seconds: (performance.now() - begun) / 1000 };
}
