/** How many cores this process may use, and how many threads of an operation are asked for. */
import { availableParallelism, cpus } from 'node:os';

/** Electron 22 brings Node 16, which does not tell how many of them the process may use. */
export const coreCount = (): number =>
  typeof availableParallelism === 'function' ? availableParallelism() : cpus().length;

/** Threads asked for: ATELIER_THREADS, else every core this process may use. */
export function defaultThreads(): number {
  const asked = Number(process.env['ATELIER_THREADS']);
  return Number.isInteger(asked) && asked > 0 ? asked : coreCount();
}
