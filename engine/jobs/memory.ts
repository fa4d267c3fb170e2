/**
 * Whether a process ended because memory ran out. A signal alone does not say so: a person, or a test, may kill a
 * process too. What the system counts and what the process wrote do.
 */
import { readFileSync } from 'node:fs';
import { AtelierError } from '#contract/errors.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { outOfMemory, saysOutOfMemory } from '#learning/training/loop/out-of-memory.ts';

/** How many processes the system has killed for want of memory since it started; null where it does not tell. */
export function memoryKills(path = '/proc/vmstat'): number | null {
  try {
    const found = /^oom_kill (\d+)$/m.exec(readFileSync(path, 'utf8'))?.[1];
    return found === undefined ? null : Number(found);
  } catch {
    return null;
  }
}

/**
 * @param killsBefore what `memoryKills` said when the process started
 * @param exit how it ended, with the end of what it wrote to stderr
 */
export function ranOutOfMemory(
  exit: { code: number | null; signal: string | null; stderr: string },
  killsBefore: number | null,
  killsNow = memoryKills(),
): boolean {
  // A shell between the process and us adds 128 to the signal's number.
  const killed = exit.signal === 'SIGKILL' || exit.code === 137;
  if (killed && killsBefore !== null && killsNow !== null && killsNow > killsBefore) return true;
  return saysOutOfMemory(exit.stderr);
}

/** The death of a worker that trained for want of memory, as the error that says what to try; other errors as they are. */
export function withBatchSize(
  thrown: unknown,
  recipe: Recipe,
  classCount: number,
  trainingImages: number,
): unknown {
  const died = thrown instanceof AtelierError && thrown.code === 'WORKER_DIED';
  return died && thrown.details['outOfMemory'] === true
    ? outOfMemory(recipe, classCount, trainingImages, thrown)
    : thrown;
}
