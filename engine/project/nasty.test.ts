/**
 * Nasty values in each column of each table: the project opens, lists and says what it could not read, and everything
 * it answers keeps to the contract. No cell locks the whole.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { oneErrorShape, type StudioClient } from '#contract/rpc.ts';
import { epochOf } from '#contract/testing.ts';
import { evaluate } from '#recipe/metrics/scores.ts';
import { StudyPlan } from '#contract/study.ts';
import { presets } from '#recipe/presets.ts';
import { createStudio, type Studio } from '../studio.ts';
import { fillWithFashion } from '../testing.ts';
import { type Database, openBare, rows } from './database.ts';
import { OpenProject } from './project.ts';

const epoch = epochOf(1);

let folder: string;
let whole: string;
let columns: { table: string; column: string }[];
let copies = 0;
beforeAll(async () => {
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  // Hundreds of projects, and none of them is to outlive a power cut.
  folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'atelier-nasty-'));
  process.env['ATELIER_STATE'] = join(folder, 'state.json');
  whole = join(folder, 'whole.atelier');
  const project = await OpenProject.create(whole, undefined, 'test');
  await fillWithFashion(whole);
  await project.followImport();
  await project.relabel([1, 2], 3);
  const { recipe } = presets.quick;
  const { runs, studies } = project;
  const plan = StudyPlan.parse({ kind: 'cross-validation', folds: 2, seeds: [1] });
  await studies.create(recipe, plan, () => 'Study');
  const trial = { number: 1, values: {}, fold: 1, seed: 1, threads: 1, target: null };
  await runs.create(recipe, '', project.classes(), 1);
  await runs.create(recipe, '', project.classes(), 1, { studyId: 'study-1', trial });
  await runs.create(recipe, 'Other', project.classes(), 1);
  for (const runId of ['run-1', 'run-2', 'run-3']) {
    await runs.addEpoch(runId, epoch, true);
    await runs.update(runId, { state: 'finished' });
    const scores = evaluate(new Float32Array([1, 0]), [0], 2, 2);
    await runs.keepEvaluation(
      {
        ...{ runId, split: 'test', tta: 'none', evaluatedAt: '2026', ...scores, classes: [], leftOut: [] },
        ...{ partVersion: null, labelsVersion: null, trainedOn: 0 },
      },
      new Int32Array(0),
    );
    const parity = {
      images: 1,
      largestDifference: 0,
      labelFlips: 0,
      tolerance: 1,
      passed: true,
      runtime: '',
    };
    await runs.keepExport({
      runId,
      format: 'bundle',
      path: '/x.zip',
      bytes: 1,
      files: [],
      parity,
      createdAt: '2026',
    });
  }
  await project.change((database) =>
    database.exec("INSERT INTO set_aside (source_id, path, reason) VALUES (1, 'a', 'b')"),
  );
  await project.close();
  const database = openBare(join(whole, 'project.sqlite'));
  const tables = rows<{ name: string }>(database, "SELECT name FROM sqlite_master WHERE type = 'table'");
  columns = tables
    .filter(({ name }) => !name.startsWith('sqlite_'))
    .flatMap(({ name: table }) =>
      rows<{ name: string }>(database, `SELECT name FROM pragma_table_info('${table}')`).map(
        ({ name: column }) => ({ table, column }),
      ),
    );
  database.close();
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** As SQL. */
const nasty = {
  nothing: "''",
  nul: "char(0) || 'x'",
  escape: "char(27) || '[31m'",
  long: "printf('%.*c', 100000, 'x')",
  blob: "x'00ff80'",
  'half a text': "CAST(x'c3' AS TEXT)",
  'half a document': `'{"cut'`,
  'another document': `'{"a": [1]}'`,
  seven: '7',
  minus: '-1',
  fraction: '0.5',
  'largest whole number': '9223372036854775807',
  infinity: '9e999',
  'way out': "'../../outside'",
  'way out of a deleted run': "'deleted:../../outside'",
};

