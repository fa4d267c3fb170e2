/** The commands of why: explanations, error slices, corruption sweeps. A line each; what they do is in the rooms they call. */
import { explainImage, nearestTraining, startNearest } from '../jobs/explain.ts';
import { readRobustness, startRobustness } from '../jobs/robustness.ts';
import { readSlices, startSlices, withoutImages } from '../jobs/slices.ts';
import type { StudioState } from '../studio-state.ts';
import type { Commands } from './commands.ts';

export function whyCommands(os: Commands, state: StudioState) {
  return {
    explanations: {
      explain: os.explanations.explain.handler(({ input, signal }) =>
        explainImage(state, state.uploads, input, signal),
      ),
      nearest: os.explanations.nearest.handler(({ input }) => nearestTraining(state, state.uploads, input)),
      startNearest: os.explanations.startNearest.handler(({ input }) => startNearest(state, input.runId)),
    },
    slices: {
      get: os.slices.get.handler(async ({ input }) => {
        const stored = await readSlices(state.project().runs, input.runId, input.split);
        return stored && withoutImages(stored);
      }),
      start: os.slices.start.handler(({ input }) => startSlices(state, input.runId, input.split)),
    },
    robustness: {
      get: os.robustness.get.handler(({ input }) =>
        readRobustness(state.project().runs, input.runId, input.split),
      ),
      start: os.robustness.start.handler(({ input }) => startRobustness(state, input)),
    },
  };
}
