/** The commands for the run that the Train room shows. */
import ArrowLeft from '@lucide/svelte/icons/arrow-left';
import CircleStop from '@lucide/svelte/icons/circle-stop';
import Columns2 from '@lucide/svelte/icons/columns-2';
import CopyPlus from '@lucide/svelte/icons/copy-plus';
import FileChartLine from '@lucide/svelte/icons/file-chart-line';
import Play from '@lucide/svelte/icons/play';
import Repeat from '@lucide/svelte/icons/repeat';
import Trash2 from '@lucide/svelte/icons/trash-2';
import type { Origin, Run } from '#contract/run.ts';
import { isActive } from '#contract/study.ts';
import { draft, navigation, runs } from '../../../stores.ts';
import type { Command } from '../../../commands/command.ts';
import { isUsable } from '../../../state/runs.svelte.ts';
import { comparison, curveView, view, dialogs, logs, origin, replays, studies } from '../stores.ts';

const shown = (): Run | null => (view.pane === 'run' ? runs.watched : null);
/** A trial stops and goes on with its study. */
const studyOf = (run: Run | null) => (run?.studyId ? studies.get(run.studyId) : undefined);
const stopped = (state: Run['state']) => state === 'cancelled' || state === 'failed';

/** Whether a command can be done for the run that is shown. */
const ofRun =
  (can: (run: Run) => true | string = () => true) =>
  () => {
    const run = shown();
    return run ? can(run) : 'Show a run first';
  };

function reuse(run: Run, how: Origin['how'] | null): void {
  draft.take(run.recipe);
  if (how) origin.choose(run.id, how);
  else origin.reset();
  view.show('recipe');
}
const withWeights = (run: Run) => isUsable(run) || 'It has no weights yet';

export const cancelTraining: Command = {
  id: 'train.cancel',
  label: 'Cancel training',
  icon: CircleStop,
  aliases: 'stop abort',
  when: ofRun((run) =>
    run.studyId !== null ? 'It is a trial: cancel its study' : isActive(run) || 'It is not training',
  ),
  run: () => runs.cancel(shown()!.id),
};
export const resumeTraining: Command = {
  id: 'train.resume',
  label: 'Resume training',
  short: 'Resume',
  icon: Play,
  aliases: 'continue go on',
  when: ofRun((run) =>
    run.studyId !== null ? 'It is a trial: resume its study' : stopped(run.state) || 'It was not stopped',
  ),
  run: () => runs.resume(shown()!.id),
};
export const judgeRun: Command = {
  id: 'train.judge',
  label: 'Judge this run',
  aliases: 'evaluate confusion matrix',
  when: ofRun((run) => {
    const study = studyOf(run);
    if (isActive(run) || (study && isActive(study))) return 'It is still training';
    return withWeights(run);
  }),
  run() {
    const { id } = shown()!;
    runs.choose(id);
    navigation.go('judge');
  },
};
export const reuseRecipe: Command = {
  id: 'train.reuse',
  label: 'Start from this recipe',
  icon: CopyPlus,
  aliases: 'copy duplicate again',
  when: ofRun(),
  run: () => reuse(shown()!, null),
};
export const continueRun: Command = {
  id: 'train.continue',
  label: 'Continue this run',
  short: 'Continue',
  aliases: 'more epochs',
  when: ofRun(withWeights),
  run: () => reuse(shown()!, 'continue'),
};
export const fineTuneRun: Command = {
  id: 'train.fine-tune',
  label: 'Fine-tune this run',
  short: 'Fine-tune',
  aliases: 'transfer learning weights',
  when: ofRun(withWeights),
  run: () => reuse(shown()!, 'fine-tune'),
};
export const compareRun: Command = {
  id: 'train.compare-run',
  label: 'Compare with other runs',
  icon: Columns2,
  aliases: 'side by side',
  when: ofRun(),
  run() {
    const { id } = shown()!;
    comparison.start(id);
    view.show('compare');
  },
};
export const exportLogs: Command = {
  id: 'train.export-logs',
  label: 'Export logs for TensorBoard',
  icon: FileChartLine,
  aliases: 'events curves',
  when: ofRun((run) => {
    if (run.epochs.length === 0) return 'It has no epoch yet';
    return logs.exporting ? 'They are being written' : true;
  }),
  run: () => logs.export(shown()!.id),
};
export const replayRun: Command = {
  id: 'train.replay',
  label: 'Replay this run',
  icon: Repeat,
  aliases: 'reproduce again verify same train once more',
  when: ofRun((run) => {
    if (replays.isUnderWay(run.id)) return 'It is being replayed';
    return run.state === 'finished' || 'Only a run that trained to its end can be replayed';
  }),
  run: () => replays.start(shown()!.id),
};
export const deleteRun: Command = {
  id: 'train.delete',
  label: 'Delete run',
  icon: Trash2,
  aliases: 'remove',
  when: ofRun((run) => {
    if (run.studyId !== null) return 'Trials are deleted with their study';
    return !isActive(run) || 'Cancel its training first';
  }),
  run: () => dialogs.show('delete-run'),
};
export const backToStudy: Command = {
  id: 'train.back-to-study',
  get label() {
    const study = studyOf(shown());
    return study ? `Go back to ${study.name}` : 'Go back to the study';
  },
  icon: ArrowLeft,
  when: ofRun((run) => studyOf(run) !== undefined || 'It belongs to no study'),
  run() {
    const run = shown()!;
    const study = studyOf(run);
    if (study) studies.watch(study.id);
    view.show('study');
  },
};

const views: readonly Command[] = [
  {
    id: 'train.curves',
    label: 'Show the curves',
    aliases: 'loss accuracy plot',
    when: ofRun(),
    run: () => (view.part = 'curves'),
  },
  {
    id: 'train.inside',
    label: 'Look inside',
    aliases: 'activations filters layers',
    when: ofRun((run) => run.bestEpoch !== null || 'It has no weights yet'),
    run: () => (view.part = 'inside'),
  },
  {
    id: 'train.logarithmic',
    get label() {
      return curveView.logarithmic ? 'Show the loss on a linear axis' : 'Show the loss on a logarithmic axis';
    },
    aliases: 'log scale',
    run: () => (curveView.logarithmic = !curveView.logarithmic),
  },
];
const showRuns = (): Command[] =>
  runs.list.map(({ id, name }) => ({
    id: `train.run-${id}`,
    label: `Show run ${name}`,
    run() {
      runs.watch(id);
      view.show('run');
    },
  }));

export const runCommands = (): readonly Command[] => [
  cancelTraining,
  resumeTraining,
  judgeRun,
  reuseRecipe,
  continueRun,
  fineTuneRun,
  compareRun,
  exportLogs,
  replayRun,
  deleteRun,
  backToStudy,
  ...views,
  ...showRuns(),
];
