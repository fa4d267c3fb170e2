import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { presets } from '#recipe/presets.ts';
import { bundle, fillWithFashion } from '../testing.ts';
import { Columns } from './columns.ts';
import { openBare } from './database.ts';
import { OpenProject } from './project.ts';
import { redraw } from './testing-redraw.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-project-'));
  path = join(folder, 'Shoes.atelier');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function filled(): Promise<OpenProject> {
  const project = await OpenProject.create(path, undefined, 'test');
  await fillWithFashion(path);
  await project.followImport();
  return project;
}

describe('opening', () => {
  it('keeps what was created, under the name of its folder', async () => {
    const project = await OpenProject.create(join(folder, 'Shoes'), undefined, 'test');
    const { id } = project.summary();
    await project.close();
    const again = await OpenProject.open(path, 'test');
    expect(again.summary()).toMatchObject({ id, name: 'Shoes', path });
    await again.close();
  });

  it('refuses a place that is taken, and one that holds no project', async () => {
    await (await OpenProject.create(path, undefined, 'test')).close();
    await expect(OpenProject.create(path, undefined, 'test')).rejects.toMatchObject({
      code: 'PROJECT_EXISTS',
    });
    await expect(OpenProject.open(join(folder, 'none'), 'test')).rejects.toMatchObject({
      code: 'PROJECT_NOT_FOUND',
    });
  });

  it('names the holder to a second one, and lets it in afterwards', async () => {
    const first = await OpenProject.create(path, undefined, 'the first');
    await expect(OpenProject.open(path, 'the second')).rejects.toMatchObject({
      code: 'PROJECT_LOCKED',
      message: expect.stringContaining(`the first (process ${process.pid}`) as string,
    });
    await first.close();
    await (await OpenProject.open(path, 'the second')).close();
  });

  it('refuses a project of a later version without touching it', async () => {
    await (await OpenProject.create(path, undefined, 'test')).close();
    const database = openBare(join(path, 'project.sqlite'));
    database.exec('PRAGMA user_version = 999');
    database.close();
    await expect(OpenProject.open(path, 'test')).rejects.toMatchObject({
      code: 'PROJECT_TOO_NEW',
      details: { version: 999 },
    });
  });

  it('says that a damaged database is damaged, and lets go of the lock', async () => {
    await (await OpenProject.create(path, undefined, 'test')).close();
    for (const end of ['-wal', '-shm']) rmSync(join(path, `project.sqlite${end}`), { force: true });
    writeFileSync(join(path, 'project.sqlite'), 'not a database at all, but long enough to be taken for one');
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(OpenProject.open(path, 'test')).rejects.toMatchObject({ code: 'PROJECT_DAMAGED' });
    }
  });

  it('takes a database without a project for damaged', async () => {
    await (await OpenProject.create(path, undefined, 'test')).close();
    const database = openBare(join(path, 'project.sqlite'));
    database.exec('DELETE FROM meta');
    database.close();
    await expect(OpenProject.open(path, 'test')).rejects.toMatchObject({ code: 'PROJECT_DAMAGED' });
  });

  it('leaves nothing of a project that could not be made, and no lock', async () => {
    const failing = {
      trim() {
        throw new Error('disk I/O error');
      },
    };
    await expect(OpenProject.create(path, failing as never, 'test')).rejects.toThrow('disk I/O error');
    expect(existsSync(path)).toBe(false);
    await (await OpenProject.create(path, undefined, 'test')).close();
  });

  it('is locked even where the note about it cannot be written', async () => {
    await (await OpenProject.create(path, undefined, 'test')).close();
    mkdirSync(join(path, 'lock.json'));
    const first = await OpenProject.open(path, 'test');
    await expect(OpenProject.open(path, 'test')).rejects.toMatchObject({ code: 'PROJECT_LOCKED' });
    await first.close();
    await (await OpenProject.open(path, 'test')).close();
  });

  it('removes the packs that a dead process left half-written', async () => {
    await (await OpenProject.create(path, undefined, 'test')).close();
    writeFileSync(join(path, 'packs', 'tensor-x.u8.77.part'), 'half');
    await (await OpenProject.open(path, 'test')).close();
    expect(existsSync(join(path, 'packs', 'tensor-x.u8.77.part'))).toBe(false);
  });

  it('keeps the tensor packs that were used last, and all of its sources', async () => {
    await (await OpenProject.create(path, undefined, 'test')).close();
    const names = [1, 2, 3, 4, 5, 6].map((day) => `tensor-${day}.u8`);
    for (const name of ['source-1.idx', ...names]) {
      const file = join(path, 'packs', name);
      writeFileSync(file, 'x');
      const [, day = 0] = /tensor-(\d)/.exec(name) ?? [];
      utimesSync(file, Number(day), Number(day));
    }
    await (await OpenProject.open(path, 'test')).close();
    expect(readdirSync(join(path, 'packs')).sort()).toEqual(['source-1.idx', ...names.slice(2)]);
  });

  it('keeps what a run is besides its recipe, and runs of a study apart', async () => {
    const project = await filled();
    const { runs } = project;
    const own = await runs.create(presets.quick.recipe, 'Own', project.classes(), 1);
    const origin = { runId: own.id, how: 'fine-tune' as const };
    await project.change((database) =>
      database
        .prepare(
          "INSERT INTO studies (id, name, state, created_at, recipe, plan) VALUES ('s', 's', 'running', '', '', '')",
        )
        .run(),
    );
    const trial = { number: 1, values: { 'training.epochs': 3 }, fold: 2, seed: 7, threads: 1, target: null };
    const second = await runs.create(presets.quick.recipe, 'b', project.classes(), 1, {
      studyId: 's',
      trial: { ...trial, number: 2 },
    });
    const first = await runs.create(presets.quick.recipe, 'a', project.classes(), 1, {
      origin,
      studyId: 's',
      trial,
    });
    await runs.update(own.id, { note: 'Ü\n**worth** a look' });
    await runs.update(second.id, { trial: { ...trial, number: 2, target: 3 } });
    expect((await runs.list()).map(({ id }) => id)).toEqual([own.id]);
    expect((await runs.list('s')).map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(project.studies.trials('s').map(({ runId, number, target }) => [runId, number, target])).toEqual([
      [first.id, 1, null],
      [second.id, 2, 3],
    ]);
    expect(runs.get(first.id)).toMatchObject({ origin, studyId: 's' });
    await project.close();
    const again = await OpenProject.open(path, 'test');
    expect(again.runs.get(own.id)).toMatchObject({ note: 'Ü\n**worth** a look', origin: null });
    await again.close();
  });

  it('removes what a process that died left of a deleted run, and nothing else', async () => {
    const project = await OpenProject.create(path, undefined, 'test');
    const { runs } = project;
    const [kept, deleted] = [1, 2].map(() => runs.create(presets.quick.recipe, '', [], 1));
    const [keptId, deletedId] = [(await kept!).id, (await deleted!).id];
    const stranger = runs.folderOf('run-99');
    mkdirSync(stranger);
    const died = vi.spyOn(runs, 'removeFolders').mockRejectedValue(new Error('killed'));
    await expect(runs.delete(deletedId)).rejects.toThrow('killed');
    died.mockRestore();
    expect(existsSync(runs.folderOf(deletedId))).toBe(true);
    await project.close();
    const again = await OpenProject.open(path, 'test');
    expect([keptId, deletedId].map((id) => existsSync(again.runs.folderOf(id)))).toEqual([true, false]);
    expect(existsSync(stranger)).toBe(true);
    await again.close();
  });

  it('marks runs that were under way as failed, so that they can be resumed', async () => {
    const project = await filled();
    const run = await project.runs.create(presets.quick.recipe, '', project.classes(), 1);
    await project.runs.update(run.id, { state: 'running' });
    await project.close();
    const again = await OpenProject.open(path, 'test');
    expect(again.runs.get(run.id)).toMatchObject({ state: 'failed', error: { code: 'WORKER_DIED' } });
    await again.close();
  });
});

