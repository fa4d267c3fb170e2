/**
 * Labels as a table: one row an image, found by its path within its source or by its content. What goes out comes in again
 * unchanged; a column that is absent is left as it is. CSV itself is left to those who read and write files.
 */
import * as z from 'zod';
import { ClassName, Name, Note } from './names.ts';
import { Split } from './project.ts';

export const LabelRow = z.object({
  /** Path within its source, or "train/00042" for image 42 of an IDX file. */
  path: z.string(),
  /** The first 16 bytes of SHA-256 of the content, hexadecimal. */
  hash: z.string(),
  /** Name of the class; null where it is unlabelled. */
  label: z.string().nullable(),
  split: Split.nullable(),
  excluded: z.string().nullable(),
  /** A person looked at it and found it hard. */
  hard: z.boolean(),
  note: z.string(),
});
export type LabelRow = z.infer<typeof LabelRow>;

/** Rows of one table at most. */
export const mostLabelRows = 500_000;

/** What a row says of an image; an absent field is left as it is, null takes a label or an exclusion away. */
export const LabelEdit = z.object({
  /** As people count rows, for what is said of it. */
  row: z.int().min(1),
  path: z.string().max(4096).optional(),
  hash: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  label: ClassName.nullable().optional(),
  split: Split.optional(),
  excluded: Name.nullable().optional(),
  hard: z.boolean().optional(),
  note: Note.optional(),
});
export type LabelEdit = z.infer<typeof LabelEdit>;

/** A row that cannot be taken over, and why. */
export const LabelFault = z.object({ row: z.int(), path: z.string(), reason: z.string() });
export type LabelFault = z.infer<typeof LabelFault>;

/** What a table of labels comes to, or would. */
export const LabelsReport = z.object({
  rows: z.int(),
  /** Rows that say what is so already. */
  unchanged: z.int(),
  /** Images that get another class, or their first. */
  labelled: z.int(),
  /** Images whose label is taken away. */
  unlabelled: z.int(),
  /** Images that go to another part because the table says so. */
  moved: z.int(),
  /** Images that go into the test part or out of it, though so many runs were evaluated on it: that takes a yes. null where it takes none. */
  newTest: z.object({ images: z.int(), runs: z.int() }).nullable(),
  excluded: z.int(),
  /** Images that are excluded no more. */
  included: z.int(),
  /** Images that are marked as hard, or no more. */
  hard: z.int(),
  noted: z.int(),
  /** Names of classes that are made for it. */
  newClasses: z.array(z.string()),
  faults: z.array(LabelFault),
});
export type LabelsReport = z.infer<typeof LabelsReport>;

/** Of the rows of a file that cannot be taken over so many are told, the first ones. */
export const faultsTold = 100;

/** What a file with a table of labels comes to, or would. `faults` has the first ones only. */
export const LabelFileReport = LabelsReport.extend({
  /** How many rows cannot be taken over. */
  faulty: z.int(),
  /** Columns that mean nothing here. */
  unused: z.array(z.string()),
});
export type LabelFileReport = z.infer<typeof LabelFileReport>;

/** What is said where images would go into or out of a test part that was used. */
export const newTestWords = ({ images, runs }: NonNullable<LabelsReport['newTest']>): string =>
  `${images === 1 ? '1 image goes' : `${images.toLocaleString('en')} images go`} into or out of the test part, on which ${runs === 1 ? '1 run was' : `${runs.toLocaleString('en')} runs were`} evaluated: what was measured on it will not be comparable with what is to come.`;
