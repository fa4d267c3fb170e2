/** How each point of the map looks and which colour it has, of what is listed and selected. Pure. */
import type { ItemList } from '#contract/item-list.ts';
import { placeOfItem } from '#contract/map-points.ts';
import { looks } from './scatter.ts';

/** Of points whose image is not in the project any more. */
const noClass = -1;

/** The class of each point's image; 0 for unlabelled ones, -1 for those that are gone. */
export function classesOfPoints(points: Int32Array, all: ItemList): Int32Array {
  return points.map((itemId) => {
    const place = placeOfItem(all.itemIds, itemId);
    return place < 0 ? noClass : all.classIds[place]!;
  });
}

/**
 * @param classes of `classesOfPoints`
 * @param listed ids of the images that the grid lists
 * @param selected places in that list
 */
export function looksOfPoints(
  points: Int32Array,
  classes: Int32Array,
  listed: Int32Array,
  selected: ReadonlySet<number>,
): Uint8Array {
  const result = Uint8Array.from(classes, (id) => (id === noClass ? looks.gone : looks.faint));
  const raise = (itemId: number, look: number) => {
    const place = placeOfItem(points, itemId);
    if (place >= 0 && result[place] !== looks.gone) result[place] = look;
  };
  for (const itemId of listed) raise(itemId, looks.listed);
  for (const place of selected) {
    const itemId = listed[place];
    if (itemId !== undefined) raise(itemId, looks.selected);
  }
  return result;
}

/** Red, green and blue of each point, [points, 3]. @param colours `#rrggbb` by class */
export function coloursOfPoints(
  classes: Int32Array,
  colours: ReadonlyMap<number, string>,
  unlabelled: string,
): Uint8Array {
  const parts = new Map(
    [...colours, [0, unlabelled] as const].map(([id, colour]) => {
      const value = Number.parseInt(colour.trim().slice(1), 16);
      return [id, [(value >> 16) & 255, (value >> 8) & 255, value & 255]] as const;
    }),
  );
  const plain = parts.get(0)!;
  const result = new Uint8Array(3 * classes.length);
  classes.forEach((id, at) => result.set(parts.get(id) ?? plain, 3 * at));
  return result;
}
