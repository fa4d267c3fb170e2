/** Saved views: queries of the images that a person gave a name. */
import * as z from 'zod';
import { Name } from './names.ts';
import { ItemFilter } from './project.ts';

/** What a view may ask for: what is there tomorrow too, and nothing of an evaluation, a finding or a region of a map. */
export const ViewFilter = ItemFilter.omit({
  cells: true,
  byLoss: true,
  compared: true,
  finding: true,
  errors: true,
  region: true,
});
export type ViewFilter = z.infer<typeof ViewFilter>;

export const SavedView = z.object({ name: Name, filter: ViewFilter });
export type SavedView = z.infer<typeof SavedView>;

export const mostViews = 100;
/** Each name once. */
export const SavedViews = z.array(SavedView).max(mostViews);
