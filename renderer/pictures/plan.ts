/** Which sheets to ask for: pure. Whole ones where most of their images are wanted, else a list of the few that are. */
import { mostInSheet, sheetLength } from '#contract/sheet.ts';

/** Images of a sheet that make it worth asking for the whole, of which the rest may be wanted next. */
const most = sheetLength / 4;

const firstOf = (id: number) => id - ((id - 1) % sheetLength);

/**
 * The next sheet to ask for, its ids ascending; null where nothing is missing.
 * @param wanted in the order in which they matter
 * @param missing true for what is not there and not on its way
 */
export function nextSheet(wanted: readonly number[], missing: (id: number) => boolean): number[] | null {
  const lacking = wanted.filter(missing);
  const [first] = lacking;
  if (first === undefined) return null;
  const inSheets = new Map<number, number>();
  for (const id of new Set(lacking)) inSheets.set(firstOf(id), (inSheets.get(firstOf(id)) ?? 0) + 1);
  const whole = (id: number) => inSheets.get(firstOf(id))! >= most;
  if (whole(first)) {
    // Always the same ids, so that it is always the same address.
    return Array.from({ length: sheetLength }, (_, at) => firstOf(first) + at);
  }
  const few = new Set(lacking.filter((id) => !whole(id)));
  return [...few].slice(0, mostInSheet).sort((a, b) => a - b);
}
