/** Where a dragged row would land. Pure; who moves it and who is told is left to SortableList. */

/**
 * @param middles heights of the middles of all rows, from the top of the list, as they were when the drag began
 * @param from the dragged row
 * @param y height of the pointer, from the top of the list
 * @returns the place of the row after the move
 */
export const placeOf = (middles: readonly number[], from: number, y: number): number =>
  middles.filter((middle, index) => index !== from && middle < y).length;

/** Moves an item of the list to another place, in place; a place outside stays as it is. */
export function moveTo<T>(list: T[], from: number, to: number): void {
  if (from === to || !(from in list) || !(to in list)) return;
  list.splice(to, 0, ...list.splice(from, 1));
}

/**
 * The control that has the keyboard after its row was moved: the same one of the row in its new place, or the first,
 * the handle, where that one is disabled now.
 * @param controls all of the row, the disabled ones too: at the ends of a list another arrow is disabled than between
 */
export function landing<T extends { disabled: boolean }>(controls: readonly T[], at: number): T | undefined {
  const same = controls[at];
  return same && !same.disabled ? same : controls[0];
}
