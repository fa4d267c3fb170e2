/**
 * From the rows of tables to images: each row's file, class, part and group, or why it is skipped. A file that rows
 * disagree about is skipped with both of them named.
 */
import { posix } from 'node:path';
import type { ImportOptions, ImportSplit, ImportWarning } from '#contract/import.ts';
import { faultOfName, longestClassName } from '#contract/names.ts';
import type { SkippedFile } from '#contract/project.ts';
import { readPart } from '../part-names.ts';
import type { FoundImage } from '../importer.ts';
import { holds, type OpenTable, shown } from './open.ts';

export interface Gathered {
  images: FoundImage[];
  skipped: SkippedFile[];
  /** Files that a row names, whether or not they are taken. */
  named: Set<string>;
  warnings: ImportWarning[];
  statement: string;
}

interface Taken extends FoundImage {
  /** Where it was said. */
  row: string;
  /** The row says it, or the table's name; else the file's folder may. */
  fixed: boolean;
}

/** That the statement names. */
const tablesShown = 6;
const longestPath = 300;
const longestGroup = 255;

export function gatherRows(tables: readonly OpenTable[], options: ImportOptions): Gathered {
  const taken = new Map<string, Taken>();
  const disputed = new Map<string, string[]>();
  const skipped: SkippedFile[] = [];
  const named = new Set<string>();
  const told = new Tally();
  for (const table of tables) {
    const { text, columns, files } = table;
    const name = posix.basename(table.table.name);
    for (const { row, reason } of text.faults) skipped.push({ path: `${name}, row ${row}`, reason });
    for (const { row, cells } of text.rows) {
      const cell = cells[columns.file]?.trim() ?? '';
      const where = `${name}, row ${row}`;
      const path = cell === '' ? where : cell.slice(0, longestPath);
      const skip = (reason: string) => skipped.push({ path, reason });
      if (cell === '') {
        skip('The row names no file.');
        continue;
      }
      // Empty cells at the end, as spreadsheets leave them, say nothing.
      if (text.delimiter !== null && cells.slice(text.columns.length).some((extra) => extra?.trim())) {
        skip('The row has more cells than the table has columns. Put the cell with the delimiter in quotes.');
        continue;
      }
      const said = partOf(cells, table, options);
      const match = files.find(cell, holds(said && 'part' in said ? said.part : table.part));
      if ('reason' in match) {
        skip(match.reason);
        continue;
      }
      const { file, how } = match;
      named.add(file.name);
      const className = cells[columns.class]?.trim() || null;
      if (className === null && options.withoutClass === 'skip') {
        skip('The row names no class.');
        continue;
      }
      const fault = className === null ? null : faultOfName(className, longestClassName);
      if (fault) {
        skip(`The row cannot give the class's name. ${fault}`);
        continue;
      }
      if (said && 'reason' in said) {
        skip(said.reason);
        continue;
      }
      const group = columns.group === null ? '' : (cells[columns.group]?.trim().slice(0, longestGroup) ?? '');
      const image: Taken = {
        path: file.path,
        name: file.name,
        className,
        part: options.part ?? said?.part ?? table.part ?? 'pool',
        ...(group === '' ? {} : { group }),
        row: where,
        fixed: options.part !== undefined || said !== null || table.part !== null,
      };
      told.count(how);
      const before = taken.get(file.name);
      if (!before) taken.set(file.name, image);
      else if (alike(before, image)) told.count('twice');
      else {
        const rows = disputed.get(file.name);
        if (rows) rows.push(where);
        else disputed.set(file.name, [before.row, where]);
      }
    }
  }
  for (const name of disputed.keys()) taken.delete(name);
  skipped.unshift(
    ...[...disputed].map(([path, rows]) => ({
      path: `${path} (${rows.slice(0, 4).join('; ')})`,
      reason: 'The table names it several times and says different things.',
    })),
  );
  const byFolder = partsByFolder([...taken.values()]);
  const images = [...taken.values()].map(({ row: _row, fixed: _fixed, ...image }) => ({
    ...image,
    part: byFolder?.get(image.name) ?? image.part,
  }));
  const parted = groupsInSeveralParts(images);
  return {
    // What the table says of a group's images counts, also where the group would keep them together.
    images: images.map((image) =>
      image.part === 'pool' && image.group !== undefined && parted.has(image.group)
        ? { ...image, part: 'train' as const }
        : image,
    ),
    skipped,
    named,
    warnings: [...warningsOf(tables, told), ...partedWarning(parted), ...unlabelledWarning(images)],
    statement: statementOf(tables, images, byFolder !== null),
  };
}

