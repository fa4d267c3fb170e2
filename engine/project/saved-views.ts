/** The saved views of a project. What cannot be read counts as none: they are soon saved again. */
import { AtelierError } from '#contract/errors.ts';
import { mostViews, type SavedView, SavedViews } from '#contract/saved-views.ts';
import type { OpenProject } from './project.ts';
import { savedViewsSetting, writeSavedViewsSetting } from './settings.ts';

/** By name. */
export function savedViews(project: OpenProject): SavedView[] {
  try {
    return SavedViews.parse(JSON.parse(project.read(savedViewsSetting)));
  } catch {
    return [];
  }
}

/** One of the same name is replaced. @throws CONFLICT where there are too many */
export function saveView(project: OpenProject, view: SavedView): Promise<SavedView[]> {
  const others = savedViews(project).filter(({ name }) => name !== view.name);
  if (others.length >= mostViews)
    throw new AtelierError(
      'CONFLICT',
      `Expected at most ${mostViews} saved views, and this would be one more. Delete one first.`,
    );
  return keep(
    project,
    [...others, view].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
  );
}

/** @throws NOT_FOUND */
export function deleteView(project: OpenProject, name: string): Promise<SavedView[]> {
  const all = savedViews(project);
  const others = all.filter((view) => view.name !== name);
  if (others.length === all.length)
    throw new AtelierError('NOT_FOUND', `Expected a saved view, received ${JSON.stringify(name)}.`, { name });
  return keep(project, others);
}

async function keep(project: OpenProject, views: SavedView[]): Promise<SavedView[]> {
  await project.change((database) => writeSavedViewsSetting(database, JSON.stringify(views)));
  return views;
}
