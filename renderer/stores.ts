/** The stores that several rooms share, made once. Components import them from here; those of one room from its own stores.ts. */
import { Commands } from './commands/commands.svelte.ts';
import { ElementRef } from './commands/element-ref.svelte.ts';
import { connect } from './connection.ts';
import { Pictures } from './pictures/pictures.ts';
import { sheetFetcher } from './pictures/sheet-fetcher.ts';
import { CurationStore } from './state/curation.svelte.ts';
import { Draft } from './state/draft.svelte.ts';
import { Evaluations } from './state/evaluations.svelte.ts';
import { ImageDrag } from './state/image-drag.svelte.ts';
import { LabelStore } from './state/labels.svelte.ts';
import { isAllUnlabelled, Navigation } from './state/navigation.svelte.ts';
import { notifyJob, report } from './state/notices.ts';
import { Predictions } from './state/predictions.svelte.ts';
import { Projects } from './state/projects.svelte.ts';
import { Runs } from './state/runs.svelte.ts';
import { Splits } from './state/splits.svelte.ts';
import type { Store } from './state/store.ts';
import { Studio } from './state/studio.svelte.ts';
import { Theme } from './state/theme.svelte.ts';
import { Why } from './state/why.svelte.ts';

export const theme = new Theme(localStorage, window.matchMedia('(prefers-color-scheme: dark)'));
export const navigation = new Navigation(window);
export const studio = new Studio(connect);
export const pictures = new Pictures(sheetFetcher());
export const projects = new Projects(studio);
export const runs = new Runs(studio);
export const draft = new Draft(studio, localStorage);
export const evaluations = new Evaluations(studio);
export const splits = new Splits(studio);
export const predictions = new Predictions(studio);
export const why = new Why(studio);
export const labels = new LabelStore(studio);
export const curation = new CurationStore(studio, labels);
export const drag = new ImageDrag();
export const commands = new Commands(navigation, studio);
/** The box of the room in which one finds by typing. */
export const searchBox = new ElementRef<HTMLInputElement>();

/** A project in which nothing is labelled opens where that is done; the end of a job is told wherever one is. */
const announcements: Store = {
  reset: () => {
    if (isAllUnlabelled(studio.project)) navigation.go('label');
  },
  receive: (event) => {
    if (event.event === 'job.changed') notifyJob(event.job, navigation);
  },
};

export const stores: Store[] = [
  announcements,
  pictures,
  projects,
  runs,
  draft,
  evaluations,
  splits,
  predictions,
  why,
  labels,
  curation,
];
studio.onFault(report);
