/** The commands that can be done in every room: projects, the rooms themselves, undo, and the window. */
import CommandIcon from '@lucide/svelte/icons/command';
import Keyboard from '@lucide/svelte/icons/keyboard';
import LogOut from '@lucide/svelte/icons/log-out';
import Moon from '@lucide/svelte/icons/moon';
import Redo2 from '@lucide/svelte/icons/redo-2';
import Sun from '@lucide/svelte/icons/sun';
import Undo2 from '@lucide/svelte/icons/undo-2';
import X from '@lucide/svelte/icons/x';
import { menuCommands, type MenuCommandId, rooms } from '#contract/menu.ts';
import type { Job } from '#contract/job.ts';
import type { Command } from '../commands/command.ts';
import { logOut as endSession } from '../session.ts';
import { navigation, projects, searchBox, studio, theme } from '../stores.ts';
import { view, undo as changes } from './stores.ts';

const inMenu = <Id extends MenuCommandId>(id: Id) => ({ id, ...menuCommands[id] });
const inProject = () => studio.project !== null || 'Open a project first';

export const undo: Command = {
  id: 'edit.undo',
  label: 'Undo',
  icon: Undo2,
  shortcuts: ['Mod+Z'],
  within: ['room', 'large', 'recipe'],
  repeats: true,
  when: () => changes.canUndo || 'Nothing to undo',
  run: () => changes.undo(),
};
export const redo: Command = {
  id: 'edit.redo',
  label: 'Redo',
  icon: Redo2,
  shortcuts: ['Mod+Shift+Z', 'Mod+Y'],
  within: ['room', 'large', 'recipe'],
  repeats: true,
  when: () => changes.canRedo || 'Nothing to redo',
  run: () => changes.redo(),
};

export const showPalette: Command = {
  ...inMenu('window.palette'),
  icon: CommandIcon,
  aliases: 'command palette',
  run: () => view.show('palette'),
};
const showShortcuts: Command = {
  ...inMenu('window.shortcuts'),
  icon: Keyboard,
  aliases: 'keybindings hotkeys help',
  run: () => view.show('shortcuts'),
};
export const toggleTheme: Command = {
  id: 'window.theme',
  get label() {
    return theme.shade === 'dark' ? 'Use light colours' : 'Use dark colours';
  },
  get icon() {
    return theme.shade === 'dark' ? Sun : Moon;
  },
  aliases: 'theme dark mode light mode color',
  run: () => theme.toggle(),
};
export const logOut: Command = {
  id: 'window.log-out',
  label: 'Log out',
  icon: LogOut,
  aliases: 'sign out',
  run: () => endSession(),
};

export const newProject: Command = {
  ...inMenu('project.new'),
  when: () => studio.project !== null || 'Choose images to begin with',
  run: () => projects.close(),
};
/** The system's dialog, where there is one; else the start screen, which has a place for a path. */
export const openProject: Command = {
  ...inMenu('project.open'),
  when: () => window.atelier !== undefined || studio.project !== null || 'Type its path, or choose it below',
  async run() {
    if (!window.atelier) return projects.close();
    const chosen = await window.atelier.chooseFolder('Open a project');
    if (chosen) await projects.open(chosen);
  },
};
export const openSample: Command = {
  id: 'project.sample',
  label: 'Open the sample project',
  aliases: 'fashion-mnist example demo',
  when: () => projects.busy === null || `${projects.busy}…`,
  run: () => projects.openSample(),
};
export const closeProject: Command = {
  ...inMenu('project.close'),
  when: inProject,
  run: () => projects.close(),
};
export const revealProject: Command = {
  id: 'project.reveal',
  get label() {
    return window.atelier?.platform === 'darwin' ? 'Reveal in Finder' : 'Show in folder';
  },
  when: inProject,
  run: () => window.atelier?.revealProject(),
};
export const reopenProject: Command = {
  id: 'project.reopen',
  label: 'Open the project again',
  short: 'Open again',
  when: () => {
    const can = inProject();
    if (can !== true) return can;
    if (!studio.project?.readOnly) return 'The project can be changed as it is';
    return projects.busy === null || `${projects.busy}…`;
  },
  run: () => studio.project && projects.open(studio.project.path),
};

/** Of one job: several may run at once, in lanes of their own. */
export const cancelJob = (job: Job): Command => ({
  id: `job.cancel ${job.id}`,
  label: `Cancel: ${job.title}`,
  icon: X,
  aliases: 'stop abort job',
  when: () => !studio.isCancelling(job) || 'It is being cancelled',
  run: () => studio.cancel(job),
});

const find: Command = {
  id: 'window.find',
  label: 'Find by typing',
  short: 'Find',
  aliases: 'search filter class setting',
  shortcuts: ['/'],
  when: () => searchBox.current !== null || 'There is no box to search in here',
  run() {
    searchBox.current?.focus();
    searchBox.current?.select();
  },
};
export const goTo = rooms.map((room): Command => ({
  ...inMenu(`go.${room}`),
  when: inProject,
  run: () => navigation.go(room),
}));

const recentProjects = (): Command[] =>
  projects.recent
    .filter(({ path }) => path !== studio.project?.path)
    .map(({ path, name }) => ({
      id: `project.open ${path}`,
      label: `Open project ${name}`,
      aliases: 'recent switch',
      run: () => projects.open(path),
    }));

export const commands = (): readonly Command[] => [
  undo,
  redo,
  ...goTo,
  showPalette,
  showShortcuts,
  find,
  toggleTheme,
  newProject,
  openProject,
  openSample,
  closeProject,
  reopenProject,
  ...studio.working.map(cancelJob),
  ...(window.atelier ? [revealProject] : []),
  ...(studio.about?.desktop === false ? [logOut] : []),
  ...recentProjects(),
];