/** Groups of which the table puts some images into one part and some into another. */
function groupsInSeveralParts(images: readonly FoundImage[]): Set<string> {
  const partOfGroup = new Map<string, ImportSplit>();
  const parted = new Set<string>();
  for (const { group, part } of images) {
    if (group === undefined) continue;
    if ((partOfGroup.get(group) ?? part) !== part) parted.add(group);
    partOfGroup.set(group, part);
  }
  return parted;
}

const partedWarning = (groups: ReadonlySet<string>) =>
  groups.size === 0
    ? []
    : [
        {
          code: 'GROUP_IN_SEVERAL_PARTS',
          text: `The table puts images of one group into several parts (${[...groups].slice(0, 5).map(shown).join(', ')}${groups.size > 5 ? ` and ${groups.size - 5} more` : ''}): what is measured on them looks better than it is. They stay where the table puts them.`,
        },
      ];

function unlabelledWarning(images: readonly FoundImage[]): ImportWarning[] {
  const without = images.filter(({ className }) => className === null);
  if (without.length === 0) return [];
  const text = `${without.length === 1 ? '1 row names' : `${without.length} rows name`} no class, such as that of ${without[0]!.name}: ${without.length === 1 ? 'its image is' : 'their images are'} unlabelled. Choose that images without a class are skipped to leave them out.`;
  return [{ code: 'TABLE_CLASS_EMPTY', text }];
}

/** How often each thing happened that is worth a word. */
class Tally {
  readonly #counts = new Map<string, number>();
  count(what: string): void {
    this.#counts.set(what, this.of(what) + 1);
  }
  of(what: string): number {
    return this.#counts.get(what) ?? 0;
  }
}

const alike = (a: Taken, b: Taken) =>
  a.className === b.className && a.part === b.part && (a.group ?? '') === (b.group ?? '');

/** What the row itself says of the part; null where it says nothing. */
function partOf(
  cells: readonly (string | null)[],
  { columns }: OpenTable,
  options: ImportOptions,
): { part: ImportSplit } | { reason: string } | null {
  const cell = columns.part === null ? '' : (cells[columns.part]?.trim() ?? '');
  if (cell === '') return null;
  const parts = options.parts ?? {};
  const said = Object.hasOwn(parts, cell) ? parts[cell] : undefined;
  if (said === 'skip') return { reason: 'Left out, as you said.' };
  if (said !== undefined && said !== 'class' && said !== 'unlabelled') return { part: said };
  const reading = readPart(cell);
  if (reading && reading.rest === '') return { part: reading.part };
  return {
    reason: `The table puts it into the part ${shown(cell)}, which is not known. Say which part that is.`,
  };
}

/** Where no row says the part and every file lies in a folder such as train or test, that folder does. */
function partsByFolder(images: readonly Taken[]): Map<string, ImportSplit> | null {
  const parts = new Map<string, ImportSplit>();
  for (const { name, fixed } of images) {
    if (fixed) return null;
    const readings = name.split('/').slice(0, -1).map(readPart);
    const reading = readings.find((each) => each !== null && each.rest === '');
    if (!reading) return null;
    parts.set(name, reading.part);
  }
  return parts.size > 0 ? parts : null;
}

