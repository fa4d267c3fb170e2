/** `atelier classes` and `atelier labels` as processes: classes changed, labels out as CSV and in again, and taken back. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writePicture } from '#engine/testing.ts';
import { TestCommandLine } from './testing.ts';

const commandLine = new TestCommandLine('labels');
const { folder } = commandLine;
const project = join(folder, 'P.atelier');
const atelier = (...args: string[]) => commandLine.run(...args, '--json');
beforeAll(async () => {
  await commandLine.build();
  for (let at = 0; at < 8; at++)
    await writePicture(
      join(folder, 'flat', `${at === 0 ? '-' : ''}${at}.png`),
      { r: 30 * at, g: 90, b: 20 },
      { seed: at },
    );
  await atelier('new', project, '--from', join(folder, 'flat'));
});
afterAll(() => commandLine.close());

const classNames = ({ classes }: Record<string, unknown>) =>
  (classes as { name: string; counts: { total: number } }[]).map(({ name, counts }) => [name, counts.total]);

describe('labels and classes', () => {
  it('go in as a table, as one step that can be taken back; rows that cannot be taken are named', async () => {
    const file = join(folder, 'in.csv');
    writeFileSync(
      file,
      'path,label,split,excluded,hard,note,look\n-0.png,ant,,,,,x\n1.png,ant,test,,,,\n2.png,ant,,blurred,,"two\nlines",\n3.png,bee,,,hard,,\nnowhere.png,bee,,,,,\n4.png,bee,later,,,,\n5.png,bee,,,perhaps,,\n',
    );
    const planned = await atelier('labels', project, '--in', file, '--dry-run');
    expect((await atelier('labels', project)).last).toMatchObject({ labelled: 0, unlabelled: 8 });
    const taken = await atelier('labels', project, '--in', file);
    expect({ ...taken.last, event: '' }).toEqual({ ...planned.last, event: '' });
    expect(taken).toMatchObject({
      code: 1,
      last: {
        ...{
          event: 'labels.taken',
          rows: 7,
          labelled: 4,
          excluded: 1,
          hard: 1,
          noted: 1,
          newClasses: ['ant', 'bee'],
        },
        faults: [
          { row: 6, path: 'nowhere.png', reason: 'No image of the project has this path.' },
          {
            row: 7,
            path: '4.png',
            reason: expect.stringMatching(/^Expected train, validation or test/) as string,
          },
          {
            ...{ row: 8, path: '5.png' },
            reason: 'Expected hard, or nothing, for the mark as hard, received "perhaps".',
          },
        ],
      },
    });
    expect((await atelier('labels', project, '--undo')).last).toMatchObject({
      counts: { unlabelled: 8, excluded: 0 },
    });
    expect((await atelier('labels', project, '--redo')).last).toMatchObject({
      counts: { unlabelled: 4, excluded: 1 },
    });
  });

  it('come out as a table that comes in again and changes nothing', async () => {
    const file = join(folder, 'out.csv');
    expect(await atelier('labels', project, '--out', file)).toMatchObject({ code: 0, last: { rows: 8 } });
    expect((await atelier('labels', project, '--out', file)).last).toMatchObject({
      event: 'error',
      code: 'CONFLICT',
    });
    expect(readFileSync(file, 'utf8').split('\r\n').slice(0, 2)).toEqual([
      'path,label,split,excluded,hard,note,hash',
      expect.stringMatching(/^'-0\.png,ant,(train|validation),,,,[0-9a-f]{32}$/) as string,
    ]);
    const again = await atelier('labels', project, '--in', file);
    expect(again).toMatchObject({ code: 0, last: { rows: 8, unchanged: 8, faults: [] } });
  });

  it('are renamed, split, merged, recoloured and deleted', async () => {
    await atelier('classes', project, 'rename', 'ant', 'hill');
    expect(classNames((await atelier('classes', project, 'split', 'queen', '1.png')).last)).toEqual([
      ['hill', 2],
      ['bee', 1],
      ['queen', 1],
    ]);
    expect(classNames((await atelier('classes', project, 'merge', 'queen', 'bee')).last)).toEqual([
      ['hill', 2],
      ['bee', 2],
    ]);
    const { last } = await atelier('classes', project, 'recolour', 'bee', '#AABB00');
    expect(last['classes']).toMatchObject([{}, { name: 'bee', colour: '#aabb00' }]);
    expect((await atelier('classes', project, 'delete', 'hill')).last).toMatchObject({
      counts: { unlabelled: 6, excluded: 1 },
    });
    expect((await atelier('classes', project, 'delete', 'bea')).last).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/Did you mean "bee"/) as string,
    });
    expect((await atelier('classes', project, 'remove', 'bee')).last).toMatchObject({ code: 'USAGE' });
    expect((await atelier('classes', project, 'recolour', 'bee', 'red')).code).not.toBe(0);
  });
});
