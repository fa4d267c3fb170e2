/**
 * Long work on numbers, written once and done in one go or in turns with other work: a person may cancel, and the
 * process still answers. What the work is, is left to whoever writes it.
 */
import { performance } from 'node:perf_hooks';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { AtelierError } from '#contract/errors.ts';

/** Yields wherever it may be interrupted, some milliseconds of work apart at most, and returns what came of it. */
export type Work<T> = Generator<undefined, T>;

/** Does the work in one go. */
export function finish<T>(work: Work<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

const turnMilliseconds = 10;

/**
 * Does the work, and lets others have a turn about every ten milliseconds.
 * @param what it is, as in "drawing the first weights", for the error
 * @throws CANCELLED
 */
export async function inTurns<T>(work: Work<T>, what: string, signal?: AbortSignal): Promise<T> {
  let since = performance.now();
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    if (performance.now() - since < turnMilliseconds) continue;
    await turnOfEventLoop();
    if (signal?.aborted) throw new AtelierError('CANCELLED', `Cancelled while ${what}.`);
    since = performance.now();
  }
}
