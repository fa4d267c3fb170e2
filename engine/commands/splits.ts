/** The commands of the parts: groups, draws, leaks. A line each; what they do is in the rooms they call. */
import { splitNames } from '#contract/project.ts';
import type { Separated } from '#contract/splits.ts';
import { noPart } from '../project/database-problems.ts';
import type { OpenProject } from '../project/project.ts';
import { startGrouping } from '../jobs/group.ts';
import { startSplit } from '../jobs/split.ts';
import { splitState } from '../jobs/split-state.ts';
import type { StudioState } from '../studio-state.ts';
import type { Commands } from './commands.ts';

export function splitCommands(os: Commands, state: StudioState) {
  return {
    splits: {
      get: os.splits.get.handler(() => splitState(state.project())),
      group: os.splits.group.handler(({ input }) => startGrouping(state, state.uploads, input)),
      draw: os.splits.draw.handler(({ input }) => startSplit(state, state.uploads, input, state.splits)),
      report: os.splits.report.handler(({ input }) => state.splits.get(input.jobId)),
      separated: os.splits.separated.handler(({ input: { studyId, most } }) =>
        studyId === undefined
          ? separatedParts(state.project(), most)
          : separatedFolds(state.project(), studyId, most),
      ),
    },
  };
}

/** Pairs of a training image and one that judges, or of one that validates and one that tests. */
function separatedParts({ columns, groups }: OpenProject, most: number): Separated | null {
  const partOf = (itemId: number) => {
    const at = columns.positionOf(itemId);
    if (at < 0 || columns.removed[at]) return null;
    const part = columns.partAt(at);
    return part === noPart ? null : part;
  };
  const train = splitNames.indexOf('train');
  const found = groups.separated(partOf, most, (part) => part !== train);
  const { validation, test } = columns.counts().all;
  return found && { ...found, images: validation + test };
}

function separatedFolds({ studies, groups }: OpenProject, studyId: string, most: number): Separated | null {
  const { plan } = studies.get(studyId);
  const folds = plan.kind === 'cross-validation' ? studies.foldsOf(studyId) : null;
  const found = folds && groups.separated((itemId) => folds.get(itemId) ?? null, most);
  return found && { ...found, images: folds!.size };
}
