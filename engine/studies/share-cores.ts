/** How the trials of a study share the cores of this machine. */
import type { Study } from '#contract/study.ts';

/** Trials at once, and the threads of each. */
export function shareCores(
  plan: Study['plan'],
  trials: number,
  cores: number,
): { parallel: number; threads: number } {
  const wanted = plan.parallel ?? Math.max(1, Math.floor(cores / 2));
  const parallel = Math.max(1, Math.min(wanted, cores, trials));
  return { parallel, threads: Math.max(1, Math.floor(cores / parallel)) };
}
