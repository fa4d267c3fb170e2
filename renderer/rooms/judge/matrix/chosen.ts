/** The cells that are open, as they lie in the order that is shown. Pure. */
import type { MatrixCells } from '../judge-view.svelte.ts';
import type { CellRange } from './cursor.ts';
import type { Matrix } from './matrix.ts';

/** Places in the evaluation of what a range of the shown order holds. */
export function cellsOf({ order }: Pick<Matrix, 'order'>, { actual, predicted }: CellRange): MatrixCells {
  const places = (span: readonly [number, number] | null) => span && order.slice(span[0], span[1] + 1);
  return { actual: places(actual), predicted: places(predicted) };
}

/** The other way round: which rows and columns are open, by their place in the order shown. */
export function openIn(
  { order }: Pick<Matrix, 'order'>,
  cells: MatrixCells | null,
): { rows: boolean[]; columns: boolean[] } {
  const flags = (places: readonly number[] | null | undefined) => {
    if (!cells) return order.map(() => false);
    const open = places && new Set(places);
    return order.map((place) => !open || open.has(place));
  };
  return { rows: flags(cells?.actual), columns: flags(cells?.predicted) };
}

/** Neighbours that are open, from and to. */
export function runsOf(flags: readonly boolean[]): [number, number][] {
  const runs: [number, number][] = [];
  flags.forEach((open, place) => {
    if (!open) return;
    const last = runs.at(-1);
    if (last?.[1] === place - 1) last[1] = place;
    else runs.push([place, place]);
  });
  return runs;
}
