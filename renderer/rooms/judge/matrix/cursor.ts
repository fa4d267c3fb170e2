/** Where keys move in a confusion matrix, and what is chosen from one place to another. Pure. */

/** Places in the order shown; −1 is the header of the row or of the column, which stands for all of it. */
export interface Place {
  actual: number;
  predicted: number;
}

/** From and to, both included; null: all rows, or all columns. */
export interface CellRange {
  actual: readonly [number, number] | null;
  predicted: readonly [number, number] | null;
}

const page = 10;

/** @returns where a key leads; null where it leads nowhere, also over the edge */
export function movedPlace(
  { key, ctrlKey, metaKey }: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey'>,
  { actual, predicted }: Place,
  side: number,
): Place | null {
  const whole = ctrlKey || metaKey;
  const moves: Record<string, Place> = {
    ArrowLeft: { actual, predicted: predicted - 1 },
    ArrowRight: { actual, predicted: predicted + 1 },
    ArrowUp: { actual: actual - 1, predicted },
    ArrowDown: { actual: actual + 1, predicted },
    PageUp: { actual: Math.max(0, actual - page), predicted },
    PageDown: { actual: actual + page, predicted },
    Home: { actual: whole ? 0 : actual, predicted: 0 },
    End: { actual: whole ? side - 1 : actual, predicted: side - 1 },
  };
  const to = moves[key];
  if (!to || side === 0) return null;
  const within = (place: number) => Math.min(side - 1, Math.max(-1, place));
  const next = { actual: within(to.actual), predicted: within(to.predicted) };
  const corner = next.actual < 0 && next.predicted < 0;
  return corner || (next.actual === actual && next.predicted === predicted) ? null : next;
}

/** All between two places, in either order. */
export function rangeBetween(a: Place, b: Place): CellRange {
  const between = (one: number, other: number): readonly [number, number] | null =>
    one < 0 || other < 0 ? null : [Math.min(one, other), Math.max(one, other)];
  return {
    actual: between(a.actual, b.actual),
    predicted: between(a.predicted, b.predicted),
  };
}

export const isWithin = ({ actual, predicted }: CellRange, place: Place): boolean =>
  (actual === null || (place.actual >= actual[0] && place.actual <= actual[1])) &&
  (predicted === null || (place.predicted >= predicted[0] && place.predicted <= predicted[1]));

/** Whether it is more than one cell or one class. */
export const isWide = ({ actual, predicted }: CellRange): boolean =>
  [actual, predicted].some((span) => span !== null && span[0] !== span[1]);
