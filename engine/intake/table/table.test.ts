import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { ImportOptions } from '#contract/import.ts';
import { inWords, putFiles, scanWith } from '../testing.ts';
import { tableImporter } from './table.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'atelier-table-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const numbers = [0, 1, 2, 3, 4, 5, 6, 7];
const pets = numbers.map((at) => [`${at}.png`, at % 2 ? 'dog' : 'cat'] as const);
const csv = (header: string, rows: readonly (readonly string[])[], delimiter = ',', newline = '\n') =>
  [header, ...rows.map((cells) => cells.join(delimiter))].join(newline) + newline;
/** Never decoded here, so an empty file will do. */
const pictures = (within = 'images/', ending = '.png') =>
  Object.fromEntries(numbers.map((at) => [`${within}${at}${ending}`, '']));
const put = (files: Record<string, string | Uint8Array>, images: Record<string, string> = pictures()) =>
  putFiles(folder, { ...images, ...files });
const scan = (path = folder, options?: ImportOptions) => scanWith(tableImporter, path, options);
const even = ['cat: 4 pool', 'dog: 4 pool'];
const codes = ({ warnings }: { warnings: { code: string }[] }) => warnings.map(({ code }) => code);

describe('a table is read', () => {
  it.each<[string, string, string | Uint8Array, string[]?, string[]?]>([
    ['as CSV', 'labels.csv', csv('filename,label', pets)],
    [
      'with empty cells at the end of its rows',
      'labels.csv',
      csv(
        'filename,label',
        pets.map((row) => [...row, '', ' ']),
      ),
    ],
    [
      'with absolute paths of another machine, and says so',
      'labels.csv',
      csv(
        'id,image,choice',
        pets.map(([file, pet], at) => [String((at + 1) % 8), `/data/upload/3/${file}`, pet]),
      ),
      even,
      ['TABLE_COLUMNS_UNUSED', 'TABLE_ABSOLUTE'],
    ],
    [
      'with paths of a Windows machine, and says so',
      'labels.csv',
      csv(
        'filename,label',
        pets.map(([file, pet]) => [`C:\\Users\\me\\set\\${file}`, pet]),
      ),
      even,
      ['TABLE_ABSOLUTE'],
    ],
    [
      'without a header, with the part first, and says so',
      'labels.csv',
      pets.map(([file, pet], at) => ['TRAIN', 'TEST'][at >> 2] + `,${file},${pet}`).join('\n'),
      ['cat: 2 pool, 2 test', 'dog: 2 pool, 2 test'],
      ['TABLE_NO_HEADER'],
    ],
    ['with a byte order mark and CRLF', 'labels.csv', '\ufeff' + csv('filename,label', pets, ',', '\r\n')],
    ['with semicolons', 'labels.csv', csv('filename;label', pets, ';')],
    [
      'with empty classes, which give unlabelled images, and says so',
      'labels.csv',
      csv(
        'filename,label',
        pets.map(([file, pet], at) => [file, at > 5 ? ' ' : pet]),
      ),
      ['cat: 3 pool', 'dog: 3 pool', '(unlabelled): 2 pool'],
      ['TABLE_CLASS_EMPTY'],
    ],
    ['with tabs', 'labels.tsv', csv('filename\tlabel', pets, '\t')],
    ['with Excel’s line for the delimiter', 'labels.csv', 'sep=;\n' + csv('filename;label', pets, ';')],
    [
      'with quotes around the delimiter',
      'labels.csv',
      csv(
        'filename,label',
        pets.map(([file, pet]) => [`"${file}"`, `"${pet}, ""big"""`]),
      ),
      ['cat, "big": 4 pool', 'dog, "big": 4 pool'],
    ],
    [
      'with cells that look like formulas, as text',
      'labels.csv',
      csv(
        'filename,label',
        pets.map(([file]) => [file, '=cmd()']),
      ),
      ['=cmd(): 8 pool'],
      ['ONE_CLASS'],
    ],
    ['as UTF-16', 'labels.csv', Buffer.from('\ufeff' + csv('filename,label', pets), 'utf16le')],
    [
      'as Latin-1, and says so',
      'labels.csv',
      Buffer.from(
        csv(
          'filename,label',
          pets.map(([file]) => [file, 'Bär']),
        ),
        'latin1',
      ),
      ['Bär: 8 pool'],
      ['TABLE_ENCODING', 'ONE_CLASS'],
    ],
    [
      'without a header, and says so',
      'labels.csv',
      pets.map((row) => row.join(',')).join('\n'),
      even,
      ['TABLE_NO_HEADER'],
    ],
    [
      'without extensions, and says so',
      'train.csv',
      csv(
        'Id,breed',
        pets.map(([file, pet]) => [file.replace('.png', ''), pet]),
      ),
      even,
      ['TABLE_EXTENSIONS'],
    ],
    [
      'with other columns, which it names',
      'labels.csv',
      csv(
        'width,Image Name,Class,note',
        pets.map(([file, pet]) => ['14', file, pet, 'x']),
      ),
      even,
      ['TABLE_COLUMNS_UNUSED'],
    ],
    [
      'with a class of an unknown name, and says so',
      'train.csv',
      csv('id,has_cactus', pets),
      even,
      ['TABLE_CLASS_GUESSED'],
    ],
    [
      'with backslashes and ./',
      'labels.csv',
      csv(
        'path,label',
        pets.map(([file, pet]) => [`.\\images\\${file}`, pet]),
      ),
    ],
    [
      'as JSON lines',
      'metadata.jsonl',
      pets.map(([file, pet]) => JSON.stringify({ file_name: `images/${file}`, label: pet })).join('\n'),
    ],
    [
      'as JSON lines with whole numbers for classes',
      'metadata.jsonl',
      pets.map(([file], at) => JSON.stringify({ file_name: file, label: at % 2 })).join('\n'),
      ['0: 4 pool', '1: 4 pool'],
    ],
  ])('%s', async (_, name, content, expected = even, warned = []) => {
    put({ [name]: content });
    const found = await scan();
    expect(inWords(found)).toEqual(expected);
    expect(codes(found)).toEqual(warned);
    expect(found).toMatchObject({ layout: 'table', root: folder, skipped: [] });
  });

  it('chosen by itself, with names relative to its folder', async () => {
    put({ 'labels.csv': csv('filename,label', pets) });
    const found = await scan(join(folder, 'labels.csv'));
    expect(inWords(found)).toEqual(even);
    expect(found.images[0]).toEqual({
      path: join(folder, 'images', '0.png'),
      name: 'images/0.png',
      className: 'cat',
      part: 'pool',
    });
    expect(found.statement).toBe(
      'A table: labels.csv (8 rows): "filename" is the file, "label" the class. The files lie in images.',
    );
  });

  it('with parts and groups of its own', async () => {
    const splits = ['train', 'Training', 'val', 'dev', 'test', 'holdout', '', 'train'];
    put({
      'labels.csv': csv(
        'filename,label,split,patient_id',
        pets.map(([file, pet], at) => [file, pet, splits[at]!, `p${at >> 1}`]),
      ),
    });
    const found = await scan();
    expect(inWords(found)).toEqual([
      'cat: 2 pool, 1 validation, 1 test',
      'dog: 2 pool, 1 validation, 1 test',
    ]);
    expect(found.images.map(({ group }) => group)).toEqual(['p0', 'p0', 'p1', 'p1', 'p2', 'p2', 'p3', 'p3']);
    expect(inWords(await scan(folder, { part: 'test' }))).toEqual(['cat: 4 test', 'dog: 4 test']);
  });

  it('with a group in several parts: they stay where the table puts them, and it is said', async () => {
    put({
      'labels.csv': csv(
        'filename,label,split,patient',
        pets.map(([file, pet], at) => [file, pet, at === 0 ? 'test' : 'train', at < 3 ? 'p0' : `p${at}`]),
      ),
    });
    const found = await scan();
    expect(found.images.slice(0, 4).map(({ part }) => part)).toEqual(['test', 'train', 'train', 'pool']);
    expect(found.warnings).toContainEqual({
      code: 'GROUP_IN_SEVERAL_PARTS',
      text: 'The table puts images of one group into several parts ("p0"): what is measured on them looks better than it is. They stay where the table puts them.',
    });
  });

  it('with a part that nobody knows: skipped, until it is said', async () => {
    put({
      'labels.csv': csv(
        'filename,label,fold',
        pets.map(([file, pet], at) => [file, pet, at < 2 ? 'extra' : 'train']),
      ),
    });
    expect((await scan()).skipped).toEqual(
      ['0.png', '1.png'].map((path) => ({
        path,
        reason: 'The table puts it into the part "extra", which is not known. Say which part that is.',
      })),
    );
    expect(inWords(await scan(folder, { parts: { extra: 'validation' } }))).toEqual([
      'cat: 3 pool, 1 validation',
      'dog: 3 pool, 1 validation',
    ]);
  });

  it('in a folder for each part, as Hugging Face has it', async () => {
    const metadata = csv('file_name,label', pets);
    put(
      { 'train/metadata.csv': metadata, 'test/metadata.csv': metadata },
      { ...pictures('train/'), ...pictures('test/') },
    );
    expect(inWords(await scan())).toEqual(['cat: 4 pool, 4 test', 'dog: 4 pool, 4 test']);
  });

  it('one for each part, with files of the same names', async () => {
    put(
      {
        'train.csv': csv('id,label', pets),
        'test.csv': csv('id,label', pets),
        'sample_submission.csv': csv('id,label', pets),
      },
      { ...pictures('train_images/'), ...pictures('test_images/') },
    );
    const found = await scan();
    expect(inWords(found)).toEqual(['cat: 4 pool, 4 test', 'dog: 4 pool, 4 test']);
    expect(
      found.images.every(({ name, part }) => name.startsWith(part === 'test' ? 'test_' : 'train_')),
    ).toBe(true);
    expect(found.skipped).toEqual([{ path: 'sample_submission.csv', reason: 'A table that is not used.' }]);
  });

  it('whose files lie in folders for each part', async () => {
    put(
      {
        'metadata.csv': csv('file_name,label', [
          ...pets.map(([f, p]) => [`train/${f}`, p]),
          ...pets.map(([f, p]) => [`test/${f}`, p]),
        ]),
      },
      { ...pictures('train/'), ...pictures('test/') },
    );
    const found = await scan();
    expect(inWords(found)).toEqual(['cat: 4 pool, 4 test', 'dog: 4 pool, 4 test']);
    expect(found.statement).toMatch(/The folders of the files give the part\.$/);
  });
});

