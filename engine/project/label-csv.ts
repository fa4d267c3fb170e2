/**
 * The labels of a project as CSV, the same for the window and the command line. It comes in again by label-columns.ts and
 * changes nothing then. Where it is written to is left to who asks.
 */
import type { LabelRow } from '#contract/labels.ts';
import { csv } from '#contract/csv.ts';
import { hardCell } from '../intake/table/label-columns.ts';

export const labelColumns = ['path', 'label', 'split', 'excluded', 'hard', 'note', 'hash'] as const;

const pageRows = 1000;
/** Other work has its turn between two pages. */
const breath = () => new Promise((resolve) => setImmediate(resolve));

/**
 * @param list a page of the table after an item, as the command `labels.list` has it
 * @param onRows told how many rows there are so far
 */
export async function labelsAsCsv(
  list: (
    after: number,
    limit: number,
  ) => readonly (LabelRow & { itemId: number })[] | Promise<readonly (LabelRow & { itemId: number })[]>,
  onRows: (rows: number) => void = () => {},
): Promise<{ text: string; rows: number }> {
  const parts: string[] = [csv([labelColumns])];
  let rows = 0;
  for (let after = 0; ;) {
    const page = await list(after, pageRows);
    parts.push(
      csv(
        page.map(({ path, label, split, excluded, hard, note, hash }) => [
          path,
          label ?? '',
          split ?? '',
          excluded ?? '',
          hard ? hardCell : '',
          note,
          hash,
        ]),
      ),
    );
    rows += page.length;
    onRows(rows);
    if (page.length < pageRows) return { text: parts.join(''), rows };
    after = page.at(-1)!.itemId;
    await breath();
  }
}
