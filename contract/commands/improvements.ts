/** Commands that say what would make a run better, of what is there: nothing is trained and no image is looked at. */
import * as z from 'zod';
import { command } from './command.ts';
import { RunId, StudyId } from '../ids.ts';
import { Improvements } from '../improvements.ts';
import { LearningCurve } from '../learning-curve.ts';
import { Split } from '../project.ts';
import { WhatIf, WhatIfChange } from '../what-if.ts';

export const improvementCommands = {
  improvements: {
    /** What would make it better, the largest expected gain first. Of what is kept; what is missing is named. */
    list: command(z.object({ runId: RunId }), Improvements),
    /** What merging or dropping classes would come to; null where the part was not evaluated. */
    whatIf: command(
      z.object({ runId: RunId, split: Split, change: WhatIfChange.default({ merge: [], drop: [] }) }),
      WhatIf.nullable(),
    ),
    /** What a study of this kind says so far. */
    learningCurve: command(z.object({ studyId: StudyId }), LearningCurve),
  },
};
