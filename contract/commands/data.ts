/** Commands of data: sources, images, classes, labels, embeddings and what they suggest, undo. */
import * as z from 'zod';
import { command, none } from './command.ts';
import { EmbeddingSource } from '../embedding-source.ts';
import {
  EmbeddingMapState,
  EmbeddingState,
  Neighbour,
  Suggestion,
  suggestionOrders,
  SuggestionStats,
} from '../embeddings.ts';
import { findingActions, FindingEntry, FindingKind, Findings } from '../findings.ts';
import { ImageFactsState } from '../image-facts.ts';
import { ClassId, ItemId, JobId, RunId, SourceId } from '../ids.ts';
import { ImportOptions, ImportPlan, ImportReport, SkippedAndNotices } from '../import.ts';
import { Job } from '../job.ts';
import { LabelEdit, LabelFileReport, LabelRow, LabelsReport, mostLabelRows } from '../labels.ts';
import { ClassName, Name, Note } from '../names.ts';
import { path } from '../paths.ts';
import { Class, Colour, CountsChange, Item, ItemFilter, Project, SkippedFile, SortedBy } from '../project.ts';
import { SavedView, SavedViews } from '../saved-views.ts';
import { SourceChanges, SourceUpdate, Take } from '../sources.ts';

/** Says yes to moving images into or out of a test part that runs were evaluated on: figures of before are no longer comparable. */
const AcceptNewTest = z.literal(true).optional();
const ItemIds = z.array(ItemId).min(1).max(100_000);
/** A path of this machine, the name of a known data set, or an upload (a folder dropped on a browser). */
export const SourceReference = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('path'), path }),
  z.object({ kind: z.literal('named'), name: z.enum(['fashion-mnist', 'fashion-mnist-small']) }),
  z.object({ kind: z.literal('upload'), uploadId: z.string() }),
]);
export type SourceReference = z.infer<typeof SourceReference>;

