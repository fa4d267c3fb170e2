/**
 * The five rooms, and the commands that stand in the application menu too. The menu (main/menu.ts) sends an id to the window; what a command
 * does, and when it can, is the window's (renderer/shell/commands.ts). Other commands are the window's alone.
 */

/** A key with its modifiers, such as `Mod+Shift+Z`; Mod is Ctrl, or ⌘ on macOS. See renderer/commands/shortcut.ts. */
export type Shortcut = string;

export interface MenuCommand {
  /** What it does, in the imperative. */
  label: string;
  /** Words in a menu or on a button, where they are others. */
  short?: string;
  /** The first is shown. */
  shortcuts?: readonly Shortcut[];
}

export const rooms = ['data', 'label', 'train', 'judge', 'ship'] as const;
export type Room = (typeof rooms)[number];
export const roomNames: Record<Room, string> = {
  data: 'Data',
  label: 'Label',
  train: 'Train',
  judge: 'Judge',
  ship: 'Ship',
};

const goTo = (room: Room): MenuCommand => {
  const place = rooms.indexOf(room) + 1;
  return { label: `Go to ${roomNames[room]}`, shortcuts: [`Alt+${place}`, `Mod+${place}`] };
};

export const menuCommands = {
  'project.new': { label: 'Create a new project', short: 'New project…' },
  'project.open': { label: 'Open a project', short: 'Open project…', shortcuts: ['Mod+O'] },
  'project.import': { label: 'Import images', short: 'Import' },
  'project.close': { label: 'Close the project', short: 'Close project' },
  'window.palette': { label: 'Show all commands', short: 'Command palette', shortcuts: ['Mod+K'] },
  'window.shortcuts': { label: 'Show keyboard shortcuts', short: 'Keyboard shortcuts', shortcuts: ['?'] },
  'go.data': goTo('data'),
  'go.label': goTo('label'),
  'go.train': goTo('train'),
  'go.judge': goTo('judge'),
  'go.ship': goTo('ship'),
} satisfies Record<string, MenuCommand>;

export type MenuCommandId = keyof typeof menuCommands;

/** The message from main to the window's preload that carries the id of a command. */
export const commandMessage = 'atelier:command';
