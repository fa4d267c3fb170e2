/** The commands that say what would make a run better. A line each; what they do is in engine/improvements. */
import { improvements } from '../improvements/list.ts';
import { learningCurveOf } from '../improvements/learning-curve.ts';
import { whatIf } from '../improvements/what-if.ts';
import type { StudioState } from '../studio-state.ts';
import type { Commands } from './commands.ts';

export function improvementCommands(os: Commands, state: StudioState) {
  return {
    improvements: {
      list: os.improvements.list.handler(({ input }) =>
        improvements(
          { project: state.project(), predictions: state.predictions!, findings: state.findings() },
          input.runId,
        ),
      ),
      learningCurve: os.improvements.learningCurve.handler(({ input }) =>
        learningCurveOf(state.project(), input.studyId),
      ),
      whatIf: os.improvements.whatIf.handler(({ input }) =>
        whatIf(state.project(), state.predictions!, input),
      ),
    },
  };
}
