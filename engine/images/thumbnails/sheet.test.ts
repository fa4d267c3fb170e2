/** Sheets hold what the single thumbnails hold, and say what is missing instead of failing for it. */
import { mkdtempSync, rmSync, truncateSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mostInSheet, readSheet, sheetBytes, type Tile } from '#contract/sheet.ts';
import type { ItemFilter } from '#contract/project.ts';
import { resources } from '#contract/resources.ts';
import { encodePng } from '#learning/files/png.ts';
import type { JobServices } from '../../jobs/job-services.ts';
import { openBare } from '../../project/database.ts';
import type { ItemThumbnail } from '../../project/items.ts';
import { databaseName } from '../../project/folder.ts';
import { OpenProject } from '../../project/project.ts';
import { answerResource } from '../../resources.ts';
import { fillWithFashion, fillWithFolder, writePicture } from '../../testing.ts';
import type { Uploads } from '../../uploads.ts';
import { makeSheet, thumbnailOf } from './sheet.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-sheets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ask = (project: OpenProject, path: string, headers: Record<string, string> = {}) =>
  answerResource({ project: () => project } as unknown as JobServices, {} as Uploads, {
    ...{ method: 'GET', path, headers, body: null },
  });
async function tilesOf(project: OpenProject, ids: number[]): Promise<Tile[]> {
  return readSheet((await ask(project, resources.sheet(ids))).body)!;
}
const forms = (tiles: Tile[]) => tiles.map(({ form }) => form);
const upTo = (count: number, first = 1) => Array.from({ length: count }, (_, at) => first + at);

