/** The stores of the Judge room. */
import { evaluations, labels, predictions, runs, studio } from '../../stores.ts';
import { ImageBrowser } from '../../state/browser.svelte.ts';
import type { Store } from '../../state/store.ts';
import { AnswerRuleStore } from './answer-rules.svelte.ts';
import { ImproveStore } from './improve/improve.svelte.ts';
import { ErrorsStore } from './errors/errors.svelte.ts';
import { EvidenceStore } from './evidence.svelte.ts';
import { JudgeView } from './judge-view.svelte.ts';
import { RepairStore } from './repair/repair.svelte.ts';
import { MatrixView } from './matrix/matrix-view.svelte.ts';
import { RobustnessStore } from './robustness/robustness.svelte.ts';

export const browser = new ImageBrowser(studio, 'judge', 112);
export const view = new JudgeView({ studio, runs, evaluations, browser });
export const matrixView = new MatrixView({ view, runs, evaluations });
export const evidence = new EvidenceStore(studio);
export const errors = new ErrorsStore(studio, browser);
export const robustness = new RobustnessStore(studio);
export const answerRules = new AnswerRuleStore(studio);
export const improve = new ImproveStore(studio);
export const repair = new RepairStore({ studio, runs, evaluations, predictions, labels, view, browser });

export const stores: Store[] = [
  browser,
  view,
  matrixView,
  evidence,
  errors,
  robustness,
  answerRules,
  repair,
  improve,
];
