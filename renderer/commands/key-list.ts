/** All keyboard shortcuts by where they count: the dialog of the window and docs/guide/keyboard-shortcuts.md show this. */
import type { Shortcut } from '#contract/menu.ts';
import { roomNames, rooms, type Room } from '../state/navigation.svelte.ts';
import { type Command, roomOf } from './command.ts';
import type { Place } from './place.ts';
import { widgetKeys, type WidgetKey } from './widget-keys.ts';

export interface KeyRow {
  does: string;
  shortcuts: readonly Shortcut[];
  /** What must have the focus; empty where nothing need. */
  where: string;
}

interface KeySection {
  title: string;
  /** The room whose keys these are; null: everywhere, or where a widget is. */
  room: Room | null;
  rows: readonly KeyRow[];
}

const placeWords: Partial<Record<Place, string>> = {
  images: 'in the grid',
  large: 'in large view',
};
function whereOf({ within = ['room'] }: Command): string {
  return within.includes('room') ? '' : (within.map((place) => placeWords[place]).find(Boolean) ?? '');
}

/** A class's key is one of many, told in one line. */
const isOfClass = ({ id }: Command): boolean => /\.class-\d+$/.test(id);
const ofClasses = { does: 'Label as the class of this key', shortcuts: ['1–9', '0', 'A–Z'] };

export function keySections(commands: readonly Command[]): KeySection[] {
  const rowsOf = (room: Room | undefined) =>
    commands
      .filter((one) => roomOf(one) === room && one.shortcuts !== undefined && !isOfClass(one))
      .map((one): KeyRow => ({ does: one.label, shortcuts: one.shortcuts ?? [], where: whereOf(one) }));
  /** In one line, where classes are given. */
  const labels = (room: Room): KeyRow[] => {
    const exclude = commands.find(({ id }) => id === `${room}.exclude`);
    return exclude ? [{ ...ofClasses, where: whereOf(exclude) }] : [];
  };
  return [
    { title: 'Everywhere', room: null, rows: rowsOf(undefined) },
    ...rooms.map((room) => ({
      title: roomNames[room],
      room,
      rows: [...labels(room), ...rowsOf(room)],
    })),
    ...Object.entries(widgetKeys).map(([title, keys]) => ({
      title,
      room: null,
      rows: Object.values<WidgetKey>(keys).map((row) => ({ ...row, where: '' })),
    })),
  ].filter(({ rows }) => rows.length > 0);
}
