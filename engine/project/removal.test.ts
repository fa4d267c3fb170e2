/** Images and sources that are removed: out of every list, count and part, back by undo, the same on disk and in memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadPack } from '../images/packs/pack.ts';
import { fillWithFolder, writePicture } from '../testing.ts';
import { OpenProject } from './project.ts';
import { takeSnapshot } from './snapshot.ts';
import { redraw } from './testing-redraw.ts';

let folder: string;
let path: string;
let project: OpenProject;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-removal-'));
  path = join(folder, 'p.atelier');
  project = await OpenProject.create(path, undefined, 'test');
  for (const set of ['one', 'two'])
    for (const colour of ['red', 'blue'])
      for (let seed = 0; seed < 5; seed++)
        await writePicture(
          join(folder, set, colour, `${seed}.png`),
          { r: colour === 'red' ? 200 : 0, g: set === 'one' ? 0 : 90, b: colour === 'blue' ? 200 : 0 },
          { seed },
        );
  await fillWithFolder(path, join(folder, 'one'));
  await fillWithFolder(path, join(folder, 'two'));
  await project.followImport();
});
afterEach(async () => {
  await project.close();
  rmSync(folder, { recursive: true, force: true });
});

const list = () => project.items({}, 0, 100, null).items;
const state = () => ({ ...project.summary(), items: list() });

it('leaves removed images out everywhere, and brings them back by undo', async () => {
  const before = state();
  expect(await project.removeItems([1, 2, 2, 13])).toEqual([1, 2, 13]);
  expect(await project.removeItems([1])).toEqual([]);
  const { counts, classes, sources, undo } = project.summary();
  expect([counts.total, counts.train + counts.validation + counts.test]).toEqual([17, 17]);
  expect(classes.map(({ counts: { total } }) => total).reduce((sum, one) => sum + one)).toBe(17);
  expect(sources.map(({ items }) => items)).toEqual([8, 9]);
  expect(undo).toBe('Remove 3 images');
  expect(list().map(({ id }) => id)).not.toContain(1);
  await expect(project.relabel([1], 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });

  const snapshot = takeSnapshot(
    project.columns,
    project.classes().map(({ id }) => id),
  );
  const rows = [...snapshot.train, ...snapshot.validation];
  expect(rows).toHaveLength(counts.train + counts.validation);
  for (const row of [0, 1, 12]) expect(rows).not.toContain(row);

  await project.step('undo');
  expect(state()).toEqual({ ...before, redo: 'Remove 3 images' });
  await project.step('redo');
  expect(project.summary().counts.total).toBe(17);
});

it('keeps the rows of packs: what was removed may be gone from the disk, unless it is asked for', async () => {
  const framing = { height: 8, width: 8, channels: 3, fit: 'stretch' } as const;
  const whole = await loadPack(path, framing, 20);
  await project.removeItems([3]);
  // The one that was made before holds all that is wanted.
  expect((await loadPack(path, framing, 20)).path).toBe(whole.path);
  const { name } = project.placeOf(3);
  rmSync(join(folder, 'one', name));
  const other = { ...framing, height: 4 };
  const without = await loadPack(path, other, 20);
  expect(without.shape).toEqual([20, 4, 8, 3]);
  await expect(loadPack(path, other, 20, { rows: [2] })).rejects.toMatchObject({
    code: 'ORIGINAL_MISSING',
    message: expect.stringContaining('Start a new run') as string,
  });
});

it('removes a source, and takes it back unless its images were imported again', async () => {
  await expect(project.removeSource(7)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await project.removeSource(1);
  const { sources, counts } = project.summary();
  expect([sources.map(({ id }) => id), counts.total]).toEqual([[2], 10]);
  await expect(project.removeSource(1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await project.step('undo');
  await project.step('redo');
  await fillWithFolder(path, join(folder, 'one'));
  await project.followImport();
  expect(project.summary().counts.total).toBe(20);
  await expect(project.step('undo')).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(project.summary().counts.total).toBe(20);
});

it('is the same in memory as on the disk after any changes', async () => {
  const change = fc.oneof(
    fc.record({
      kind: fc.constant('remove' as const),
      ids: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
    }),
    fc.record({ kind: fc.constant('source' as const), id: fc.integer({ min: 1, max: 2 }) }),
    fc.record({ kind: fc.constant('label' as const), id: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ kind: fc.constantFrom('undo' as const, 'redo' as const) }),
    fc.record({ kind: fc.constant('draw' as const), seed: fc.integer({ min: 0, max: 99 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
      for (const one of changes) {
        const done =
          one.kind === 'remove'
            ? project.removeItems(one.ids)
            : one.kind === 'source'
              ? project.removeSource(one.id)
              : one.kind === 'label'
                ? project.relabel([one.id], 2)
                : one.kind === 'draw'
                  ? redraw(project, 0.3, one.seed)
                  : project.step(one.kind);
        await done.catch((thrown: { code?: string }) =>
          expect(['NOT_FOUND', 'CONFLICT']).toContain(thrown.code),
        );
      }
      const before = state();
      const { counts, sources } = before;
      expect(counts.total).toBe(sources.reduce((sum, { items }) => sum + items, 0));
      await project.close();
      project = await OpenProject.open(path, 'test');
      expect(state()).toEqual(before);
    }),
    { numRuns: 15 },
  );
});

it('says nothing of what was removed, and says it again after undo', async () => {
  await project.change((database) =>
    database.exec(`INSERT INTO set_aside (source_id, path, reason) VALUES (1, 'notes.txt', 'Not an image.');
      INSERT INTO notices (item_id, text) VALUES (1, 'The first of several frames.'), (11, 'One colour.')`),
  );
  const before = project.skippedAndNotices();
  expect(before.skipped).toEqual([{ reason: 'Not an image.', count: 1, examples: ['notes.txt'] }]);
  expect(before.notices).toHaveLength(2);
  await project.removeSource(1);
  expect(project.skippedAndNotices()).toEqual({
    skipped: [],
    notices: before.notices.filter(({ reason }) => reason === 'One colour.'),
  });
  await project.step('undo');
  expect(project.skippedAndNotices()).toEqual(before);
});
