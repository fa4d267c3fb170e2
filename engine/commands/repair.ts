/** The commands of the repair loop. A line each; what they do is in the rooms they call. */
import { beginRepair, compareRepaired, retrain, tellRepair } from '../jobs/repair.ts';
import { evaluatedLabels } from '../jobs/repair-comparison.ts';
import { tellSplits } from '../jobs/split-state.ts';
import type { StudioState } from '../studio-state.ts';
import type { Commands } from './commands.ts';

export function repairCommands(os: Commands, state: StudioState) {
  return {
    repair: {
      get: os.repair.get.handler(() => state.project().repairs.session()),
      begin: os.repair.begin.handler(({ input }) => beginRepair(state, input.runId)),
      end: os.repair.end.handler(async () => {
        await state.project().repairs.end();
        tellRepair(state);
        return {};
      }),
      undoAll: os.repair.undoAll.handler(async () => {
        const project = state.changed(await state.project().repairs.undoAll());
        tellRepair(state);
        tellSplits(state, state.project());
        return project;
      }),
      retrain: os.repair.retrain.handler(() => retrain(state)),
      labels: os.repair.labels.handler(({ input: { runId, split } }) =>
        evaluatedLabels(state.project(), state.predictions!, runId, split),
      ),
      compare: os.repair.compare.handler(({ input }) => compareRepaired(state, state.predictions!, input)),
    },
  };
}