export const dataCommands = {
  sources: {
    /** Finds out what an import would make of a source; `plan` has the result. Reads no image and changes nothing. */
    inspect: command(z.object({ source: SourceReference, options: ImportOptions.optional() }), Job),
    plan: command(z.object({ jobId: JobId }), ImportPlan),
    import: command(z.object({ source: SourceReference, options: ImportOptions.optional() }), Job),
    /** The report of a finished import. */
    report: command(z.object({ jobId: JobId }), ImportReport),
    skippedFiles: command(none, z.array(SkippedFile)),
    /** Skipped files and notices of the images that were taken, grouped, of all sources. */
    skippedAndNotices: command(none, SkippedAndNotices),
    /** Compares a source with its folder; `changes` has what it found. Changes nothing. */
    rescan: command(z.object({ sourceId: SourceId }), Job),
    /** The same with the folder that it moved to; an update then reads it from there. */
    relink: command(z.object({ sourceId: SourceId, path }), Job),
    /** What a finished re-scan found. */
    changes: command(z.object({ jobId: JobId }), SourceChanges),
    /** Takes over what a re-scan found, as one undoable step; `updated` has what it came to. */
    update: command(z.object({ jobId: JobId, take: Take }), Job),
    updated: command(z.object({ jobId: JobId }), SourceUpdate),
    /** Removes all images of a source from the project; one undoable step. The files stay where they are. */
    remove: command(z.object({ sourceId: SourceId }), Project),
  },
  items: {
    /** A window on the filtered list, as the filter sorts it; `total` counts the whole list. */
    list: command(
      z.object({ filter: ItemFilter, offset: z.int().min(0), limit: z.int().min(1).max(1000) }),
      z.object({ total: z.int(), items: z.array(Item), sortedBy: SortedBy.optional() }),
    ),
    get: command(z.object({ itemId: ItemId }), Item),
    /** The file of an image; null where it is one of many in a file, as in those of IDX. */
    path: command(z.object({ itemId: ItemId }), z.string().nullable()),
    /** Removes images from the project; one undoable step. The files stay where they are. */
    remove: command(z.object({ itemIds: ItemIds }), Project),
    /** Gives these items the class, or takes their label away (null); one undoable step. Answers when it is on the disk. */
    relabel: command(z.object({ itemIds: ItemIds, classId: ClassId.nullable() }), CountsChange),
    /** Takes these items out of all parts, with the reason, or brings them back (null); one undoable step. */
    exclude: command(z.object({ itemIds: ItemIds, reason: Name.nullable() }), Project),
    setNote: command(z.object({ itemIds: ItemIds, note: Note }), Project),
    /** Marks these items as hard: looked at, and right though it does not look like it. It changes no training. */
    setHard: command(z.object({ itemIds: ItemIds, hard: z.boolean() }), Project),
  },
  views: {
    /** By name. */
    list: command(none, SavedViews),
    /** One of the same name is replaced. Answers with all. */
    save: command(SavedView, SavedViews),
    delete: command(z.object({ name: Name }), SavedViews),
  },
  classes: {
    add: command(z.object({ name: ClassName }), Class),
    rename: command(z.object({ classId: ClassId, name: ClassName }), Project),
    /** null gives back the colour that it has by itself. */
    recolour: command(z.object({ classId: ClassId, colour: Colour.nullable() }), Project),
    /** Its images become unlabelled, or images of the class `into`: a merge. One undoable step. */
    delete: command(z.object({ classId: ClassId, into: ClassId.optional() }), Project),
    /** Gives these items a new class; one undoable step. */
    split: command(z.object({ itemIds: ItemIds, name: ClassName }), Class),
  },
  labels: {
    /** What is known of each image by its path and content, in the order of the items; removed ones are left out. */
    list: command(
      z.object({ after: z.int().min(0), limit: z.int().min(1).max(1000) }),
      z.array(LabelRow.extend({ itemId: ItemId })),
    ),
    /** Takes over a table of labels as one undoable step, or only says what that would come to. */
    apply: command(
      z.object({
        rows: z.array(LabelEdit).max(mostLabelRows),
        dryRun: z.literal(true).optional(),
        acceptNewTest: AcceptNewTest,
      }),
      LabelsReport,
    ),
    /** The same with a table (CSV, TSV, JSON lines) that was handed over as an upload. A worker reads it. */
    applyFile: command(
      z.object({
        uploadId: z.string(),
        dryRun: z.literal(true).optional(),
        acceptNewTest: AcceptNewTest,
      }),
      LabelFileReport,
    ),
  },
  embeddings: {
    /**
     * Computes the embeddings that are missing. `by` absent: what was chosen before, else a backbone for pictures that are
     * large enough, else the latest run, as far as they are there.
     */
    start: command(z.object({ by: EmbeddingSource.optional() }).optional(), Job),
    get: command(none, EmbeddingState),
    /** The images that are most like one, the likest first; itself left out. */
    neighbours: command(z.object({ itemId: ItemId, count: z.int().min(1).max(1000) }), z.array(Neighbour)),
  },
  map: {
    /** Draws the map of embeddings anew, after those that are being computed; it takes the place of the one before once it is whole. */
    start: command(none, Job),
    get: command(none, EmbeddingMapState),
  },
  facts: {
    /** Looks at the thumbnail of each image and computes its facts; they take the place of those before once all are there. */
    start: command(none, Job),
    get: command(none, ImageFactsState),
  },
  suggestions: {
    /**
     * A window on the unlabelled images in an order; answers once all labels given before are learned from. `classId`: only
     * those that are suggested for the class. `itemId`: of the order `similar`.
     */
    list: command(
      z.object({
        order: z.enum(suggestionOrders),
        classId: ClassId.optional(),
        itemId: ItemId.optional(),
        offset: z.int().min(0),
        limit: z.int().min(1).max(1000),
      }),
      z.object({ total: z.int(), revision: z.int(), suggestions: z.array(Suggestion) }),
    ),
    /**
     * Gives these images the classes that were suggested, as the person saw them; one undoable step. Answers when it is on the
     * disk.
     */
    accept: command(
      z.object({
        suggestions: z
          .array(z.object({ itemId: ItemId, classId: ClassId }))
          .min(1)
          .max(100_000),
      }),
      CountsChange,
    ),
    /** Answers once all labels given before are learned from. */
    stats: command(none, SuggestionStats),
  },
  findings: {
    /**
     * Looks for what is wrong with the data; what was found takes the place of what was found before. `runId`: label errors by what
     * that run said of images that it did not learn from. `audit`: also plants known faults, in memory only, and says how many it finds.
     */
    start: command(z.object({ runId: RunId.optional(), audit: z.literal(true).optional() }).optional(), Job),
    /** null where they were never computed. */
    get: command(none, Findings.nullable()),
    /** All of one kind, in its order. Empty where none were found. */
    entries: command(z.object({ kind: FindingKind }), z.array(FindingEntry)),
    /** Acts on the entries that these images are of; one undoable step. Of a cluster the image that is named alone is kept. */
    apply: command(
      z.object({
        kind: FindingKind,
        action: z.enum(findingActions),
        itemIds: ItemIds,
        acceptNewTest: AcceptNewTest,
      }),
      Project,
    ),
  },
  journal: {
    undo: command(none, Project),
    redo: command(none, Project),
  },
};
