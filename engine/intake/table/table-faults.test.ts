/** Tables that lead elsewhere, contradict themselves or are none: what they say is not believed, and it is said why. */
import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { inWords } from '../testing.ts';
import { codes, csv, pets, pictures, testTables } from './testing-table.ts';

const { pathOf, put, scan } = testTables();

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
    const found = await scan(pathOf('labels.csv'));
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
    await expect(scan(pathOf('labels.csv'))).rejects.toMatchObject({
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
          const path = pathOf(name);
          put({ [name]: content }, {});
          try {
            const { images } = await scan(path);
            for (const image of images) expect(image.path.startsWith(pathOf())).toBe(true);
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
