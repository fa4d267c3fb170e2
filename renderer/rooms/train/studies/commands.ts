/** The commands for studies: planning one, and the one that the Train room shows. */
import CircleStop from '@lucide/svelte/icons/circle-stop';
import Play from '@lucide/svelte/icons/play';
import Plus from '@lucide/svelte/icons/plus';
import Trash2 from '@lucide/svelte/icons/trash-2';
import { isActive, type Study, studyKindWords } from '#contract/study.ts';
import { draft, runs, studio } from '../../../stores.ts';
import type { Command } from '../../../commands/command.ts';
import { view, dialogs, origin, studies, studyDraft } from '../stores.ts';
import { faultOf } from './faults.ts';
import { bestOf } from './trials.ts';

/** The study that is shown, or whose trial is. */
function shown(): Study | null {
  if (view.pane === 'study') return studies.watched;
  const { studyId } = (view.pane === 'run' && runs.watched) || { studyId: null };
  return (studyId && studies.get(studyId)) || null;
}
const ofStudy = (can: (study: Study) => true | string) => () => {
  const study = shown();
  return study ? can(study) : 'Show a study first';
};

/** What is wrong with the study that is planned; null where nothing is. */
export function planFault(): string | null {
  const { recipe } = draft;
  if (studyDraft.fault) return studyDraft.fault;
  if (!recipe || studyDraft.kind !== 'search') return null;
  return studyDraft.space.some((parameter) => faultOf(recipe, parameter) !== null)
    ? 'A range does not fit the recipe; it is marked above.'
    : null;
}

export const newStudy: Command = {
  id: 'train.new-study',
  label: 'Plan a new study',
  short: 'New study',
  icon: Plus,
  aliases: 'cross-validation k-fold learning curve hyperparameter search sweep tune',
  run: () => view.show('plan'),
};
const planLearningCurve: Command = {
  id: 'train.plan-learning-curve',
  label: 'Plan a learning curve',
  aliases: 'study more images enough data',
  run() {
    studyDraft.kind = 'learning-curve';
    view.show('plan');
  },
};
export const startStudy: Command = {
  id: 'train.start-study',
  get label() {
    return `Start the ${studyKindWords[studyDraft.kind].toLowerCase()}`;
  },
  aliases: 'study run',
  when: () => {
    if (view.pane !== 'plan') return 'Plan a study first';
    if (studies.starting) return 'A study is being started';
    const fault = planFault() ?? draft.fault?.message;
    if (fault) return fault;
    return (studyDraft.plan !== null && draft.ready) || 'The recipe cannot be trained as it is';
  },
  async run() {
    const { plan, name } = studyDraft;
    if (!draft.recipe || !plan || !(await studies.start(draft.recipe, plan, name.trim()))) return;
    studyDraft.name = '';
    view.show('study');
  },
};
export const cancelStudy: Command = {
  id: 'train.cancel-study',
  label: 'Cancel study',
  icon: CircleStop,
  aliases: 'stop abort',
  when: ofStudy((study) => isActive(study) || 'It is not running'),
  run: () => studies.cancel(shown()!.id),
};
export const resumeStudy: Command = {
  id: 'train.resume-study',
  label: 'Resume study',
  icon: Play,
  when: ofStudy(({ state }) => state === 'cancelled' || state === 'failed' || 'It was not stopped'),
  run: () => studies.resume(shown()!.id),
};
export const deleteStudy: Command = {
  id: 'train.delete-study',
  label: 'Delete study',
  icon: Trash2,
  aliases: 'remove',
  when: ofStudy((study) => {
    if (view.pane !== 'study') return 'Show the study first';
    return !isActive(study) || 'Cancel it first';
  }),
  run: () => dialogs.show('delete-study'),
};
/** The best trial's recipe as the next one: its run has it with all values put in. */
export const takeBest: Command = {
  id: 'train.take-best',
  label: 'Use the best recipe',
  aliases: 'winner trial',
  when: ofStudy((study) => {
    if (study.plan.kind !== 'search') return 'It is no search';
    return bestOf(study) !== null || 'No trial has a score yet';
  }),
  async run() {
    const best = bestOf(shown()!);
    const run = best && (await studio.attempt((client) => client.runs.get({ runId: best.runId })));
    if (!run) return;
    draft.take(run.recipe);
    origin.reset();
    view.show('recipe');
  },
};
const showStudies = (): Command[] =>
  studies.list.map(({ id, name }) => ({
    id: `train.study-${id}`,
    label: `Show study ${name}`,
    run() {
      studies.watch(id);
      view.show('study');
    },
  }));

export const studyCommands = (): readonly Command[] => [
  newStudy,
  planLearningCurve,
  startStudy,
  cancelStudy,
  resumeStudy,
  takeBest,
  deleteStudy,
  ...showStudies(),
];
