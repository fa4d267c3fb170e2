/** What a command of the window is. Commands live with what they act on: renderer/shell/commands.ts and rooms/ROOM/commands.ts. */
import type { Component } from 'svelte';
import { type MenuCommand, type Room, rooms, type Shortcut } from '#contract/menu.ts';
import type { Place } from './place.ts';

export type Icon = Component<{ size?: number | string }>;

export interface Command extends MenuCommand {
  /** `room.what`, of its own and for ever: what was used last is kept by it. Where no room is named it can be done everywhere. */
  readonly id: string;
  readonly label: string;
  readonly short?: string;
  readonly icon?: Icon;
  /** Other words by which it is found, as people know it from elsewhere. */
  readonly aliases?: string;
  readonly shortcuts?: readonly Shortcut[];
  /** Where its shortcuts count; anywhere in the window unless said. Menus, buttons and the palette know no place. */
  readonly within?: readonly Place[];
  /** A key that is held does it again and again. */
  readonly repeats?: true;
  /** True, or why it cannot be done now; absent: always. Read anew whenever it is shown, so it reads `$state`. */
  when?(): true | string;
  run(): unknown;
}

/** The room in which it can be done; undefined: everywhere. */
export const roomOf = ({ id }: Command): Room | undefined => rooms.find((room) => id.startsWith(`${room}.`));

/** The commands of a room or of the shell as of now: those that depend on the data, such as one a class, come and go. */
export type CommandSource = () => readonly Command[];
