/**
 * What counts as training, for everybody who must ask before it is cancelled: the studio's commands, the window, Electron's
 * quit, Ctrl-C of a served studio. And the words for it.
 */
import type { Job } from './job.ts';
import { isActive } from './study.ts';

/** Tries, such as the search for a learning rate, take a minute and leave nothing: they are not asked about. */
const kinds: readonly Job['kind'][] = ['train', 'study'];

/** Names of the runs and studies that train or wait to. */
export const trainingNames = (jobs: readonly Job[]): string[] =>
  jobs
    .filter((job) => kinds.includes(job.kind) && isActive(job))
    .map(({ kind, title }) => (kind === 'train' ? title.replace(/^Train /, '') : title));

/** Such as "“Quick 1” is still training", "“Quick 1” and 2 more are still training". */
export function stillTraining(names: readonly string[]): string {
  const [first = '', ...others] = names;
  return others.length === 0
    ? `“${first}” is still training`
    : `“${first}” and ${others.length} more are still training`;
}
