/** How a table of files and classes is read, in all the forms that it comes in. What it says wrongly is table-faults.test.ts. */
import { describe, expect, it } from 'vitest';
import { inWords } from '../testing.ts';
import { codes, csv, csvOf, even, pets, pictures, testTables } from './testing-table.ts';

const { pathOf, put, scan } = testTables();

describe('a table is read', () => {
  it.each<[string, string, string | Uint8Array, string[]?, string[]?]>([
    ['as CSV', 'labels.csv', csv('filename,label', pets)],
    [
      'with empty cells at the end of its rows',
      'labels.csv',
      csvOf('filename,label', (file, pet) => [file, pet, '', ' ']),
    ],
    [
      'with absolute paths of another machine, and says so',
      'labels.csv',
      csvOf('id,image,choice', (file, pet, at) => [String((at + 1) % 8), `/data/upload/3/${file}`, pet]),
      even,
      ['TABLE_COLUMNS_UNUSED', 'TABLE_ABSOLUTE'],
    ],
    [
      'with paths of a Windows machine, and says so',
      'labels.csv',
      csvOf('filename,label', (file, pet) => [`C:\\Users\\me\\set\\${file}`, pet]),
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
      csvOf('filename,label', (file, pet, at) => [file, at > 5 ? ' ' : pet]),
      ['cat: 3 pool', 'dog: 3 pool', '(unlabelled): 2 pool'],
      ['TABLE_CLASS_EMPTY'],
    ],
    ['with tabs', 'labels.tsv', csv('filename\tlabel', pets, '\t')],
    ['with Excel’s line for the delimiter', 'labels.csv', 'sep=;\n' + csv('filename;label', pets, ';')],
    [
      'with quotes around the delimiter',
      'labels.csv',
      csvOf('filename,label', (file, pet) => [`"${file}"`, `"${pet}, ""big"""`]),
      ['cat, "big": 4 pool', 'dog, "big": 4 pool'],
    ],
    [
      'with cells that look like formulas, as text',
      'labels.csv',
      csvOf('filename,label', (file) => [file, '=cmd()']),
      ['=cmd(): 8 pool'],
      ['ONE_CLASS'],
    ],
    ['as UTF-16', 'labels.csv', Buffer.from('\ufeff' + csv('filename,label', pets), 'utf16le')],
    [
      'as Latin-1, and says so',
      'labels.csv',
      Buffer.from(
        csvOf('filename,label', (file) => [file, 'Bär']),
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
      csvOf('Id,breed', (file, pet) => [file.replace('.png', ''), pet]),
      even,
      ['TABLE_EXTENSIONS'],
    ],
    [
      'with other columns, which it names',
      'labels.csv',
      csvOf('width,Image Name,Class,note', (file, pet) => ['14', file, pet, 'x']),
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
      csvOf('path,label', (file, pet) => [`.\\images\\${file}`, pet]),
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
    expect(found).toMatchObject({ layout: 'table', root: pathOf(), skipped: [] });
  });

  it('chosen by itself, with names relative to its folder', async () => {
    put({ 'labels.csv': csv('filename,label', pets) });
    const found = await scan(pathOf('labels.csv'));
    expect(inWords(found)).toEqual(even);
    expect(found.images[0]).toEqual({
      path: pathOf('images', '0.png'),
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
      'labels.csv': csvOf('filename,label,split,patient_id', (file, pet, at) => [
        file,
        pet,
        splits[at]!,
        `p${at >> 1}`,
      ]),
    });
    const found = await scan();
    expect(inWords(found)).toEqual([
      'cat: 2 pool, 1 validation, 1 test',
      'dog: 2 pool, 1 validation, 1 test',
    ]);
    expect(found.images.map(({ group }) => group)).toEqual(['p0', 'p0', 'p1', 'p1', 'p2', 'p2', 'p3', 'p3']);
    expect(inWords(await scan(undefined, { part: 'test' }))).toEqual(['cat: 4 test', 'dog: 4 test']);
  });

  it('with a group in several parts: they stay where the table puts them, and it is said', async () => {
    put({
      'labels.csv': csvOf('filename,label,split,patient', (file, pet, at) => [
        file,
        pet,
        at === 0 ? 'test' : 'train',
        at < 3 ? 'p0' : `p${at}`,
      ]),
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
      'labels.csv': csvOf('filename,label,fold', (file, pet, at) => [file, pet, at < 2 ? 'extra' : 'train']),
    });
    expect((await scan()).skipped).toEqual(
      ['0.png', '1.png'].map((path) => ({
        path,
        reason: 'The table puts it into the part "extra", which is not known. Say which part that is.',
      })),
    );
    expect(inWords(await scan(undefined, { parts: { extra: 'validation' } }))).toEqual([
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
  const taken = await scan(undefined, { withoutClass: 'unlabelled', part: 'test' });
  expect([inWords(taken), taken.skipped]).toEqual([
    ['cat: 3 test', 'dog: 3 test', '(unlabelled): 2 test'],
    [],
  ]);
});
