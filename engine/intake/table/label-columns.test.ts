/** Columns of a table of labels: known by their usual names, and rows that cannot be taken are named. */
import { describe, expect, it } from 'vitest';
import { labelEdits } from './label-columns.ts';
import { parseTable } from './text.ts';

describe('columns of a table of labels', () => {
  const read = (text: string) => labelEdits(parseTable(Buffer.from(text), 't.csv'), 't.csv');
  it('are known by their usual names; what is absent is left alone, what is empty is taken away', () => {
    expect(read('File_Name;Class;Set;other\na.png;cat;val;1\nb.png;;;2\n')).toEqual({
      edits: [
        { row: 2, path: 'a.png', label: 'cat', split: 'validation' },
        { row: 3, path: 'b.png', label: null },
      ],
      faults: [],
      unused: ['other'],
    });
  });
  it('mark as hard by the words of people and of spreadsheets; a table without that column says nothing of it', () => {
    const { edits, faults } = read('path,hard\na.png,hard\nb.png,TRUE\nc.png,\nd.png,0\ne.png,perhaps\n');
    expect(edits.map(({ path, hard }) => [path, hard])).toEqual([
      ['a.png', true],
      ['b.png', true],
      ['c.png', false],
      ['d.png', false],
    ]);
    expect(faults.map(({ row }) => row)).toEqual([6]);
    expect(read('path,label\na.png,cat\n').edits[0]).not.toHaveProperty('hard');
  });
  it('that name no image, or say nothing of it, are refused', () => {
    for (const text of ['label\ncat\n', 'path,size\na.png,3\n'])
      expect(() => read(text)).toThrow(/Expected a column for the image \(path or hash\)/);
  });
  it('with cells that cannot be taken are named by row', () => {
    expect(
      read('path,label,hash\na.png,"a\u0007b",\nb.png,cat,zz\n').faults.map(({ row, reason }) => [
        row,
        reason.slice(0, 26),
      ]),
    ).toEqual([
      [2, 'Its label cannot be taken:'],
      [3, 'Its hash cannot be taken: '],
    ]);
  });
});
