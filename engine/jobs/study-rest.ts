/** A study under way alone decides about its trials. */
import { AtelierError } from '#contract/errors.ts';
import type { JobServices } from './job-services.ts';

/**
 * For whatever would change, judge or export a trial: nothing is asked of it before its study has ended, the test part
 * least of all.
 * @param studyId null for a run of its own, which is always free
 * @throws CONFLICT, also for a study that is being queued this moment and has no job yet
 */
export function requireStudyAtRest(
  services: Pick<JobServices, 'jobs' | 'project'>,
  studyId: string | null,
): void {
  if (studyId === null) return;
  const { jobs } = services;
  if (!jobs.hasOpenStudy(studyId) && services.project().studies.stateOf(studyId) !== 'queued') return;
  throw new AtelierError(
    'CONFLICT',
    `Study ${studyId} is still running. Wait for its end, or cancel it first.`,
    { studyId },
  );
}
