/** Which of a source's tables are used, and what is said of those that are not. How one is read is table.test.ts. */
import { describe, expect, it } from 'vitest';
import { listFiles } from '../listing.ts';
import { inWords } from '../testing.ts';
import { tableImporter } from './table.ts';
import { codes, csv, even, pets, testTables } from './testing-table.ts';

const { pathOf, put, scan } = testTables();

describe('several tables', () => {
  const inFolders = (folders: readonly string[]) =>
    Object.fromEntries(
      folders.flatMap((name, at) => [
        [`${name}/0.png`, ''],
        [`${name}/1.png`, ''],
        [`${name}/GT.csv`, `Filename;Width;ClassId\n0.png;9;${at}\n1.png;9;${at}\n`],
      ]),
    );

  it('of one part, each beside the images of its own folder, are one table in pieces', async () => {
    put(inFolders(['00000', '00001']), {});
    const read = await scan();
    expect(inWords(read)).toEqual(['0: 2 pool', '1: 2 pool']);
    expect(codes(read)).toEqual(['TABLE_COLUMNS_UNUSED', 'FEW_IMAGES']);
  });

  it('that say where files of other folders belong are not', async () => {
    put({ 'a/labels.csv': csv('filename,label', pets), 'b/labels.csv': csv('filename,label', pets) });
    await expect(scan()).rejects.toThrow('found 2: a/labels.csv, b/labels.csv');
  });

  it('a table of numbers that happen to be names of files is none', async () => {
    put({
      'meta.csv': csv('image_id,dx', pets),
      'pixels.csv': csv(
        'pixel0,pixel1,label',
        pets.map(() => ['1', '2', '0']),
      ),
    });
    const read = await scan();
    expect(inWords(read)).toEqual(even);
    expect(codes(read)).toContain('TABLE_UNUSED');
  });

  it('a column of numbered folds or parts is no class', async () => {
    put({
      'folds.csv': csv(
        'filename,partition',
        pets.map(([file], at) => [file, String(at % 2)]),
      ),
    });
    await expect(scan(pathOf('folds.csv'))).rejects.toThrow('Expected a column for the class');
  });

  it('a table whose first files are missing is still one', async () => {
    const missing = Array.from({ length: 300 }, (_, at) => [`gone${at}.png`, 'cat']);
    put({ 'labels.csv': csv('filename,label', [...missing, ...pets]) });
    expect(await tableImporter.detect(await listFiles(pathOf(), new AbortController().signal))).toBe(true);
    expect(inWords(await scan())).toEqual(even);
  });

  it('why a table is not used is said with its first row', async () => {
    put({
      'labels.csv': csv(
        'filename,label',
        pets.map(([file, pet]) => [`https://x.org/${file}`, pet]),
      ),
    });
    const listing = await listFiles(pathOf(), new AbortController().signal);
    const [warning] = await tableImporter.unused!(listing, new AbortController().signal);
    expect(warning?.text).toBe(
      'A table is not used. labels.csv: none of its rows names a file of this folder. The first has "https://x.org/0.png": The table gives a web address. Only files of this folder are read.',
    );
  });
});
