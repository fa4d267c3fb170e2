/** The commands of the Train room: the next run and its recipe, and what is listed. Those of a run and of studies stand beside them. */
import Columns2 from '@lucide/svelte/icons/columns-2';
import Gauge from '@lucide/svelte/icons/gauge';
import RotateCcw from '@lucide/svelte/icons/rotate-ccw';
import Scale from '@lucide/svelte/icons/scale';
import Settings2 from '@lucide/svelte/icons/settings-2';
import X from '@lucide/svelte/icons/x';
import { draft, runs, studio } from '../../stores.ts';
import type { Command } from '../../commands/command.ts';
import { runCommands } from './run/commands.ts';
import { comparison, view, origin, precisionCheck, rateSearch, studies } from './stores.ts';
import { studyCommands } from './studies/commands.ts';

const noImages = 'There are no training images yet. Import some in Data.';

/** Why the recipe as it stands cannot be trained; null where it can. */
export const trainingFault = (): string | null =>
  (studio.project?.counts.train ?? 0) === 0 ? noImages : (draft.fault?.message ?? null);

export const startTraining: Command = {
  id: 'train.start',
  label: 'Start training',
  short: 'Train',
  aliases: 'fit run learn',
  when: () => {
    if (runs.starting) return 'A training is being started';
    if (draft.overBudget) return 'The network is over its budget';
    return trainingFault() ?? (draft.ready || 'The recipe is being read');
  },
  async run() {
    if (!draft.recipe || !(await runs.start(draft.recipe, origin.origin))) return;
    origin.reset();
    view.show('run');
  },
};
export const toggleRecipe: Command = {
  id: 'train.recipe',
  get label() {
    return view.pane === 'recipe' ? 'Close settings' : 'Show all settings';
  },
  short: 'All settings',
  icon: Settings2,
  aliases: 'recipe edit hyperparameters configuration',
  when: () => draft.recipe !== null || 'The recipe is being read',
  run: () => (view.pane === 'recipe' ? view.closeRecipe() : view.show('recipe')),
};
export const backToPreset: Command = {
  id: 'train.back-to-preset',
  label: 'Go back to the preset',
  short: 'Back to the preset',
  icon: RotateCcw,
  aliases: 'reset discard changes',
  when: () => (draft.edited && draft.preset !== null) || 'Nothing was changed',
  run: () => draft.preset && draft.choose(draft.preset),
};
export const randomWeights: Command = {
  id: 'train.random-weights',
  label: 'Start from random weights',
  icon: X,
  aliases: 'from scratch',
  when: () => origin.origin !== null || 'The next run does so',
  run: () => origin.reset(),
};
export const findRate: Command = {
  id: 'train.find-rate',
  get label() {
    return rateSearch.result ? 'Find the learning rate again' : 'Find a learning rate';
  },
  get short() {
    return rateSearch.result ? 'Find it again' : 'Find a learning rate';
  },
  icon: Gauge,
  aliases: 'lr range test lr finder',
  when: () => {
    if (rateSearch.starting || rateSearch.job) return 'One is being looked for';
    return trainingFault() ?? true;
  },
  run() {
    view.show('recipe');
    return draft.recipe && rateSearch.start(draft.recipe, origin.origin);
  },
};
export const comparePrecisions: Command = {
  id: 'train.compare-precisions',
  label: 'Compare precisions on this machine',
  short: 'Compare on this machine',
  icon: Scale,
  aliases: 'bfloat16 float32 mixed precision',
  when: () => {
    const refused = studio.about?.engine?.bfloat16;
    if (refused) return refused;
    if (precisionCheck.starting || precisionCheck.job) return 'They are being compared';
    return draft.fault?.message ?? true;
  },
  run() {
    view.show('recipe');
    return draft.recipe && precisionCheck.start(draft.recipe, origin.origin);
  },
};
export const compareRuns: Command = {
  id: 'train.compare',
  label: 'Compare runs',
  short: 'Compare',
  icon: Columns2,
  aliases: 'side by side',
  when: () => {
    if (comparison.open) return 'Runs are being compared';
    return runs.list.length > 1 || 'There are no two runs yet';
  },
  run() {
    comparison.start(view.pane === 'run' ? (runs.watched?.id ?? null) : null);
    view.show('compare');
  },
};
export const stopComparing: Command = {
  id: 'train.stop-comparing',
  label: 'Stop comparing runs',
  short: 'Done',
  icon: X,
  when: () => comparison.open || 'No runs are being compared',
  run: () => view.show('run'),
};

/** What was trained: runs of their own, or studies of many. */
export function list(value: 'runs' | 'studies'): void {
  view.list = value;
  if (value === 'runs') view.show(comparison.open ? 'compare' : 'run');
  else view.show(studies.watched ? 'study' : 'plan');
}
const lists: readonly Command[] = [
  { id: 'train.runs', label: 'Show runs', run: () => list('runs') },
  { id: 'train.studies', label: 'Show studies', run: () => list('studies') },
];
const presets = (): Command[] =>
  draft.presets.map(({ preset, recipe }) => ({
    id: `train.preset-${preset}`,
    label: `Use the recipe ${recipe.name}`,
    aliases: 'preset choose',
    run: () => draft.choose(preset),
  }));

export const commands = (): readonly Command[] => [
  startTraining,
  toggleRecipe,
  backToPreset,
  randomWeights,
  findRate,
  comparePrecisions,
  compareRuns,
  stopComparing,
  ...runCommands(),
  ...studyCommands(),
  ...lists,
  ...presets(),
];
