/**
 * Ends this process when the one that started it is gone, also while native code holds the event loop: a graph that never
 * ends must not outlive the studio that would have ended it. What ends by itself needs none of this; index.ts leaves at
 * the end of the channel. Where the system does not tell of a new parent (Windows), it does nothing.
 */
import { Worker } from 'node:worker_threads';

const lookMilliseconds = 1000;

/** Runs in a thread of its own, whose event loop stays free. */
const watch = `
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  }, ${lookMilliseconds});
`;

let watching = false;

/** From now on; once is enough. */
export function endWithParent(): void {
  if (watching) return;
  watching = true;
  new Worker(watch, { eval: true }).unref();
}
