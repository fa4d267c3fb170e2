/** `atelier images` as a process: queries, saved views and sample sheets. */
import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writePicture } from '#engine/testing.ts';
import { type Line, TestCommandLine } from './testing.ts';

const commandLine = new TestCommandLine('images');
const { folder } = commandLine;
const project = join(folder, 'P.atelier');
const atelier = (...args: string[]) => commandLine.run('images', project, ...args, '--json');
beforeAll(async () => {
  await commandLine.build();
  for (const [name, level] of [
    ['black', 10],
    ['grey', 120],
    ['white', 240],
  ] as const)
    // prettier-ignore
    for (const at of [0, 1])
      await writePicture(
        join(folder, 'flat', name, `${name}${at}.png`),
        { r: level + at, g: level + at, b: level + at },
        { seed: at },
      );
  await commandLine.run('new', project, '--from', join(folder, 'flat'));
});
afterAll(() => commandLine.close());

const namesOf = ({ lines }: { lines: Line[] }) =>
  lines.filter(({ event }) => event === 'image').map(({ name }) => String(name).split('/')[1]);

describe('images', () => {
  it('are listed by a query and sorted; facts that it takes are computed first', async () => {
    const all = await atelier('sort:-brightness', '--limit', '3');
    expect(namesOf(all)).toEqual(['white1.png', 'white0.png', 'grey1.png']);
    expect(all.last).toEqual({ event: 'images', total: 6, listed: 3, query: 'sort:-brightness' });
    expect(namesOf(await atelier('class:grey', 'brightness>60'))).toEqual(['grey0.png', 'grey1.png']);
    expect((await atelier('nowhere')).last).toMatchObject({ total: 0 });
  });

  it('are not listed by a condition that there is none of: it says which there are', async () => {
    const { code, last } = await atelier('class:Nope');
    expect(code).toBe(2);
    expect(last).toMatchObject({ code: 'USAGE', message: 'No class “Nope”. Classes: black, grey, white.' });
    expect((await atelier('width>abc')).last).toMatchObject({ code: 'USAGE' });
    expect((await atelier('"class:Nope"')).last).toMatchObject({ total: 0, query: '"class:Nope"' });
  });

  it('are sorted by part, source and date of their files; by loss once a run was evaluated', async () => {
    utimesSync(join(folder, 'flat', 'grey', 'grey1.png'), 10, 10);
    utimesSync(join(folder, 'flat', 'white', 'white0.png'), 20, 20);
    expect(namesOf(await atelier('sort:date')).slice(0, 2)).toEqual(['grey1.png', 'white0.png']);
    expect(namesOf(await atelier('sort:-date')).slice(4)).toEqual(['white0.png', 'grey1.png']);
    const partsOf = ({ lines }: { lines: Line[] }) =>
      lines.filter(({ event }) => event === 'image').map(({ split }) => String(split));
    expect(partsOf(await atelier('sort:part'))[0]).toBe('train');
    expect(partsOf(await atelier('sort:-part')).at(-1)).toBe('train');
    expect((await atelier('sort:-source')).last).toMatchObject({ total: 6, query: 'sort:-source' });
    const none = await atelier('sort:-loss');
    expect([none.code, none.last]).toEqual([
      1,
      expect.objectContaining({
        code: 'NOT_FOUND',
        message: expect.stringContaining('no run was evaluated yet') as string,
      }),
    ]);
    const sheet = await atelier('sort:-loss', '--sheet', join(folder, 'loss.png'));
    expect([sheet.code, sheet.last]).toMatchObject([2, { code: 'USAGE' }]);
  });

  it('of a saved view are those that it asks for; the query comes on top', async () => {
    await atelier('class:white', '--save', 'bright ones');
    expect((await atelier('--views')).last).toMatchObject({ views: [{ name: 'bright ones' }] });
    expect(namesOf(await atelier('--view', 'bright ones', 'sort:-name'))).toEqual([
      'white1.png',
      'white0.png',
    ]);
    const wrong = await atelier('--view', 'bright one');
    expect(wrong.code).toBe(1);
    expect(JSON.stringify(wrong.last)).toContain('Did you mean bright ones?');
    expect((await atelier('--delete-view', 'bright ones')).last).toMatchObject({ views: [] });
  });

  it('make a sample sheet, which replaces no file unasked', async () => {
    const file = join(folder, 'sheet.png');
    expect((await atelier('--sheet', file)).last).toMatchObject({
      event: 'sample-sheet.written',
      path: file,
    });
    expect(readFileSync(file).subarray(1, 4).toString()).toBe('PNG');
    expect((await atelier('--sheet', file)).last).toMatchObject({ code: 'CONFLICT' });
    expect((await atelier('--sheet', join(folder, 'sheet.jpg'))).code).toBe(2);
  });
});
