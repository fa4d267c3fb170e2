/** Where an improvement leads: another view, or another room with what it needs there. Other rooms are reached by their commands. */
import type { ImprovementAction } from '#contract/improvements.ts';
import type { Run } from '#contract/run.ts';
import type { FieldChanges } from '#recipe/path.ts';
import { commands, draft, navigation } from '../../../stores.ts';
import { improve, repair, view } from '../stores.ts';

/** Takes the run's recipe as the next one. */
function takeRecipe(run: Run, changes: FieldChanges = {}): void {
  draft.take(run.recipe, changes);
  navigation.go('train');
}

export function planLearningCurve(run: Run): void {
  takeRecipe(run);
  commands.choose('train.plan-learning-curve');
}

export function take(action: ImprovementAction, run: Run): void {
  switch (action.to) {
    case 'findings':
      if (action.finding === 'label-errors') {
        repair.list = 'suspects';
        view.shown = 'repair';
        return;
      }
      navigation.go('data');
      commands.choose(action.finding === null ? 'data.findings' : `data.finding-${action.finding}`);
      return;
    case 'learning-curve':
      if (improve.curve) document.getElementById('learning-curve')?.scrollIntoView({ block: 'start' });
      else planLearningCurve(run);
      return;
    case 'what-if':
      void improve.change({ merged: action.classIds, dropped: [] });
      document.getElementById('what-if')?.scrollIntoView({ block: 'start' });
      return;
    case 'train':
      return takeRecipe(run, action.changes as FieldChanges);
    case 'preset':
      draft.choose('fine-tune');
      return navigation.go('train');
    case 'run':
      return view.show({ runId: action.runId });
    case 'calibration':
      view.shown = 'calibration';
      return;
    case 'redraw':
      navigation.go('data');
      commands.choose('data.redraw');
      return;
    default:
      return action satisfies never;
  }
}
