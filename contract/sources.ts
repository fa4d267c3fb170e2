/** What a re-scan of a source finds, shown before any of it counts, and what a person may take over of it. */
import * as z from 'zod';
import { SourceId } from './ids.ts';
import { SkippedGroup } from './import.ts';

/**
 * added: new files; changed: other content under the same name; moved: the same content under another name; gone: no file
 * any more; returned: files of images that were removed from the project.
 */
export const changeKinds = ['added', 'changed', 'moved', 'gone', 'returned'] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** `labels`: moved images take the class of the folder that they lie in now. */
export const takeable = [...changeKinds, 'labels'] as const;
export const Take = z.array(z.enum(takeable)).min(1).max(takeable.length);
export type Take = z.infer<typeof Take>;

/** What is taken unless a person says otherwise. */
export const usualTake: Take = ['added', 'changed', 'moved', 'gone'];

const Files = z.object({
  count: z.int(),
  /** The first few; `to` is the new name of one that moved. */
  examples: z.array(z.object({ name: z.string(), to: z.string().optional() })),
});

export const SourceChanges = z.object({
  sourceId: SourceId,
  /** The folder that was looked at. */
  folder: z.string(),
  /** Whether it is another folder than the source's: an update then relinks the source to it. */
  relink: z.boolean(),
  /** Images whose file is as it was imported. */
  same: z.int(),
  added: Files,
  changed: Files,
  moved: Files,
  gone: Files,
  returned: Files,
  /** Moved images that lie in the folder of another class than their label; the labels stay unless `labels` is taken. */
  otherClass: z.int(),
  /** Files that are no images of it. */
  skipped: z.array(SkippedGroup),
});
export type SourceChanges = z.infer<typeof SourceChanges>;

/** True where an update would change nothing. */
export const isUnchanged = ({ relink, added, changed, moved, gone, returned }: SourceChanges): boolean =>
  !relink && [added, changed, moved, gone, returned].every(({ count }) => count === 0);

/** What an update came to. */
export const SourceUpdate = z.object({
  sourceId: SourceId,
  added: z.int(),
  changed: z.int(),
  moved: z.int(),
  gone: z.int(),
  returned: z.int(),
  labels: z.int(),
  /** Files that could not be taken over, with the reason; their images stay as they were. */
  skippedFiles: z.array(z.object({ path: z.string(), reason: z.string() })),
});
export type SourceUpdate = z.infer<typeof SourceUpdate>;
