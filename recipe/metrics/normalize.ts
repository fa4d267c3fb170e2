/** A confusion matrix in shares of its rows, of its columns or of all; scikit-learn's `normalize` says true, pred and all. */

export const normalizations = ['none', 'row', 'column', 'all'] as const;
export type Normalization = (typeof normalizations)[number];

/** What each is called, and what a value of it is a share of. */
export const normalizationLabels: Record<Normalization, string> = {
  none: 'Counts',
  row: 'Normalised by row',
  column: 'Normalised by column',
  all: 'Normalised over all',
};

/**
 * @param confusion confusion[actual][predicted], counts, square
 * @returns shares from 0 to 1, 0 where there is nothing to share; of `none`, counts as they are
 */
export function normalize(confusion: readonly (readonly number[])[], by: Normalization): number[][] {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const rows = confusion.map(sum);
  const columns = confusion.map((_, predicted) => sum(confusion.map((row) => row[predicted]!)));
  const all = sum(rows);
  const of = {
    none: () => 1,
    row: (actual: number) => rows[actual]!,
    column: (_: number, predicted: number) => columns[predicted]!,
    all: () => all,
  }[by];
  return confusion.map((row, actual) =>
    row.map((value, predicted) => (value === 0 ? 0 : value / of(actual, predicted))),
  );
}
