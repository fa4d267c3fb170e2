/** A column of a table as groups of images: each row names an image by its path, and says in the column which group it is of. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, resolve } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { append } from '#learning/grouped.ts';
import { imageColumns } from './label-columns.ts';
import { parseTable } from './text.ts';

interface Named {
  root: string;
  name: string;
}

/**
 * @param items with the root of their source, absolute or relative to `project`
 * @returns the value of each image, empty where no row names it; and how many rows name no image, or several
 * @throws SOURCE_UNREADABLE where it is no table, or lacks the column or one for the images
 */
export async function readGroupColumn(
  file: string,
  column: string,
  items: readonly Named[],
  project: string,
): Promise<{ keys: string[]; unmatched: number }> {
  const name = basename(file);
  const { columns, rows } = parseTable(await readFile(file), name);
  const plain = columns.map((each) => each.trim().toLowerCase());
  const asked = plain.indexOf(column.trim().toLowerCase());
  const images = imageColumns.map((each) => plain.indexOf(each)).find((at) => at >= 0 && at !== asked) ?? -1;
  if (asked < 0 || images < 0)
    throw new AtelierError(
      'SOURCE_UNREADABLE',
      `${name}: Expected a column ${asked < 0 ? JSON.stringify(column) : `for the images (${imageColumns.join(', ')})`}, received ${
        columns
          .slice(0, 12)
          .map((each) => JSON.stringify(each))
          .join(', ') || 'none'
      }. The first row names the columns.`,
      { file: name, column },
    );
  const byName = new Map<string, number[]>();
  const byPath = new Map<string, number>();
  items.forEach((item, at) => {
    append(byName, item.name, at);
    byPath.set(resolve(project, item.root, item.name), at);
  });
  const keys = items.map(() => '');
  let unmatched = 0;
  for (const { cells } of rows) {
    const path = (cells[images] ?? '').replaceAll('\\', '/').replace(/^\.\//, '');
    const value = (cells[asked] ?? '').trim();
    if (path === '' || value === '') continue;
    const beside = byPath.get(isAbsolute(path) ? resolve(path) : resolve(dirname(file), path));
    const named = byName.get(path) ?? [];
    const at = named.length === 1 ? named[0] : beside;
    if (at === undefined) unmatched += 1;
    else keys[at] = value;
  }
  return { keys, unmatched };
}
