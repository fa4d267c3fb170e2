/** A project is not left by mistake while something trains in it. What trains is told by contract/still-training.ts. */
import { AtelierError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import { stillTraining, trainingNames } from '#contract/still-training.ts';

/** @throws CONFLICT with the names of what trains, in `training` */
export function refuseWhileTraining(jobs: readonly Job[]): void {
  const training = trainingNames(jobs);
  if (training.length === 0) return;
  throw new AtelierError(
    'CONFLICT',
    `The project cannot be left yet: ${stillTraining(training)}. Leaving the project cancels it, and it can be resumed later: cancel it first, or leave with whileTraining.`,
    { training },
  );
}