describe('labels', () => {
  it('are undone and redone in order, on disk as in memory', async () => {
    const project = await filled();
    const [first, second] = project.classes();
    const before = [project.item(3).classId, project.item(4).classId];
    expect((await project.relabel([3, 4, 4], second!.id)).itemIds).toEqual(
      [3, 4].filter((_, index) => before[index] !== second!.id),
    );
    await project.relabel([4], first!.id);
    await project.renameClass(first!.id, 'Top ❤');
    const added = await project.addClass('Hat');
    const counts = project.summary().counts;

    for (let steps = 0; steps < 4; steps++) await project.step('undo');
    expect([project.item(3).classId, project.item(4).classId]).toEqual(before);
    expect(project.summary()).toMatchObject({ undo: null, counts: { relabelled: 0 } });
    expect(project.classes().map(({ name }) => name)).not.toContain('Hat');
    await expect(project.step('undo')).rejects.toMatchObject({ code: 'CONFLICT' });

    for (let steps = 0; steps < 4; steps++) await project.step('redo');
    expect(project.summary()).toMatchObject({ redo: null, counts });
    expect(project.item(4).classId).toBe(first!.id);
    expect(project.classes()).toContainEqual(expect.objectContaining({ id: added.id, name: 'Hat' }));
    await project.close();

    const again = await OpenProject.open(path, 'test');
    expect(again.summary().counts).toEqual(counts);
    expect(again.item(4).classId).toBe(first!.id);
    await again.close();
  });

  it('forget what was undone once something else is done', async () => {
    const project = await filled();
    await project.addClass('Hat');
    await project.step('undo');
    await project.addClass('Cap');
    expect(project.summary()).toMatchObject({ undo: 'Add class “Cap”', redo: null });
    await project.close();
  });

  it('that cannot be taken back any more do not bar the way to those before', async () => {
    const project = await filled();
    const [first] = project.classes();
    await project.renameClass(first!.id, 'Top');
    await project.addClass('Hat');
    // As an import does, which is not a step that can be undone.
    await project.change((database) =>
      database.exec(
        "UPDATE items SET imported_class_id = (SELECT id FROM classes WHERE name = 'Hat') WHERE id = 1",
      ),
    );
    await expect(project.step('undo')).rejects.toMatchObject({ code: 'CONFLICT' });
    await project.step('undo');
    const names = project.classes().map(({ name }) => name);
    expect([names[0], names.includes('Hat')]).toEqual([first!.name, true]);

    await project.change((database) => database.exec("INSERT INTO classes (name) VALUES ('Top')"));
    await expect(project.step('redo')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(project.summary()).toMatchObject({ undo: null, redo: null });
    await project.close();
  });

  it('refuse unknown items and classes and names that are taken, changing nothing', async () => {
    const project = await filled();
    const [first] = project.classes();
    await expect(project.relabel([1, 999_999], first!.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(project.relabel([1], 99)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(project.addClass(first!.name)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(project.summary()).toMatchObject({ undo: null, counts: { relabelled: 0 } });
    await project.close();
  });

  it('that were acknowledged survive kill -9, and so does nobody’s lock', async () => {
    await (await filled()).close();
    const script = await bundle('engine/project/testing-process.ts');
    const acknowledged = new Map<number, number>();
    for (let trial = 0; trial < 4; trial++) {
      const child = spawn(process.execPath, [script, path, String(trial)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
      await once(child.stdout, 'data');
      await expect(OpenProject.open(path, 'test')).rejects.toMatchObject({ code: 'PROJECT_LOCKED' });
      while (text.split('\n').length <= 1 + trial * 7) await once(child.stdout, 'data');
      child.kill('SIGKILL');
      await once(child, 'close');
      const lines = text.split('\n').slice(0, -1);
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        const [itemId, classId] = line.split(' ').map(Number) as [number, number];
        acknowledged.set(itemId, classId);
      }
      const project = await OpenProject.open(path, 'test');
      // The label under way when the process died may be there or not.
      const underWay = 1 + ((lines.length * 37) % project.columns.length);
      acknowledged.delete(underWay);
      const lost = [...acknowledged].filter(([itemId, classId]) => project.item(itemId).classId !== classId);
      expect(lost).toEqual([]);
      await project.close();
    }
  });
});

describe('the split', () => {
  it('is redrawn without touching test data, and undone', async () => {
    const project = await filled();
    const before = project.columns.splits.slice();
    await redraw(project, 0.5, 9);
    expect(project.summary()).toMatchObject({
      validationShare: 0.5,
      splitSeed: 9,
      counts: { test: 500, validation: 1000 },
    });
    await project.step('undo');
    expect(project.columns.splits).toEqual(before);
    expect(project.summary()).toMatchObject({ validationShare: 0.2, splitSeed: 1 });
    await project.close();
  });

  it('draws the test part too where its share is given, except what the source fixed, and is undone', async () => {
    const project = await filled();
    const before = project.columns.splits.slice();
    await redraw(project, 0.2, 3, { testShare: 0.4 });
    // A fifth of each class is the source's own test part; 100 a class are drawn to make two fifths of 250.
    expect(project.summary()).toMatchObject({
      testShare: 0.4,
      counts: { train: 1200, validation: 300, test: 1000, fixed: 500 },
    });
    expect([...project.columns.splits].filter((split, at) => before[at] === 2 && split !== 2)).toEqual([]);

    await redraw(project, 0.2, 3, { testShare: 0.1, fixed: true });
    expect(project.summary().counts).toMatchObject({ train: 1800, validation: 450, test: 250 });
    await redraw(project, 0.2, 3, { testShare: 0, fixed: true });
    expect(project.summary().counts).toMatchObject({ train: 2000, validation: 500, test: 0 });
    for (const share of [0.1, 0.4, 0.15]) {
      await project.step('undo');
      expect(project.summary().testShare).toBe(share);
    }
    expect(project.columns.splits).toEqual(before);
    await project.close();
  });

  it('keeps images of one group in one part', async () => {
    const project = await filled();
    // Groups of ten neighbours, which are of several classes.
    await project.change((database) => {
      const columns = database.prepare('PRAGMA table_info(items)').all() as { name: string }[];
      if (columns.every(({ name }) => name !== 'group_name'))
        database.exec('ALTER TABLE items ADD COLUMN group_name TEXT');
      database.exec("UPDATE items SET group_name = 'g' || (id / 10) WHERE split <> 2");
    });
    await redraw(project, 0.3, 4);
    const { ids, splits } = project.columns;
    const parts = new Map<number, Set<number>>();
    ids.forEach((id, at) => {
      if (splits[at] === 2) return;
      const group = Math.floor(id / 10);
      parts.set(group, (parts.get(group) ?? new Set()).add(splits[at]!));
    });
    expect(parts.size).toBeGreaterThan(100);
    expect([...parts.values()].filter((part) => part.size > 1)).toEqual([]);
    expect(project.summary().counts.validation).toBeGreaterThan(400);
    await project.close();
  });

  it('says so where every image stays', async () => {
    const project = await filled();
    await project.change((database) => database.exec('UPDATE items SET fixed = 1'));
    await project.close();
    const again = await OpenProject.open(project.path, 'test');
    await expect(redraw(again, 0.3, 1, { testShare: 0.2 })).rejects.toMatchObject({
      code: 'CONFLICT',
      message:
        'Expected images whose part can be drawn, but the source says the part of all 2500 images (or they are test images, which stay). Give a share for the test part, or ask that parts from the source are drawn too. Nothing was changed.',
    });
    expect(again.summary().undo).toBeNull();
    await again.close();
  });
});

describe('counts', () => {
  it('follow every change as a count of all images would have them', async () => {
    const project = await filled();
    const [a, b, c] = project.classes();
    const counted = () => {
      const fresh = new Columns();
      Object.assign(fresh, project.columns, { version: -1 });
      return fresh.counts();
    };
    const agree = () => {
      const { byClass, all, relabelled, fixed } = project.columns.counts();
      const present = counted();
      expect({ all, relabelled, fixed }).toEqual({
        all: present.all,
        relabelled: present.relabelled,
        fixed: present.fixed,
      });
      for (const [id, counts] of present.byClass) expect(byClass.get(id)).toEqual(counts);
    };
    await project.relabel([1, 2, 3, 700], b!.id);
    agree();
    await project.relabel([1], a!.id);
    await project.relabel([2100, 3], c!.id);
    agree();
    await redraw(project, 0.4, 2, { testShare: 0.3 });
    agree();
    for (let left = 4; left > 0; left--) {
      await project.step('undo');
      agree();
    }
    expect(project.columns.counts().relabelled).toBe(0);
    await project.close();
  });
});

describe('the list of items', () => {
  it('agrees with a plain look at every item, whatever the filter', async () => {
    const project = await filled();
    const [a, b] = project.classes();
    await project.relabel([7, 8, 9], b!.id);
    const all = project.items({}, 0, 10_000, null).items;
    expect(all.map(({ id }) => id)).toEqual([...project.columns.ids]);
    const filters = [
      { classIds: [a!.id] },
      { splits: ['test', 'validation'] as const },
      { classIds: [a!.id, b!.id], splits: ['train'] as const },
      { relabelled: true },
      { relabelled: false, text: 'EST/01' },
      { classIds: [] },
    ];
    for (const filter of filters) {
      const { classIds, splits, relabelled, text } = {
        splits: undefined,
        relabelled: undefined,
        ...filter,
      } as {
        classIds?: number[];
        splits?: string[];
        relabelled?: boolean;
        text?: string;
      };
      const expected = all.filter(
        (item) =>
          (!classIds || classIds.includes(item.classId!)) &&
          (!splits || splits.includes(item.split!)) &&
          (relabelled === undefined || relabelled === (item.classId !== item.importedClassId)) &&
          (!text || item.name.toLowerCase().includes(text.toLowerCase())),
      );
      const window = project.items({ classIds, splits: splits as never, relabelled, text }, 3, 50, null);
      expect(window).toEqual({ total: expected.length, items: expected.slice(3, 53) });
    }
    await project.close();
  });
});
