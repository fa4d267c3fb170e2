/** What making, opening and closing a project keep, refuse and clear up. */
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { presets } from '#recipe/presets.ts';
import { openBare } from './database.ts';
import { OpenProject } from './project.ts';
import { testProject } from './testing-filled.ts';

const test = testProject();
const { create, filled, open } = test;

describe('opening', () => {
  it('keeps what was created, under the name of its folder', async () => {
    const project = await OpenProject.create(join(test.folder, 'Shoes'), undefined, 'test');
    const { id } = project.summary();
    await project.close();
    const again = await open();
    expect(again.summary()).toMatchObject({ id, name: 'Shoes', path: test.path });
    await again.close();
  });

  it('refuses a place that is taken, and one that holds no project', async () => {
    await (await create()).close();
    await expect(create()).rejects.toMatchObject({
      code: 'PROJECT_EXISTS',
    });
    await expect(OpenProject.open(join(test.folder, 'none'), 'test')).rejects.toMatchObject({
      code: 'PROJECT_NOT_FOUND',
    });
  });

  it('names the holder to a second one, and lets it in afterwards', async () => {
    const first = await create('the first');
    await expect(open('the second')).rejects.toMatchObject({
      code: 'PROJECT_LOCKED',
      message: expect.stringContaining(`the first (process ${process.pid}`) as string,
    });
    await first.close();
    await (await open('the second')).close();
  });

  it('refuses a project of a later version without touching it', async () => {
    await (await create()).close();
    const database = openBare(join(test.path, 'project.sqlite'));
    database.exec('PRAGMA user_version = 999');
    database.close();
    await expect(open()).rejects.toMatchObject({
      code: 'PROJECT_TOO_NEW',
      details: { version: 999 },
    });
  });

  it('says that a damaged database is damaged, and lets go of the lock', async () => {
    await (await create()).close();
    for (const end of ['-wal', '-shm']) rmSync(join(test.path, `project.sqlite${end}`), { force: true });
    writeFileSync(
      join(test.path, 'project.sqlite'),
      'not a database at all, but long enough to be taken for one',
    );
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(open()).rejects.toMatchObject({ code: 'PROJECT_DAMAGED' });
    }
  });

  it('takes a database without a project for damaged', async () => {
    await (await create()).close();
    const database = openBare(join(test.path, 'project.sqlite'));
    database.exec('DELETE FROM meta');
    database.close();
    await expect(open()).rejects.toMatchObject({ code: 'PROJECT_DAMAGED' });
  });

  it('leaves nothing of a project that could not be made, and no lock', async () => {
    const failing = {
      trim() {
        throw new Error('disk I/O error');
      },
    };
    await expect(OpenProject.create(test.path, failing as never, 'test')).rejects.toThrow('disk I/O error');
    expect(existsSync(test.path)).toBe(false);
    await (await create()).close();
  });

  it('is locked even where the note about it cannot be written', async () => {
    await (await create()).close();
    mkdirSync(join(test.path, 'lock.json'));
    const first = await open();
    await expect(open()).rejects.toMatchObject({ code: 'PROJECT_LOCKED' });
    await first.close();
    await (await open()).close();
  });

  it('removes the packs that a dead process left half-written', async () => {
    await (await create()).close();
    writeFileSync(join(test.path, 'packs', 'tensor-x.u8.77.part'), 'half');
    await (await open()).close();
    expect(existsSync(join(test.path, 'packs', 'tensor-x.u8.77.part'))).toBe(false);
  });

  it('keeps the tensor packs that were used last, and all of its sources', async () => {
    await (await create()).close();
    const names = [1, 2, 3, 4, 5, 6].map((day) => `tensor-${day}.u8`);
    for (const name of ['source-1.idx', ...names]) {
      const file = join(test.path, 'packs', name);
      writeFileSync(file, 'x');
      const [, day = 0] = /tensor-(\d)/.exec(name) ?? [];
      utimesSync(file, Number(day), Number(day));
    }
    await (await open()).close();
    expect(readdirSync(join(test.path, 'packs')).sort()).toEqual(['source-1.idx', ...names.slice(2)]);
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
    const again = await open();
    expect(again.runs.get(own.id)).toMatchObject({ note: 'Ü\n**worth** a look', origin: null });
    await again.close();
  });

  it('removes what a process that died left of a deleted run, and nothing else', async () => {
    const project = await create();
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
    const again = await open();
    expect([keptId, deletedId].map((id) => existsSync(again.runs.folderOf(id)))).toEqual([true, false]);
    expect(existsSync(stranger)).toBe(true);
    await again.close();
  });

  it('marks runs that were under way as failed, so that they can be resumed', async () => {
    const project = await filled();
    const run = await project.runs.create(presets.quick.recipe, '', project.classes(), 1);
    await project.runs.update(run.id, { state: 'running' });
    await project.close();
    const again = await open();
    expect(again.runs.get(run.id)).toMatchObject({ state: 'failed', error: { code: 'WORKER_DIED' } });
    await again.close();
  });
});
