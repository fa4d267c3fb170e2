/** The stores of the Train room. The recipe of the next run is shared: Judge trains again with that of a run. */
import type { PrecisionReport, RateSearch } from '#contract/probes.ts';
import { runs, studio } from '../../stores.ts';
import { Dialogs } from '../../commands/dialogs.svelte.ts';
import { ImageBrowser } from '../../state/browser.svelte.ts';
import type { Store } from '../../state/store.ts';
import { Comparison } from './compare/comparison.svelte.ts';
import { CurveView } from './curves/curve-view.svelte.ts';
import { Inside } from './inside/inside.svelte.ts';
import { NextOrigin } from './origin.svelte.ts';
import { Finder } from './recipe/finder.svelte.ts';
import { Measurement } from './recipe/measurement.svelte.ts';
import { LogExport } from './run/logs.svelte.ts';
import { Replays } from './run/replays.svelte.ts';
import { Notes } from './run/notes.svelte.ts';
import { Studies } from './studies/studies.svelte.ts';
import { StudyDraft } from './studies/study-plan.svelte.ts';
import { Times } from './times.svelte.ts';
import { TrainView } from './train-view.svelte.ts';

export const origin = new NextOrigin();
export const times = new Times(studio);
export const comparison = new Comparison();
export const view = new TrainView(comparison);
export const notes = new Notes(studio, runs);
export const logs = new LogExport(studio);
export const replays = new Replays(studio);
export const dialogs = new Dialogs<'delete-run' | 'delete-study'>();
export const curveView = new CurveView();
export const finder = new Finder();
export const studies = new Studies(studio);
export const studyDraft = new StudyDraft();
export const inside = new Inside(studio);
export const insideBrowser = new ImageBrowser(studio, 'inside', 48);
export const rateSearch = new Measurement<RateSearch>(studio, {
  kind: 'find-learning-rate',
  start: (client, tried) => client.recipes.findLearningRate(tried),
  read: (client, jobId) => client.recipes.learningRates({ jobId }),
  apart: [
    'name',
    'training.learningRate',
    'training.schedule',
    'training.epochs',
    'training.earlyStopping',
    'training.topK',
  ],
});
export const precisionCheck = new Measurement<PrecisionReport>(studio, {
  kind: 'compare-precision',
  start: (client, tried) => client.recipes.comparePrecision(tried),
  read: (client, jobId) => client.recipes.precisionReport({ jobId }),
  apart: ['name', 'training.precision', 'training.epochs', 'training.earlyStopping', 'training.topK'],
});

export const stores: Store[] = [
  studies,
  studyDraft,
  origin,
  times,
  comparison,
  view,
  notes,
  logs,
  replays,
  dialogs,
  inside,
  insideBrowser,
  rateSearch,
  precisionCheck,
];
window.addEventListener('pagehide', () => void notes.flush());