describe('a sheet', () => {
  it('has the images of IDX files and of folders, ids in order, and names those that there are not', async () => {
    const pictures = join(folder, 'pictures');
    for (let seed = 0; seed < 5; seed++)
      await writePicture(join(pictures, 'red', `${seed}.png`), { r: 200, g: 9 * seed, b: 0 }, { seed });
    const path = join(folder, 'both.atelier');
    const project = await OpenProject.create(path, 'p', 'test');
    await fillWithFashion(path);
    await fillWithFolder(path, pictures);
    await project.followImport();

    const ids = [1, 2, 700, 2499, 2500, 2501, 2503, 2505, 2506, 9000];
    const tiles = await tilesOf(project, ids);
    expect(forms(tiles)).toEqual([
      ...['grey', 'grey', 'grey', 'grey', 'grey'],
      ...['encoded', 'encoded', 'encoded', 'none', 'none'],
    ]);
    for (const [at, tile] of tiles.slice(0, 8).entries()) {
      const { bytes } = await thumbnailOf(project, project.placeOf(ids[at]!));
      const own = tile.form === 'grey' ? encodePng(tile.bytes, tile.width, tile.height, 1) : tile.bytes;
      expect(Buffer.from(own).equals(Buffer.from(bytes))).toBe(true);
    }
    expect(forms(await tilesOf(project, upTo(mostInSheet)))).toEqual(Array(mostInSheet).fill('grey'));
    await project.close();
  });

  it('has the images at places of a filtered list, which nobody keeps', async () => {
    const path = join(folder, 'listed.atelier');
    const project = await OpenProject.create(path, 'p', 'test');
    await fillWithFashion(path);
    await project.followImport();
    const [, second] = project.classes();
    const filters: [ItemFilter, number, number][] = [
      ...[[{}, 100, 120] as [ItemFilter, number, number]],
      ...[[{ classIds: [second!.id], text: 'train/' }, 3, 40] as [ItemFilter, number, number]],
      // Beyond the end of the list there is nothing.
      ...[[{}, 2490, 2490 + mostInSheet - 1] as [ItemFilter, number, number]],
      ...[[{ text: '50 % / ü ?#' }, 0, 9] as [ItemFilter, number, number]],
    ];
    for (const [filter, first, last] of filters) {
      const { items } = project.items(filter, first, last - first + 1, null);
      const ids = items.map(({ id }) => id);
      const { body, headers } = await ask(project, resources.sheetOfList(filter, first, last));
      expect(headers['cache-control']).toBe('no-store');
      const tiles = readSheet(body)!;
      expect(tiles.map(({ id }) => id)).toEqual(ids);
      expect(tiles).toEqual(ids.length > 0 ? await tilesOf(project, ids) : []);
    }
    await project.close();
  });

  it('is sent again only where it changed: other ids, other contents, an image that came', async () => {
    const path = join(folder, 'tags.atelier');
    const project = await OpenProject.create(path, 'p', 'test');
    const early = (await ask(project, resources.sheet([1, 2]))).headers;
    await fillWithFashion(path);
    await project.followImport();
    const { status, headers } = await ask(project, resources.sheet([1, 2]));
    expect([status, headers['cache-control']]).toEqual([200, 'private, no-cache']);
    expect(headers['etag']).not.toBe(early['etag']);
    const again = await ask(project, resources.sheet([1, 2]), { 'if-none-match': headers['etag']! });
    expect([again.status, again.body.length, again.headers['etag']]).toEqual([304, 0, headers['etag']]);
    const other = await ask(project, resources.sheet([1, 3]), { 'if-none-match': headers['etag']! });
    expect(other.status).toBe(200);
    await project.close();
  });

  it('shows the rest where a pack was cut short or is gone', async () => {
    const path = join(folder, 'cut.atelier');
    const project = await OpenProject.create(path, 'p', 'test');
    await fillWithFashion(path);
    await project.followImport();
    truncateSync(project.packPath('source-1.u8'), 3 * 784 + 10);
    expect(forms(await tilesOf(project, upTo(5)))).toEqual([
      ...['grey', 'grey', 'grey', 'unreadable', 'unreadable'],
    ]);
    unlinkSync(project.packPath('source-1.u8'));
    expect(forms(await tilesOf(project, upTo(2)))).toEqual(['unreadable', 'unreadable']);
    await project.close();
  });

  it('says of a row that no program wrote that its image cannot be read', async () => {
    const path = join(folder, 'rotten.atelier');
    const project = await OpenProject.create(path, 'p', 'test');
    await fillWithFashion(path);
    await project.close();
    const database = openBare(join(path, databaseName));
    database.exec("UPDATE items SET position = 'x' WHERE id = 1");
    database.exec('UPDATE items SET position = -1 WHERE id = 2');
    database.exec('UPDATE items SET width = 1e300 WHERE id = 3');
    database.exec("UPDATE items SET hash = 'no bytes' WHERE id = 4");
    database.close();
    const again = await OpenProject.open(path, 'test');
    expect(forms(await tilesOf(again, upTo(5)))).toEqual([
      ...['unreadable', 'unreadable', 'unreadable', 'grey', 'grey'],
    ]);
    await again.close();
  });

  it('is never larger than a sheet may be, but for one image alone', async () => {
    const path = join(folder, 'p.atelier');
    const project = await OpenProject.create(path, 'p', 'test');
    await fillWithFashion(path);
    const item = (id: number, height: number): ItemThumbnail => ({
      ...{
        id,
        storage: 'pixels',
        sourceId: 1,
        width: 784,
        height,
        position: 0,
        length: 784 * height,
        hash: '',
      },
    });
    const made = async (items: ItemThumbnail[]) =>
      forms(readSheet(await makeSheet(upTo(items.length), items, (name) => project.packPath(name)))!);
    const many = Array.from({ length: 4 }, (_, at) => item(at + 1, 2000));
    expect(784 * 2000 * 3).toBeGreaterThan(sheetBytes);
    expect(await made(many)).toEqual(['grey', 'grey', 'later', 'later']);
    // What no row should say: sizes that no file has, that no memory holds, or none.
    expect(await made([item(1, 2 ** 31 - 1), item(2, 2501), item(3, 0), item(4, 5)])).toEqual([
      ...['unreadable', 'unreadable', 'unreadable', 'grey'],
    ]);
    await project.close();
  });

  it.each(['0', '1-257', '3,1', '1-2,3', '-', ','])('is refused at the address %s', async (ids) => {
    const services = { project: () => expect.unreachable() } as unknown as JobServices;
    const request = { method: 'GET' as const, path: `/images/sheets/${ids}`, headers: {}, body: null };
    await expect(answerResource(services, {} as Uploads, request)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: `Expected at most ${mostInSheet} ids of items, ascending, such as 1-64 or 3,7-9; received ${ids}. Reload the window.`,
    });
  });

  it.each([
    ['no JSON', '%7B', '0-9'],
    ['no text', '%E0%A4', '0-9'],
    ['no filter', '%5B%5D', '0-9'],
    ['a class that is none', encodeURIComponent('{"classIds":["x"]}'), '0-9'],
    ['cells of a matrix', encodeURIComponent('{"cells":{"runId":"run-1","split":"test"}}'), '0-9'],
    ['an order by loss', encodeURIComponent('{"byLoss":{"runId":"run-1","split":"test"}}'), '0-9'],
    ['a finding', encodeURIComponent('{"finding":"dark"}'), '0-9'],
    ['places backwards', '%7B%7D', '9-0'],
    ['too many places', '%7B%7D', `0-${mostInSheet}`],
  ])('of a list is refused at an address with %s', async (_what, filter, places) => {
    const services = { project: () => expect.unreachable() } as unknown as JobServices;
    const path = `/images/lists/${filter}/${places}`;
    const request = { method: 'GET' as const, path, headers: {}, body: null };
    await expect(answerResource(services, {} as Uploads, request)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: `Expected a filter without cells of a matrix or a finding, not sorted by date, source, probability or loss, as JSON, and at most ${mostInSheet} places such as 0-63; received ${filter}, ${places}. Reload the window.`,
    });
  });
});
