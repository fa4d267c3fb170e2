/** Which sheets to ask for: pure. */
import { mostInSheet } from '#contract/sheet.ts';
import type { ThumbnailRequest } from './thumbnail-request.ts';

/** Ids that are read ahead together: 1–64, 65–128, … */
export const aheadLength = 64;
/** Images of such a run that make it worth asking for all of it, of which the rest may be wanted next. */
const most = aheadLength / 4;

const firstOf = (id: number) => id - ((id - 1) % aheadLength);
const ascending = (ids: number[]) => ids.sort((a, b) => a - b);

/** What is seen and missing, in as few sheets as there can be: ids ascending; null where nothing is. */
export function sheetInSight({ now }: ThumbnailRequest, missing: (id: number) => boolean): number[] | null {
  const lacking = [...new Set(now)].filter(missing).slice(0, mostInSheet);
  return lacking.length > 0 ? ascending(lacking) : null;
}

/**
 * The next sheet to read ahead, its ids ascending; null where nothing is missing. Of a run of ids of which many are
 * wanted it is all that is missing, so that one row that comes into sight is not one request.
 */
export function sheetAhead({ next }: ThumbnailRequest, missing: (id: number) => boolean): number[] | null {
  const lacking = [...new Set(next)].filter(missing);
  const [first] = lacking;
  if (first === undefined) return null;
  const runs = new Map<number, number>();
  for (const id of lacking) runs.set(firstOf(id), (runs.get(firstOf(id)) ?? 0) + 1);
  const whole = (id: number) => runs.get(firstOf(id))! >= most;
  if (whole(first))
    return Array.from({ length: aheadLength }, (_, at) => firstOf(first) + at).filter(missing);
  return ascending(lacking.filter((id) => !whole(id)).slice(0, mostInSheet));
}
