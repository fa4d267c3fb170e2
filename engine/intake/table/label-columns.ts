/** From a table of labels, as people have them, to edits: which column is what, and rows that say what nothing can be. */
import { AtelierError } from '#contract/errors.ts';
import { LabelEdit, type LabelFault, mostLabelRows } from '#contract/labels.ts';
import { readPart } from '../part-names.ts';
import type { TableText } from './text.ts';

const names: Record<'path' | 'hash' | 'label' | 'split' | 'excluded' | 'hard' | 'note', readonly string[]> = {
  path: ['path', 'file', 'filename', 'file_name', 'filepath', 'image', 'name'],
  hash: ['hash', 'sha256'],
  label: ['label', 'class', 'category'],
  split: ['split', 'part', 'set'],
  excluded: ['excluded', 'exclude'],
  hard: ['hard'],
  note: ['note', 'notes'],
};
/** What a column that names images may be called, the likeliest first. */
export const imageColumns: readonly string[] = names.path;
type Column = keyof typeof names;
const says = ['label', 'split', 'excluded', 'hard', 'note'] as const;

/** What stands in the column where an image is marked as hard. */
export const hardCell = 'hard';
/** As spreadsheets and scripts write it. */
const marks: ReadonlyMap<string, boolean> = new Map([
  ...[hardCell, 'true', 'yes', '1'].map((word) => [word, true] as const),
  ...['', 'false', 'no', '0'].map((word) => [word, false] as const),
]);

export interface LabelEdits {
  edits: LabelEdit[];
  faults: LabelFault[];
  /** Columns that mean nothing here. */
  unused: string[];
}

/** @throws SOURCE_UNREADABLE where no column names the images, none says anything of them, or there are too many rows */
export function labelEdits({ columns, rows, faults: broken }: TableText, file: string): LabelEdits {
  const plain = columns.map((column) => column.trim().toLowerCase());
  const at = (column: Column) =>
    names[column].map((name) => plain.indexOf(name)).find((place) => place >= 0) ?? -1;
  const places = Object.fromEntries(
    (Object.keys(names) as Column[]).map((name) => [name, at(name)]),
  ) as Record<Column, number>;
  if ((places.path < 0 && places.hash < 0) || !says.some((column) => places[column] >= 0)) {
    throw new AtelierError(
      'SOURCE_UNREADABLE',
      `${file}: Expected a column for the image (path or hash), and at least one of label, split, excluded, hard and note; received ${
        columns
          .slice(0, 12)
          .map((column) => JSON.stringify(column))
          .join(', ') || 'none'
      }. The first row names the columns.`,
      { file },
    );
  }
  if (rows.length > mostLabelRows) {
    throw new AtelierError(
      'SOURCE_UNREADABLE',
      `${file}: Expected a table of at most ${mostLabelRows} rows, received ${rows.length}. Split it into several.`,
      { file },
    );
  }
  const edits: LabelEdit[] = [];
  const faults: LabelFault[] = broken.map(({ row, reason }) => ({ row, path: '', reason }));
  for (const { row, cells } of rows) {
    const cell = (column: Column) => (places[column] < 0 ? undefined : (cells[places[column]] ?? ''));
    const path = cell('path');
    const split = cell('split')?.trim();
    const reading = split ? readPart(split) : null;
    const fault = (reason: string) => faults.push({ row, path: path ?? '', reason });
    if (split && reading?.rest !== '') {
      fault(`Expected train, validation or test for the split, received ${JSON.stringify(split)}.`);
      continue;
    }
    const hard = cell('hard');
    const marked = hard === undefined ? undefined : marks.get(hard.trim().toLowerCase());
    if (hard !== undefined && marked === undefined) {
      fault(`Expected ${hardCell}, or nothing, for the mark as hard, received ${JSON.stringify(hard)}.`);
      continue;
    }
    const [label, hash, excluded, note] = [
      cell('label'),
      cell('hash')?.trim().toLowerCase(),
      cell('excluded'),
      cell('note'),
    ];
    const edit = LabelEdit.safeParse({
      row,
      ...(path && { path }),
      ...(hash && { hash: hash.slice(0, 32) }),
      ...(label !== undefined && { label: label.trim() === '' ? null : label }),
      ...(reading && { split: reading.part === 'pool' ? 'train' : reading.part }),
      ...(excluded !== undefined && { excluded: excluded.trim() === '' ? null : excluded }),
      ...(marked !== undefined && { hard: marked }),
      ...(note !== undefined && { note }),
    });
    if (edit.success) edits.push(edit.data);
    else {
      const [issue] = edit.error.issues;
      fault(`Its ${String(issue?.path[0] ?? 'row')} cannot be taken: ${issue?.message ?? ''}`);
    }
  }
  const used = new Set(Object.values(places));
  return { edits, faults, unused: columns.filter((_, place) => !used.has(place)) };
}
