/**
 * What an import is taken to mean before it counts: the options that say it, the plan that shows it as classes × parts;
 * and what it came to. How a source is read is left to engine/intake.
 */
import * as z from 'zod';
import { AtelierError } from './errors.ts';
import { SkippedFile, Source } from './project.ts';

/**
 * What the files of a source are taken for, such as a folder per class or a table: `auto`, or a name of an importer's
 * `layouts` (engine/intake/importer.ts), which a plan lists. The studio refuses names that no importer has.
 */
const Layout = z.string().regex(/^[a-z0-9-]{1,40}$/);

/** Where an image goes: `pool` is training data from which missing parts are drawn, the others are the source's own. */
export const importSplits = ['pool', 'train', 'validation', 'test'] as const;
export const ImportSplit = z.enum(importSplits);
export type ImportSplit = z.infer<typeof ImportSplit>;

/** What a folder can be said to mean. */
export const meanings = [...importSplits, 'class', 'unlabelled', 'skip'] as const;

/** What a person says instead of what would be inferred; an absent field is inferred. */
export const ImportOptions = z.object({
  layout: Layout.optional(),
  /** Which folder below the source gives the class, from 1. */
  classLevel: z.int().min(1).max(64).optional(),
  /** What a folder's name or path (or a table's part) means, such as { eval: 'validation' }; `class` says that it is no part, `unlabelled` that it gives no class, `skip` leaves it out. */
  parts: z.record(z.string().max(4096), z.enum(meanings)).optional(),
  /** The part of every image, whatever the folders say. */
  part: ImportSplit.optional(),
  /**
   * What becomes of images to which the source gives no class, beside others to which it gives one. Inferred: files in
   * no class folder are skipped, rows of a table whose class is empty give unlabelled images.
   */
  withoutClass: z.enum(['skip', 'unlabelled']).optional(),
});
export type ImportOptions = z.infer<typeof ImportOptions>;

/** Something that looks odd: the code is for programs, the text for people. */
export const ImportWarning = z.object({ code: z.string(), text: z.string() });
export type ImportWarning = z.infer<typeof ImportWarning>;

/** Files that are skipped for one reason. */
export const SkippedGroup = z.object({
  reason: z.string(),
  count: z.int(),
  /** A few of their paths. */
  examples: z.array(z.string()),
});
export type SkippedGroup = z.infer<typeof SkippedGroup>;

/** What is to be said of a project's sources: files that were skipped, and images that were taken with a note. */
export const SkippedAndNotices = z.object({ skipped: z.array(SkippedGroup), notices: z.array(SkippedGroup) });
export type SkippedAndNotices = z.infer<typeof SkippedAndNotices>;

const PlannedCounts = z.object({ pool: z.int(), train: z.int(), validation: z.int(), test: z.int() });

/** What an import would make of a source; nothing has been decoded yet. */
export const ImportPlan = z.object({
  /** What the person chose. */
  location: z.string(),
  layout: Layout,
  /** All there are, each with what people call it. */
  layouts: z.array(z.object({ name: Layout, label: z.string() })),
  /** What else can be said of such a source: which folders give the class, and what becomes of images without one (inferred). */
  asks: z.object({
    classLevel: z.boolean().optional(),
    withoutClass: z.enum(['skip', 'unlabelled']).optional(),
  }),
  /** What was inferred, in one or two sentences. */
  statement: z.string(),
  /** All of them, the unlabelled ones among them. */
  images: z.int(),
  classes: z.array(z.object({ name: z.string(), counts: PlannedCounts })),
  /** Images without a class: a row of its own. Those of the pool get their part when they are labelled. */
  unlabelled: PlannedCounts,
  warnings: z.array(ImportWarning),
  skipped: z.array(SkippedGroup),
  /** Options that say the same explicitly. */
  options: ImportOptions,
});
export type ImportPlan = z.infer<typeof ImportPlan>;

/** What an import came to. */
export const ImportReport = z.object({
  source: Source,
  imported: z.int(),
  /** Images of the same files that the project had already; they were left as they are. */
  alreadyThere: z.int().default(0),
  /** Of those: with other content now, and under another name now. A re-scan takes that over. */
  changed: z.int().default(0),
  moved: z.int().default(0),
  skippedFiles: z.array(SkippedFile),
  /** What is odd about how the project's images are divided into parts now. */
  warnings: z.array(ImportWarning).default([]),
  /** Something to say of images that were taken, such as how their values were scaled. */
  notices: z.array(SkippedGroup).default([]),
  seconds: z.number(),
});
export type ImportReport = z.infer<typeof ImportReport>;

const reasonsTold = 5;

/** @throws SOURCE_EMPTY where the plan has no image: what was found instead, and what to do */
export function requireImages({ location, images, statement, skipped, warnings }: ImportPlan): void {
  if (images > 0) return;
  const reasons = skipped
    .slice(0, reasonsTold)
    .map(
      ({ reason, count, examples }) =>
        `${count.toLocaleString('en')} skipped (${examples[0] ?? ''}${count > 1 ? ', …' : ''}): ${reason}`,
    );
  throw new AtelierError(
    'SOURCE_EMPTY',
    [
      `Nothing can be imported from ${location}.`,
      statement,
      ...warnings.slice(0, reasonsTold).map(({ text }) => text),
      ...reasons,
    ].join(' '),
    { location, skipped: skipped.slice(0, 20), warnings },
  );
}
