/** Which pictures a grid asks for, in the order in which they matter: pure. Which there are is left to pictures/pictures.ts. */
import type { Places } from '../../pictures/pictures.ts';
import type { ThumbnailRequest } from '../../pictures/thumbnail-request.ts';

/**
 * What is seen, from its first place on; then what comes after it, and what lies before it, the nearest first.
 * @param idAt of the item at a place, undefined where it has not been read
 */
export function requestOf(
  inSight: Places,
  beside: Places,
  idAt: (index: number) => number | undefined,
): ThumbnailRequest {
  const ids = (from: number, to: number, step: 1 | -1) => {
    const found: number[] = [];
    for (let index = from; step > 0 ? index <= to : index >= to; index += step) {
      const id = idAt(index);
      if (id !== undefined) found.push(id);
    }
    return found;
  };
  return {
    now: ids(inSight.first, inSight.last, 1),
    next: [...ids(inSight.last + 1, beside.last, 1), ...ids(inSight.first - 1, beside.first, -1)],
  };
}
