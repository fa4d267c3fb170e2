/** The window's state objects, made once and wired to the studio's events. Components import them from here. */
import type { PrecisionReport, RateSearch } from '#contract/probes.ts';
import { connect } from './connection.ts';
import { Pictures } from './pictures/pictures.ts';
import { sheetFetcher } from './pictures/sheet-fetcher.ts';
import { FirstModel } from './state/first-model.svelte.ts';
import { Finder } from './rooms/train/recipe/finder.svelte.ts';
import { CurationDesk } from './state/curation.svelte.ts';
import { ImageDrag } from './state/image-drag.svelte.ts';
import { LabelFileDesk } from './state/label-file.svelte.ts';
import { Comparison } from './state/comparison.svelte.ts';
import { CurveView } from './state/curve-view.svelte.ts';
import { Draft } from './state/draft.svelte.ts';
import { Drops } from './state/drops.svelte.ts';
import { Evaluations } from './state/evaluations.svelte.ts';
import { ImageBrowser } from './state/browser.svelte.ts';
import { ImportPlanDesk } from './state/import-plan.svelte.ts';
import { Inside } from './state/inside.svelte.ts';
import { LabelDesk } from './state/labels.svelte.ts';
import { Measurement } from './state/measurement.svelte.ts';
import { isAllUnlabelled, Navigation } from './state/navigation.svelte.ts';
import { Notes } from './state/notes.svelte.ts';
import { notifyJob, report } from './state/notices.ts';
import { NextOrigin } from './state/origin.svelte.ts';
import { Opinions } from './state/opinions.svelte.ts';
import { Projects } from './state/projects.svelte.ts';
import { Runs } from './state/runs.svelte.ts';
import { ShipDesk } from './state/ship.svelte.ts';
import { SourceDesk } from './state/sources.svelte.ts';
import { Studies } from './state/studies.svelte.ts';
import { Studio } from './state/studio.svelte.ts';
import { SuggestionDesk } from './state/suggestions.svelte.ts';
import { StudyDraft } from './state/study-plan.svelte.ts';
import { Theme } from './state/theme.svelte.ts';
import { TrainDesk } from './state/train-desk.svelte.ts';
import { Times } from './state/times.svelte.ts';
import { Undo } from './state/undo.svelte.ts';

export const theme = new Theme(localStorage, window.matchMedia('(prefers-color-scheme: dark)'));
export const navigation = new Navigation(window);
export const studio = new Studio(connect);
export const pictures = new Pictures(sheetFetcher());
export const projects = new Projects(studio);
export const runs = new Runs(studio);
export const notes = new Notes(studio, runs);
export const draft = new Draft(studio, localStorage);
export const times = new Times(studio);
export const origin = new NextOrigin();
export const finder = new Finder();
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
export const comparison = new Comparison();
export const desk = new TrainDesk(comparison);
export const curveView = new CurveView();
export const studies = new Studies(studio);
export const studyDraft = new StudyDraft();
export const inside = new Inside(studio);
export const evaluations = new Evaluations(studio);
export const opinions = new Opinions(studio);
export const labels = new LabelDesk(studio);
export const suggestions = new SuggestionDesk(studio, labels);
export const undo = new Undo({ navigation, draft, labels, studio });
export const ship = new ShipDesk(studio);
export const sources = new SourceDesk(studio);
export const curation = new CurationDesk(studio);
export const labelFile = new LabelFileDesk(studio);
export const drag = new ImageDrag();

/** Each room keeps its own filter, place and selection. */
export const browsers = {
  data: new ImageBrowser(studio, 'data'),
  label: new ImageBrowser(studio, 'label'),
  judge: new ImageBrowser(studio, 'judge'),
  inside: new ImageBrowser(studio, 'inside', 48),
};
export const firstModel = new FirstModel({ studio, runs, navigation }, localStorage);
export const plans = new ImportPlanDesk({ studio, projects, navigation, firstModel });
export const drops = new Drops({ studio, projects, plans, runs, ship, navigation });

studio.onSwitch(() => {
  if (isAllUnlabelled(studio.project)) navigation.go('label');
  pictures.clear();
  plans.cancel();
  runs.clear();
  labels.reset();
  suggestions.reset();
  draft.reset();
  times.reset();
  origin.clear();
  desk.reset();
  comparison.clear();
  studies.clear();
  studyDraft.reset();
  inside.reset();
  rateSearch.reset();
  precisionCheck.reset();
  evaluations.reset();
  opinions.reset();
  ship.reset();
  sources.reset();
  curation.reset();
  labelFile.reset();
  for (const browser of Object.values(browsers)) browser.reset();
});
studio.onRead(async () => {
  pictures.retry();
  await runs.read();
  await studies.read();
  await Promise.all([draft.readPresets(), rateSearch.read(), precisionCheck.read(), notes.flush()]);
  for (const browser of Object.values(browsers)) browser.refresh();
});
studio.onEvent((event) => {
  projects.receive(event);
  runs.receive(event);
  firstModel.receive(event);
  origin.receive(event);
  comparison.receive(event);
  studies.receive(event);
  inside.receive(event);
  evaluations.receive(event);
  opinions.receive(event);
  suggestions.receive(event);
  curation.receive(event);
  draft.receive(event);
  times.receive(event);
  rateSearch.receive(event);
  precisionCheck.receive(event);
  for (const browser of Object.values(browsers)) browser.receive(event);
  if (event.event === 'job.changed') notifyJob(event.job, navigation);
});
studio.onFault(report);
window.addEventListener('pagehide', () => void notes.flush());