/** All that a window asks for at its start; each answer is checked against the contract on its way. */
async function lookAtAll(client: StudioClient) {
  const project = await client.project.current();
  const { items, total } = await client.items.list({ filter: {}, offset: 0, limit: 100 });
  await client.sources.skippedFiles();
  const runs = await client.runs.list({});
  const damagedRuns = await client.runs.damaged({});
  await client.runs.list({ studyId: 'study-1' });
  await client.runs.damaged({ studyId: 'study-1' });
  const studies = await client.studies.list();
  const damagedStudies = await client.studies.damaged();
  for (const { id } of runs) {
    await client.runs.get({ runId: id });
    await client.evaluations.get({ runId: id, split: 'test' });
    await client.exports.get({ runId: id });
  }
  return { project: project!, items, total, runs, studies, damaged: [...damagedRuns, ...damagedStudies] };
}

/** Takes back all that can be; what cannot be does not bar the way. */
async function undoAll(client: StudioClient): Promise<void> {
  for (let steps = 0; (await client.project.current())!.undo !== null; steps++) {
    expect(steps).toBeLessThan(10);
    await client.journal.undo().catch((thrown: { data?: { code?: string } }) => {
      if (thrown.data?.code !== 'CONFLICT') throw thrown;
    });
  }
}

/** A studio on a copy of the project into which `damage` was written. */
async function withDamage<T>(
  damage: (database: Database) => void,
  work: (client: StudioClient, path: string) => Promise<T>,
): Promise<T> {
  // Its own: one that took too long goes on beside the next.
  const path = join(folder, `copy-${(copies += 1)}.atelier`);
  mkdirSync(path);
  copyFileSync(join(whole, 'project.sqlite'), join(path, 'project.sqlite'));
  const database = openBare(join(path, 'project.sqlite'));
  database.exec('PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON');
  damage(database);
  database.close();
  let studio: Studio | undefined;
  try {
    studio = createStudio({ desktop: false, allowedFolders: null, version: 'test' });
    const client = createRouterClient(studio.router, { interceptors: [oneErrorShape] }) as StudioClient;
    await client.project.open({ path });
    return await work(client, path);
  } finally {
    await studio?.close();
    rmSync(path, { recursive: true, force: true });
  }
}

it('looks at a whole project without a word', () =>
  withDamage(
    () => undefined,
    async (client) => {
      const { project, total, runs, studies, damaged } = await lookAtAll(client);
      expect([total, runs.length, studies.length, damaged.length]).toEqual([2500, 2, 1, 0]);
      expect([project.problems, project.readOnly]).toEqual([[], null]);
    },
  ));

/** Writes `value` into a column of a table's first row. @returns why the table itself refuses it */
function spoil(database: Database, table: string, column: string, value: string): string | null {
  const keys = rows<{ name: string }>(
    database,
    `SELECT name FROM pragma_table_info('${table}') WHERE pk = 1`,
  );
  const key = keys[0]!.name;
  try {
    database.exec(
      `UPDATE ${table} SET ${column} = ${value} WHERE ${key} = (SELECT min(${key}) FROM ${table})`,
    );
    return null;
  } catch (thrown) {
    return String(thrown);
  }
}

describe.each(Object.entries(nasty))('%s', (_name, value) => {
  it('in one column of each table at once leaves a project that opens, lists and can be worked on', async () => {
    // Somebody else's folder, as far as this project is concerned.
    const outside = join(folder, 'outside');
    mkdirSync(outside, { recursive: true });
    const tables = [...new Set(columns.map(({ table }) => table))];
    const columnsOf = (table: string) => columns.filter((other) => other.table === table);
    const most = Math.max(...tables.map((table) => columnsOf(table).length));
    for (let at = 0; at < most; at++) {
      const spoilt = tables.flatMap((table) => columnsOf(table)[at] ?? []);
      const where = spoilt.map(({ table, column }) => `${table}.${column}`).join(', ');
      await withDamage(
        (database) => {
          for (const { table, column } of spoilt) {
            const refused = spoil(database, table, column, value);
            if (refused !== null) expect(refused).toMatch(/constraint|mismatch/);
          }
        },
        async (client) => {
          const seen = await lookAtAll(client);
          // Nothing else went with it.
          expect(seen.total).toBeGreaterThanOrEqual(2499);
          expect(seen.runs.length).toBeGreaterThanOrEqual(1);
          expect(seen.project.classes.length).toBeGreaterThanOrEqual(9);
          // It can be worked on.
          await client.items.relabel({ itemIds: [100], classId: 5 });
          const added = await client.classes.add({ name: 'New' });
          await client.classes.rename({ classId: added.id, name: 'Newer' });
          await undoAll(client);
        },
      ).catch((thrown: unknown) => {
        throw new Error(`${where}: ${String(thrown)} ${JSON.stringify(thrown)}`, { cause: thrown });
      });
    }
    expect(existsSync(outside)).toBe(true);
  });
});

