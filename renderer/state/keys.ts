/** What a key means, by itself; whether it means anything here is left to the room that asks. */
import { rooms, type Room } from './navigation.svelte.ts';

export type GlobalKey = { kind: 'room'; room: Room } | { kind: 'undo' } | { kind: 'redo' };
type Stroke = Pick<KeyboardEvent, 'key' | 'code' | 'repeat' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** Keys that work everywhere: Ctrl or Alt and 1–5 for the rooms, Ctrl+Z, Ctrl+Shift+Z, Ctrl+Y. */
export function globalKey(stroke: Stroke): GlobalKey | null {
  const command = stroke.ctrlKey || stroke.metaKey;
  const digit = /^Digit([1-5])$/.exec(stroke.code)?.[1];
  if (digit && command !== stroke.altKey && !stroke.shiftKey) {
    return { kind: 'room', room: rooms[Number(digit) - 1]! };
  }
  if (!command || stroke.altKey) return null;
  const letter = stroke.key.toLowerCase();
  if (letter === 'z') return { kind: stroke.shiftKey ? 'redo' : 'undo' };
  return letter === 'y' && !stroke.shiftKey ? { kind: 'redo' } : null;
}

/** A bare key, for classes: no modifier, one character. A key that is held gives its class once. */
export function classKey(stroke: Stroke): string | null {
  if (stroke.repeat || stroke.ctrlKey || stroke.metaKey || stroke.altKey || stroke.shiftKey) return null;
  return stroke.key.length === 1 && stroke.key !== ' ' ? stroke.key.toLowerCase() : null;
}

/** True where keys are text: nothing may be taken from there. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  )
    return true;
  return (
    target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button'].includes(target.type)
  );
}

/** Where the cursor of a grid goes; null where the key does not move it. */
export function moveInGrid(
  key: string,
  cursor: number,
  grid: { count: number; columns: number; page: number },
): number | null {
  const { count, columns, page } = grid;
  const moves: Record<string, number> = {
    ArrowLeft: cursor - 1,
    ArrowRight: cursor + 1,
    ArrowUp: cursor - columns,
    ArrowDown: cursor + columns,
    PageUp: cursor - columns * page,
    PageDown: cursor + columns * page,
    Home: 0,
    End: count - 1,
  };
  const next = moves[key];
  if (next === undefined || count === 0) return null;
  if (next < 0) return key === 'ArrowUp' ? cursor : 0;
  if (next >= count)
    return key === 'ArrowDown' && Math.floor(cursor / columns) === Math.floor((count - 1) / columns)
      ? cursor
      : count - 1;
  return next;
}
