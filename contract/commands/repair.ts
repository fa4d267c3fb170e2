/** Commands of the repair loop: since when a person repairs, training again, comparing on the present labels, and taking all back. */
import * as z from 'zod';
import { command, none } from './command.ts';
import { RunId } from '../ids.ts';
import { Project, Split } from '../project.ts';
import { EvaluatedLabels, RepairComparison, RepairSession } from '../repair.ts';
import { Run } from '../run.ts';

export const repairCommands = {
  repair: {
    /** null where nobody repairs, or what it began with was undone. */
    get: command(none, RepairSession.nullable()),
    /** Begins: all that is changed from now on can be taken back at once. One that is under way goes on, whatever its run. */
    begin: command(z.object({ runId: RunId }), RepairSession),
    /** Keeps what was repaired, and ends. */
    end: command(none, z.object({})),
    /** Takes back all that was changed since it began, as one, and ends. The run that was trained meanwhile stays. */
    undoAll: command(none, Project),
    /** Trains the recipe of the run that repairing began with once more, on the present labels. @throws CONFLICT where nobody repairs */
    retrain: command(none, Run),
    /** The labels that a run was evaluated on, and those of now; null where it was not evaluated on this part. */
    labels: command(z.object({ runId: RunId, split: Split }), EvaluatedLabels.nullable()),
    /** Of `runId` with a baseline, on the present labels; null where one of them was not evaluated on this part. */
    compare: command(
      z.object({ baselineId: RunId, runId: RunId, split: Split }),
      RepairComparison.nullable(),
    ),
  },
};
