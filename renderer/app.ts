/** The window's state objects, made once and wired to the studio's events. Components import them from here. */
import { connect } from './connection.ts';
import { Draft } from './state/draft.svelte.ts';
import { Drops } from './state/drops.svelte.ts';
import { Evaluations } from './state/evaluations.svelte.ts';
import { ImageBrowser } from './state/browser.svelte.ts';
import { LabelDesk } from './state/labels.svelte.ts';
import { Navigation } from './state/navigation.svelte.ts';
import { notifyJob, report } from './state/notices.ts';
import { Opinions } from './state/opinions.svelte.ts';
import { Projects } from './state/projects.svelte.ts';
import { Runs } from './state/runs.svelte.ts';
import { ShipDesk } from './state/ship.svelte.ts';
import { Studio } from './state/studio.svelte.ts';
import { Theme } from './state/theme.svelte.ts';

export const theme = new Theme(localStorage, window.matchMedia('(prefers-color-scheme: dark)'));
export const navigation = new Navigation(window);
export const studio = new Studio(connect);
export const projects = new Projects(studio);
export const runs = new Runs(studio);
export const draft = new Draft(studio);
export const evaluations = new Evaluations(studio);
export const opinions = new Opinions(studio);
export const labels = new LabelDesk(studio);
export const ship = new ShipDesk(studio);

/** Each room keeps its own filter, place and selection. */
export const browsers = {
  data: new ImageBrowser(studio, 'data'),
  label: new ImageBrowser(studio, 'label'),
  judge: new ImageBrowser(studio, 'judge'),
};
export const drops = new Drops({ studio, projects, runs, ship, navigation });

studio.onSwitch(() => {
  runs.clear();
  evaluations.reset();
  opinions.reset();
  ship.reset();
  for (const browser of Object.values(browsers)) browser.reset();
});
studio.onRead(async () => {
  await runs.read();
  await Promise.all([draft.readPresets(), draft.learnPace(runs.list)]);
  for (const browser of Object.values(browsers)) browser.refresh();
});
studio.onEvent((event) => {
  runs.receive(event);
  evaluations.receive(event);
  opinions.receive(event);
  draft.receive(event);
  for (const browser of Object.values(browsers)) browser.receive(event);
  if (event.event === 'run.changed') void draft.learnPace(runs.list).catch(() => {});
  if (event.event === 'job.changed') notifyJob(event.job, navigation);
});
studio.onFault(report);
