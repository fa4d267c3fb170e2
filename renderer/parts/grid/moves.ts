/** Where keys move the cursor of a grid: of images, or of the confusion matrix. Pure. */

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
