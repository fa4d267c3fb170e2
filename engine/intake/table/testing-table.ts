/** For tests only: a folder of pictures and of tables that say what they show, made anew for each test, and what is read of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { ImportOptions } from '#contract/import.ts';
import { putFiles, scanWith } from '../testing.ts';
import { tableImporter } from './table.ts';

const numbers = [0, 1, 2, 3, 4, 5, 6, 7];
/** Files and their classes, four of each. */
export const pets = numbers.map((at) => [`${at}.png`, at % 2 ? 'dog' : 'cat'] as const);
/** As `inWords` has them. */
export const even = ['cat: 4 pool', 'dog: 4 pool'];

type Rows = readonly (readonly string[])[];
export const csv = (header: string, rows: Rows, delimiter = ',', newline = '\n') =>
  [header, ...rows.map((cells) => cells.join(delimiter))].join(newline) + newline;
/** One row for each of the pets. */
export const csvOf = (header: string, cells: (file: string, pet: string, at: number) => readonly string[]) =>
  csv(
    header,
    pets.map(([file, pet], at) => cells(file, pet, at)),
  );
/** Never decoded here, so an empty file will do. */
export const pictures = (within = 'images/', ending = '.png') =>
  Object.fromEntries(numbers.map((at) => [`${within}${at}${ending}`, '']));
export const codes = ({ warnings }: { warnings: { code: string }[] }) => warnings.map(({ code }) => code);

export function testTables() {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'atelier-table-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const pathOf = (...names: string[]) => join(folder, ...names);
  return {
    pathOf,
    put: (files: Record<string, string | Uint8Array>, images: Record<string, string> = pictures()) =>
      putFiles(folder, { ...images, ...files }),
    scan: (path = pathOf(), options?: ImportOptions) => scanWith(tableImporter, path, options),
  };
}
