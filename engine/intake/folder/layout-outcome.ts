/** What the names of a source's files came to: what layout.ts decides, and others put into words. */
import type { ImportOptions, ImportSplit, ImportPlan } from '#contract/import.ts';
import type { SkippedFile } from '#contract/project.ts';
import type { ClassLevel } from './class-level.ts';
import type { PartFolders } from './part-folders.ts';

/** A source, by the names of its files: paths with forward slashes. */
export interface FileNames {
  /** That may be images. */
  images: readonly string[];
  /** That cannot; they tell what kind of data set it is. */
  others: readonly string[];
  /** Names of the folders down to the chosen one, which is the last. */
  chosen: readonly string[];
}

export interface PlacedImage {
  /** In `images`. */
  index: number;
  /** null where it is unlabelled. */
  className: string | null;
  part: ImportSplit;
}

/** What was decided, for the words about it. */
export interface Decision {
  layout: ImportPlan['layout'];
  classLevel: number | null;
  level: ClassLevel | null;
  parts: PartFolders | null;
  /** The part that the chosen folder's own name gives, and that name. */
  own: { part: ImportSplit; name: string } | null;
  /** What was said for all images. */
  all: ImportSplit | null;
}

export interface Outcome {
  names: FileNames;
  decision: Decision;
  images: readonly PlacedImage[];
  classes: ImportPlan['classes'];
  unlabelled: ImportPlan['unlabelled'];
  skipped: readonly SkippedFile[];
  /** What a person said. */
  options: ImportOptions;
}