it('images that no row names are skipped, or unlabelled where that is said', async () => {
  put({ 'labels.csv': csv('filename,label', pets.slice(0, 6)) });
  expect((await scan()).skipped.map(({ path, reason }) => [path, reason])).toEqual([
    ['images/6.png', 'Not in the table labels.csv.'],
    ['images/7.png', 'Not in the table labels.csv.'],
  ]);
  const taken = await scan(folder, { withoutClass: 'unlabelled', part: 'test' });
  expect([inWords(taken), taken.skipped]).toEqual([
    ['cat: 3 test', 'dog: 3 test', '(unlabelled): 2 test'],
    [],
  ]);
});

describe('what a table says is not believed:', () => {
  it('paths that leave the folder are named, and never looked at', async () => {
    put({
      'labels.csv': csv('path,label', [
        ['images/0.png', 'cat'],
        ['../outside.png', 'cat'],
        ['/etc/passwd', 'cat'],
        ['C:\\Windows\\a.png', 'cat'],
        ['https://example.org/a.png', 'cat'],
        ['images/../../x.png', 'cat'],
        ['images/nothing.png', 'cat'],
        ['images/1.png', ''],
        ['', 'cat'],
        ['images/2.png', 'a\u0007b'],
      ]),
    });
    const { skipped, images } = await scan(undefined, { withoutClass: 'skip' });
    expect(images).toHaveLength(1);
    const outside = 'The table names a file outside of this folder.';
    const rest = 'Not in the table labels.csv.';
    expect(skipped).toEqual([
      { path: '../outside.png', reason: outside },
      { path: '/etc/passwd', reason: outside },
      { path: 'C:\\Windows\\a.png', reason: outside },
      {
        path: 'https://example.org/a.png',
        reason: 'The table gives a web address. Only files of this folder are read.',
      },
      { path: 'images/../../x.png', reason: outside },
      { path: 'images/nothing.png', reason: 'The table names it, but there is no such file.' },
      { path: 'images/1.png', reason: 'The row names no class.' },
      { path: 'labels.csv, row 10', reason: 'The row names no file.' },
      {
        path: 'images/2.png',
        reason:
          "The row cannot give the class's name. Expected a name without control characters, received \\x07 in it. Leave it out.",
      },
      ...['images/3.png', 'images/4.png', 'images/5.png', 'images/6.png', 'images/7.png'].map((path) => ({
        path,
        reason: rest,
      })),
    ]);
  });

  it('a file under two classes is skipped, one that is repeated is taken once', async () => {
    put({ 'labels.csv': csv('filename,label', [...pets, ['0.png', 'dog'], ['1.png', 'dog']]) });
    const found = await scan();
    expect(inWords(found)).toEqual(['cat: 3 pool', 'dog: 4 pool']);
    expect(found.skipped).toEqual([
      {
        path: 'images/0.png (labels.csv, row 2; labels.csv, row 10)',
        reason: 'The table names it several times and says different things.',
      },
    ]);
    expect(codes(found)).toEqual(['TABLE_ROWS_TWICE']);
  });

  it('a name that several folders hold is skipped', async () => {
    put({ 'labels.csv': csv('filename,label', pets) }, { ...pictures('a/'), ...pictures('b/') });
    const found = await scan(join(folder, 'labels.csv'));
    expect(found.images).toEqual([]);
    expect(found.skipped[0]!.reason).toMatch(/several files have this name. Write the path/);
  });

  it('a delimiter outside of quotes costs its row, not the ones after it', async () => {
    put({ 'labels.csv': csv('filename,label', [['0.png', 'cat, big'], ...pets.slice(1)]) });
    const found = await scan();
    expect(found.images).toHaveLength(7);
    expect(found.skipped[0]).toEqual({
      path: '0.png',
      reason: 'The row has more cells than the table has columns. Put the cell with the delimiter in quotes.',
    });
  });

  it.each([
    [
      'quotes that never close',
      'filename,label\n0.png,"cat\n1.png,dog\n',
      /one that opens in row 2 never is/,
    ],
    ['no class', 'filename,width,height\n0.png,1,2\n', /Expected a column for the class \(label, .*"width"/],
    [
      'no file',
      'foo,label\nnone,cat\n',
      /Expected a column for the file \(filename, .*columns "foo", "label"/,
    ],
    ['one column', 'filename\n0.png\n', /received the one column "filename"/],
    ['nothing', '', /received an empty table/],
    ['binary data', Buffer.from([80, 75, 0, 0, 255, 0, 1, 0, 7]), /received binary data/],
    ['a thousand columns', `${'a,'.repeat(2000)}\n`, /at most 1000 columns, received 2001/],
  ])('%s is refused', async (_, content, message) => {
    put({ 'labels.csv': content });
    await expect(scan(join(folder, 'labels.csv'))).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringMatching(message) as string,
    });
  });

  it('broken lines of JSON are named, whatever their keys', async () => {
    put({
      'metadata.jsonl':
        '{"file_name":"0.png","label":"cat","__proto__":{"label":"dog"}}\n{oops\n[1]\n{"file_name":"1.png","label":{"a":1}}\n',
    });
    const found = await scan();
    expect(inWords(found)).toEqual(['cat: 1 pool', '(unlabelled): 1 pool']);
    expect(found.skipped.slice(0, 2)).toEqual([
      { path: 'metadata.jsonl, row 2', reason: 'This line is not JSON.' },
      { path: 'metadata.jsonl, row 3', reason: 'This line is JSON, but no object.' },
    ]);
  });

  it('any text is a table or a typed error', async () => {
    put({ 'a b.png': '', 'images/x.png': '' });
    const cell = fc.oneof(
      fc.constantFrom(
        '0.png',
        'images/1.png',
        '1',
        '..',
        '../x',
        '/',
        'a b.png',
        '"',
        '""',
        ',',
        ';',
        '\n',
        '\t',
        'label',
        'filename',
        '',
        '=1+1',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }),
    );
    const text = fc
      .array(fc.array(cell, { maxLength: 6 }), { maxLength: 8 })
      .chain((rows) =>
        fc
          .constantFrom(',', ';', '\t')
          .map((delimiter) => rows.map((cells) => cells.join(delimiter)).join('\n')),
      );
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.constantFrom('labels.csv', 'labels.tsv', 'labels.jsonl'),
        async (content, name) => {
          const path = join(folder, name);
          putFiles(folder, { [name]: content });
          try {
            const { images } = await scan(path);
            for (const image of images) expect(image.path.startsWith(folder)).toBe(true);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(AtelierError);
          } finally {
            rmSync(path);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
