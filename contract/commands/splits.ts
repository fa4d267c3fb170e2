/** Commands of the parts: groups of images that belong together, drawing, what leaks, how often the test part was looked at. */
import * as z from 'zod';
import { command, none } from './command.ts';
import { JobId, StudyId } from '../ids.ts';
import { Job } from '../job.ts';
import { GroupBy, GroupTable, Separated, SplitDraw, SplitReport, SplitState } from '../splits.ts';

/** Pairs that are told at most. */
const most = z.int().min(1).max(500);

export const splitCommands = {
  splits: {
    /** Answers at once: of groups as they were found last. */
    get: command(none, SplitState),
    /** Finds out which images belong together, and keeps it for every draw, cross-validation and search to come. */
    group: command(z.object({ by: GroupBy, table: GroupTable.optional() }), Job),
    /**
     * Draws the validation part anew, stratified, from all that is not test data; where `testShare` is given (0 leaves no test
     * part) the test part first. Groups stay on one side; they are found first where they are not known. One undoable step;
     * `report` has what it came to. Refused (CONFLICT) where the test part was evaluated, without `acceptNewTest`.
     */
    draw: command(SplitDraw, Job),
    report: command(z.object({ jobId: JobId }), SplitReport),
    /** Look-alikes in different parts, or in different folds of a study; null where there are no groups, or no folds are kept. */
    separated: command(z.object({ studyId: StudyId.optional(), most }), Separated.nullable()),
  },
};
