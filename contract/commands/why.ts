/** Commands of why: explanations of one image, error slices, and corruption sweeps. */
import * as z from 'zod';
import { command } from './command.ts';
import { ImageChoice } from './training.ts';
import { Explanation, ExplanationMethod, mostNearest, NearestTraining } from '../explanation.ts';
import { RunId } from '../ids.ts';
import { Job } from '../job.ts';
import { Split } from '../project.ts';
import { mostImages, Robustness } from '../robustness.ts';
import { Slices } from '../slices.ts';

export const whyCommands = {
  explanations: {
    /** Where the evidence of a class lies in one image; `target`: its index among the run's classes, the predicted one where absent. */
    explain: command(
      z.object({
        runId: RunId,
        image: ImageChoice,
        method: ExplanationMethod,
        target: z.int().min(0).optional(),
      }),
      Explanation,
    ),
    /** The training images that are most like one to the run, itself left out; of those that were looked at. */
    nearest: command(
      z.object({ runId: RunId, image: ImageChoice, count: z.int().min(1).max(mostNearest) }),
      NearestTraining,
    ),
    /** Looks at the run's training images, as far as that was not done, and keeps what its classifier looks at. */
    startNearest: command(z.object({ runId: RunId }), Job),
  },
  slices: {
    /** null where none were looked for since the part was evaluated. */
    get: command(z.object({ runId: RunId, split: Split }), Slices.nullable()),
    /** Looks for slices of the evaluated images that hold more wrong answers than the rest. */
    start: command(z.object({ runId: RunId, split: Split }), Job),
  },
  robustness: {
    /** null where no sweep was made since the part was evaluated. */
    get: command(z.object({ runId: RunId, split: Split }), Robustness.nullable()),
    /** Asks the run about a sample of the evaluated images, corrupted in every way at every severity. */
    start: command(
      z.object({
        runId: RunId,
        split: Split,
        images: z.int().min(1).max(mostImages).optional(),
        seed: z
          .int()
          .min(0)
          .max(2 ** 31 - 1)
          .optional(),
      }),
      Job,
    ),
  },
};