it.each([
  [
    "UPDATE classes SET name = '' WHERE id = 2",
    /The name of class 2 is none that a class can have: Expected a name/,
  ],
  ["UPDATE classes SET name = 'a' || char(10) WHERE id = 2", /received \\x0a in it/],
  ['UPDATE items SET split = 7 WHERE id < 4', /3 images are in a part that cannot be read/],
  ['UPDATE items SET class_id = 77 WHERE id < 4', null],
  ["UPDATE items SET class_id = 'cat' WHERE id < 4", /3 images have a class that cannot be read/],
  ["UPDATE meta SET value = 'much' WHERE key = 'validationShare'", /“validationShare” cannot be read/],
  ["INSERT OR REPLACE INTO meta VALUES ('testShare', 'some')", /“testShare” cannot be read/],
  ["DELETE FROM meta WHERE key = 'id'", /“id” is missing/],
  ["UPDATE journal SET change = '{'", /1 changes of the history cannot be read/],
  ["UPDATE sources SET location = x'00'", /Source 1 is described by cells that cannot be read/],
  ["INSERT INTO meta VALUES ('deleted:../../outside', '')", /No folder is removed for it/],
])('after %s it says so', (sql, said) =>
  withDamage(
    (database) => database.exec(sql),
    async (client) => {
      const { project } = await lookAtAll(client);
      if (said) expect(project.problems.join('\n')).toMatch(said);
      else
        expect(project.classes.at(-1)).toMatchObject({
          id: 77,
          name: '(class 77 is missing)',
          counts: { total: 3 },
        });
      expect(project.counts.total).toBe(2500);
    },
  ),
);

it('obeys no control character of a cell in the terminal', () =>
  withDamage(
    (database) =>
      database.exec("UPDATE meta SET value = char(27) || ']0;title' || char(7) WHERE key = 'createdAt'"),
    async (client) => {
      await lookAtAll(client);
      const told = vi
        .mocked(process.stderr.write)
        .mock.calls.map(([text]) => String(text))
        .join('');
      expect(told).toContain('received “\\x1b]0;title\\x07”');
      expect(told).not.toMatch(/(?!\n)\p{Cc}/u);
    },
  ));

it('says that an evaluation or a bundle cannot be read, once it was asked for', () =>
  withDamage(
    (database) => database.exec("UPDATE evaluations SET evaluation = '{}'; UPDATE bundles SET bundle = '['"),
    async (client) => {
      expect(await client.evaluations.get({ runId: 'run-1', split: 'test' })).toBeNull();
      expect(await client.exports.get({ runId: 'run-1' })).toBeNull();
      expect((await client.project.current())!.problems).toEqual([
        'The evaluation of run-1 on the test part cannot be read. Evaluate it again.',
        'What is kept of the export of run-1 cannot be read. Export it again.',
      ]);
    },
  ));

it('deletes a run of which not even the id is one, and no folder but its own', () =>
  withDamage(
    (database) => database.exec("UPDATE runs SET id = '../uploads' WHERE id = 'run-1'"),
    async (client, path) => {
      expect((await client.runs.damaged()).map(({ id }) => id)).toEqual(['../uploads']);
      await client.runs.delete({ runId: '../uploads' });
      expect(await client.runs.damaged()).toEqual([]);
      expect(existsSync(join(path, 'uploads'))).toBe(true);
    },
  ));