function warningsOf(tables: readonly OpenTable[], told: Tally): ImportWarning[] {
  const warnings: ImportWarning[] = [];
  const warn = (code: string, text: string) => warnings.push({ code, text });
  // A table in each folder: those with the same columns are told once.
  const alike = new Map<string, { first: OpenTable; count: number }>();
  for (const one of tables) {
    const { text, columns } = one;
    const key = JSON.stringify([text.encoding, columns, columns.header && text.columns]);
    const group = alike.get(key);
    if (group) group.count++;
    else alike.set(key, { first: one, count: 1 });
  }
  for (const { first, count } of alike.values()) {
    const { table, text, columns } = first;
    const name = count === 1 ? table.name : `${table.name}, like ${count - 1} more,`;
    if (text.encoding === 'Windows-1252') {
      warn(
        'TABLE_ENCODING',
        `${name} is not UTF-8 and is read as Windows-1252 (Latin-1). Check class names with accents.`,
      );
    }
    if (!columns.header) {
      warn(
        'TABLE_NO_HEADER',
        `${name} has no row of column names: column ${columns.file + 1} is taken for the file, column ${columns.class + 1} for the class${
          columns.part === null ? '' : `, column ${columns.part + 1} for the part`
        }${columns.group === null ? '' : `, column ${columns.group + 1} for the group`}.`,
      );
      continue;
    }
    if (columns.guessed) {
      warn(
        'TABLE_CLASS_GUESSED',
        `${name} has no column with a usual name for the class. ${shown(text.columns[columns.class]!)}, the only other column, is taken for it.`,
      );
    }
    const used = [columns.file, columns.class, columns.part, columns.group];
    const extra = text.columns.filter((_, at) => !used.includes(at)).map(shown);
    if (extra.length > 0) {
      warn(
        'TABLE_COLUMNS_UNUSED',
        `${name} has columns that are not used: ${extra.slice(0, 12).join(', ')}${extra.length > 12 ? ' …' : ''}.`,
      );
    }
  }
  const counted = (what: string, code: string, words: (count: number) => string) => {
    if (told.of(what) > 0) warn(code, words(told.of(what)));
  };
  counted(
    'extension',
    'TABLE_EXTENSIONS',
    (count) =>
      `${count === 1 ? '1 file was found by its' : `${count} files were found by their`} name without its extension.`,
  );
  counted(
    'case',
    'TABLE_CASE',
    (count) =>
      `${count === 1 ? '1 file was found by its' : `${count} files were found by their`} name in other capitals or accents.`,
  );
  counted(
    'absolute',
    'TABLE_ABSOLUTE',
    (count) =>
      `${count} paths are absolute and lead outside of this folder, beneath ${tables.flatMap(({ files }) => files.foreign ?? [])[0]}. The files were found in this folder by the rest of the path.`,
  );
  counted(
    'twice',
    'TABLE_ROWS_TWICE',
    (count) => `${count} rows say the same as a row before. Each file is taken once.`,
  );
  return warnings;
}

function statementOf(tables: readonly OpenTable[], images: readonly FoundImage[], byFolder: boolean): string {
  const each = tables.map(({ table, text, columns, part }) => {
    const column = (at: number) => (columns.header ? shown(text.columns[at]!) : `column ${at + 1}`);
    return `${table.name} (${text.rows.length} rows): ${column(columns.file)} is the file, ${column(columns.class)} the class${
      columns.part === null ? '' : `, ${column(columns.part)} the part`
    }${columns.group === null ? '' : `, ${column(columns.group)} the group`}${
      columns.part === null && part !== null ? `; its name says ${part === 'pool' ? 'training' : part}` : ''
    }.`;
  });
  const folders = [...new Set(images.map(({ name }) => posix.dirname(name)))];
  const where = folders
    .filter((folder) => folder !== '.')
    .slice(0, 3)
    .join(', ');
  const more = each.length - tablesShown;
  return [
    `${each.length === 1 ? 'A table' : `${each.length} tables`}: ${each.slice(0, tablesShown).join(' ')}${more > 0 ? ` And ${more} more.` : ''}`,
    where === '' ? '' : `The files lie in ${where}${folders.length > 3 ? ' …' : ''}.`,
    byFolder ? 'The folders of the files give the part.' : '',
  ]
    .filter(Boolean)
    .join(' ');
}
