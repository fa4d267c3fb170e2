/** For tests only: parts drawn anew at once, in this process, where copies and groups of the source alone belong together. */
import { drawable, drawSplit, movedBy, planMoves, type Redraw } from './redraw.ts';
import type { OpenProject } from './project.ts';
import { splitSettings } from './settings.ts';

/** One undoable step, with a yes to another test part. @throws CONFLICT where every image stays */
export async function redraw(
  project: OpenProject,
  validationShare: number,
  seed: number,
  also: Omit<Redraw, 'validationShare' | 'seed'> = {},
): Promise<void> {
  const asked = { validationShare, seed, ...also };
  await project.record((database) => {
    const { columns } = project;
    const { places, groups } = drawable(database, columns, project.groups.groupOf);
    const { parts } = drawSplit(columns, places, groups, asked);
    return planMoves(splitSettings(database), asked, movedBy(columns, places, parts));
  }, true);
}
