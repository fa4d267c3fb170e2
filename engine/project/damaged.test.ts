/** A project in which single runs and studies cannot be read any more: the others stay, and these can be deleted. */
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { epochOf } from '#contract/testing.ts';
import { StudyPlan } from '#contract/study.ts';
import { presets } from '#recipe/presets.ts';
import { openTestStudio, type TestStudio } from '../testing.ts';
import { type Database, openBare } from './database.ts';
import { OpenProject } from './project.ts';

let test: TestStudio | null = null;
afterEach(async () => {
  vi.restoreAllMocks();
  await test?.close();
});

const { recipe } = presets.quick;
const classes = [
  { id: 1, name: 'a' },
  { id: 2, name: 'b' },
];
const epoch = epochOf(1);

/** Two runs (run-1, run-2), two studies, and trials 1 and 2 of the first (run-3, run-4), then opened as damaged. */
async function openDamaged(damage: (database: Database) => void) {
  test = await openTestStudio();
  const said = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const path = join(test.folder, 'p.atelier');
  const project = await OpenProject.create(path, undefined, 'test');
  const plan = StudyPlan.parse({ kind: 'cross-validation', folds: 2, seeds: [1] });
  for (let index = 0; index < 2; index++) {
    await project.runs.create(recipe, '', classes, 1);
    await project.studies.create(recipe, plan, () => `Study ${index + 1}`);
  }
  const trial = { number: 1, values: {}, fold: 1, seed: 1, threads: 1, target: null };
  for (const number of [1, 2])
    await project.runs.create(recipe, '', classes, 1, { studyId: 'study-1', trial: { ...trial, number } });
  for (const runId of ['run-1', 'run-2', 'run-3', 'run-4']) await project.runs.addEpoch(runId, epoch, true);
  await project.close();
  const database = openBare(join(path, 'project.sqlite'));
  damage(database);
  database.close();
  await test.client.project.open({ path });
  return { client: test.client, said };
}

it.each(['{}', '{"cut'])('lists the others and deletes those that hold %s', async (recipeText) => {
  const { client, said } = await openDamaged((database) => {
    for (const [table, id] of [
      ['runs', 'run-1'],
      ['runs', 'run-3'],
      ['studies', 'study-1'],
    ] as const)
      database.prepare(`UPDATE ${table} SET recipe = ? WHERE id = ?`).run(recipeText, id);
  });
  const damagedIds = async () => ({
    runs: (await client.runs.damaged()).map(({ id }) => id),
    trials: (await client.runs.damaged({ studyId: 'study-1' })).map(({ id }) => id),
    studies: (await client.studies.damaged()).map(({ id }) => id),
  });

  expect((await client.runs.list({})).map(({ id }) => id)).toEqual(['run-2']);
  expect((await client.studies.list()).map(({ id }) => id)).toEqual(['study-2']);
  expect(said.mock.calls.flat().join()).toMatch(/recipe of run-1.*delete the run/);
  await expect(client.runs.get({ runId: 'run-1' })).rejects.toMatchObject({
    data: { code: 'PROJECT_DAMAGED' },
  });
  expect(await damagedIds()).toEqual({ runs: ['run-1'], trials: ['run-3'], studies: ['study-1'] });
  const [damaged] = await client.runs.damaged();
  expect(damaged).toMatchObject({
    error: { code: 'PROJECT_DAMAGED', details: { runId: 'run-1' } },
  });
  expect(damaged!.error.message).toMatch(/recipe of run-1 .*delete the run/);

  await client.runs.delete({ runId: 'run-1' });
  await client.runs.delete({ runId: 'run-4' });
  expect(await damagedIds()).toEqual({ runs: [], trials: ['run-3'], studies: ['study-1'] });
  await client.studies.delete({ studyId: 'study-1' });
  expect(await damagedIds()).toEqual({ runs: [], trials: [], studies: [] });
  for (const runId of ['run-1', 'run-3', 'run-4'])
    await expect(client.runs.get({ runId })).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } });
  await expect(client.studies.get({ studyId: 'study-1' })).rejects.toMatchObject({
    data: { code: 'NOT_FOUND' },
  });
});

it.each([
  ["UPDATE epochs SET scores = '{\"cut' WHERE run_id = 'run-1'", 'epochs'],
  ["UPDATE epochs SET scores = '{}' WHERE run_id = 'run-1'", 'epochs'],
  ["UPDATE runs SET engine = '{\"cut' WHERE id = 'run-1'", 'engine'],
  ["UPDATE runs SET notices = 'none' WHERE id = 'run-1'", 'notices'],
  ["UPDATE runs SET classes = '{\"cut' WHERE id = 'run-1'", 'classes'],
  ["UPDATE runs SET state = 'lost' WHERE id = 'run-1'", 'state'],
])('takes a run for damaged after %s', async (sql, field) => {
  const { client } = await openDamaged((database) => database.exec(sql));
  expect((await client.runs.list()).map(({ id }) => id)).toEqual(['run-2']);
  const damaged = await client.runs.damaged();
  expect(damaged.map(({ error }) => error.message).join()).toContain(`the ${field} of run-1`);
  await client.runs.delete({ runId: 'run-1' });
  expect(await client.runs.damaged()).toEqual([]);
});

it('keeps a run of which an evaluation alone is damaged, without its figure', async () => {
  const { client } = await openDamaged((database) =>
    database.exec("INSERT INTO evaluations VALUES ('run-1', 1, 'none', '{\"cut')"),
  );
  expect((await client.runs.get({ runId: 'run-1' })).validationAccuracy).toBe(0.75);
  expect(await client.runs.damaged()).toEqual([]);
});

it('takes a study for damaged whose error is none', async () => {
  const { client } = await openDamaged((database) =>
    database.exec("UPDATE studies SET state = 'failed', error = '{\"cut' WHERE id = 'study-1'"),
  );
  expect((await client.studies.list()).map(({ id }) => id)).toEqual(['study-2']);
  expect((await client.studies.damaged())[0]?.error.message).toMatch(/error of study-1 .*delete the study/);
});

it('lists a study without the trials of which not even the number can be read, and with the others', async () => {
  const { client } = await openDamaged((database) => {
    database.exec("UPDATE runs SET trial = '{\"cut' WHERE id = 'run-3'");
    database.exec("UPDATE epochs SET scores = '{\"cut' WHERE run_id = 'run-4'");
  });
  const { trials } = await client.studies.get({ studyId: 'study-1' });
  expect(trials.map(({ runId, score }) => [runId, score])).toEqual([['run-4', null]]);
  expect((await client.studies.list()).map(({ id }) => id)).toEqual(['study-2', 'study-1']);
  const damaged = await client.runs.damaged({ studyId: 'study-1' });
  expect(damaged.map(({ id }) => id)).toEqual(['run-4', 'run-3']);
  for (const { id } of damaged) await client.runs.delete({ runId: id });
  expect(await client.runs.damaged({ studyId: 'study-1' })).toEqual([]);
});
