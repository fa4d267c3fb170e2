/**
 * Projects of before. fixtures/schema-1 was made by the program whose schema was the first, fixtures/schema-9 by the one before
 * importers chose a storage: as SQL, with packs and pictures. The first is taken through every step, and after each all that
 * was there is there; both are opened and used at the end.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSheet } from '#contract/sheet.ts';
import { readItem } from '../images/storage/originals.ts';
import { makeSheet } from '../images/thumbnails/sheet.ts';
import { type Database, openBare, rows } from './database.ts';
import { migrate, migrations } from './migrations.ts';
import { OpenProject } from './project.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'atelier-migrations-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A project as it was left then. @returns its folder */
function projectOf(fixture: string): string {
  const path = join(folder, `${fixture}.atelier`);
  cpSync(join(import.meta.dirname, 'fixtures', fixture), path, { recursive: true });
  for (const name of ['runs', 'exports']) mkdirSync(join(path, name));
  inDatabase(path, (database) =>
    database.exec(
      `PRAGMA foreign_keys = OFF; ${gunzipSync(readFileSync(join(path, 'project.sql.gz'))).toString()}`,
    ),
  );
  return path;
}

function inDatabase<T>(path: string, work: (database: Database) => T): T {
  const database = openBare(join(path, 'project.sqlite'));
  try {
    return work(database);
  } finally {
    database.close();
  }
}

type Row = Record<string, unknown>;
type Tables = Record<string, Row[]>;

/** All rows of all tables, in the order of their keys. */
function tablesOf(database: Database): Tables {
  const named = rows<{ name: string }>(
    database,
    "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
  );
  return Object.fromEntries(
    named.map(({ name }) => [name, rows<Row>(database, `SELECT * FROM "${name}" ORDER BY 1, 2`)]),
  );
}

const schemaOf = (path: string) =>
  inDatabase(path, (database) =>
    rows(database, 'SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name').map((one) => ({
      ...one,
    })),
  );

/** What a step says that it changes of what was there; all else stays. */
const changed: Record<number, (table: string, row: Row) => Row> = {
  // Test-time augmentation has the usual word for none.
  10: (table, row) =>
    table === 'evaluations' && row['test_time'] === 'once' ? { ...row, test_time: 'none' } : row,
  // Kinds became storages, and places in packs are counted in bytes.
  11: (table, row) => {
    if (table === 'sources') {
      const gone = new Set(['kind', 'height', 'width']);
      const kept = Object.entries(row).filter(([column]) => !gone.has(column));
      return { ...Object.fromEntries(kept), storage: row['kind'] === 'idx' ? 'pixels' : 'files' };
    }
    if (table !== 'items' || row['source_id'] !== 1) return row;
    const length = Number(row['width']) * Number(row['height']);
    return { ...row, position: Number(row['position']) * length, length };
  },
};

/** With the schema that brought studies, as the program of then wrote it. */
function addStudy(database: Database): void {
  database.exec(`
    INSERT INTO studies (id, name, state, created_at, finished_at, recipe, plan, error)
      SELECT 'study-1', 'Folds', 'finished', created_at, created_at, recipe,
        '{"kind":"cross-validation","folds":2,"seeds":[1]}', NULL FROM runs WHERE id = 'run-1';
    INSERT INTO runs (id, name, state, created_at, finished_at, recipe, classes, study_id, trial)
      SELECT 'run-2', 'Trial', 'finished', created_at, created_at, recipe, classes, 'study-1',
        '{"number":1,"values":{},"fold":1,"seed":1,"threads":1,"target":null}' FROM runs WHERE id = 'run-1';
    UPDATE meta SET value = '2' WHERE key = 'lastRun';
  `);
}

/** Forms of the thumbnails, and sizes of the pictures, of all images. */
async function picturesOf(path: string, project: OpenProject, ids: number[]) {
  const sheet = await makeSheet(ids, project.thumbnailsById(ids), (name) => project.packPath(name));
  const tiles = readSheet(sheet)!.map(({ form }) => form);
  const read = await Promise.all(ids.map((id) => readItem(path, id)));
  return {
    tiles,
    sizes: read.map(({ picture }) => ('pixels' in picture ? picture.pixels.length : picture.length)),
  };
}

describe('a project of the first schema', () => {
  it('goes through every step, and nothing of it is lost', () => {
    const path = projectOf('schema-1');
    inDatabase(path, (database) => {
      for (let version = 2; version <= migrations.length; version++) {
        const before = tablesOf(database);
        migrate(database, version);
        const after = tablesOf(database);
        const change = changed[version] ?? ((_table, row) => row);
        for (const [table, was] of Object.entries(before)) {
          const expected = was.map((row) => expect.objectContaining(change(table, row)) as unknown);
          expect(after[table], `${table} after step ${version}`).toEqual(expected);
        }
        expect(rows(database, 'PRAGMA integrity_check'), `step ${version}`).toEqual([
          { integrity_check: 'ok' },
        ]);
        expect(rows(database, 'PRAGMA foreign_key_check'), `step ${version}`).toEqual([]);
        if (version === 3) addStudy(database);
      }
    });
  });

  it('opens with its labels, parts, history, runs and studies, and shows its images', async () => {
    const path = projectOf('schema-1');
    inDatabase(path, (database) => {
      migrate(database, 3);
      addStudy(database);
    });
    const project = await OpenProject.open(path, 'test');
    try {
      const { classes, counts, sources, problems, undo, validationShare, splitSeed } = project.summary();
      expect(problems).toEqual([]);
      expect(classes.map(({ name, counts: of }) => [name, of.train, of.validation, of.test])).toEqual([
        ['0', 1, 1, 1],
        ['1', 3, 1, 1],
        ['kitten', 1, 1, 0],
        ['dog', 1, 0, 1],
        ['bird', 0, 0, 0],
      ]);
      expect(counts).toMatchObject({ train: 6, validation: 3, test: 3, total: 12, relabelled: 1, fixed: 3 });
      expect([validationShare, splitSeed]).toEqual([0.25, 7]);
      expect(sources.map(({ originals, items, skippedFiles }) => [originals, items, skippedFiles])).toEqual([
        [false, 8, 0],
        [true, 4, 1],
      ]);
      expect((await project.runs.list()).map(({ id, name, epochs }) => [id, name, epochs.length])).toEqual([
        ['run-1', 'First run', 2],
      ]);
      expect(await project.runs.damaged()).toEqual([]);
      expect((await project.runs.list('study-1')).map(({ id }) => id)).toEqual(['run-2']);
      expect(project.studies.list().map(({ id, name }) => [id, name])).toEqual([['study-1', 'Folds']]);
      const run = project.runs.get('run-1');
      expect(run).toMatchObject({ notices: [], note: '', origin: null, testAccuracy: 2 / 3, paused: null });
      expect(run.recipe.training).toMatchObject({
        learningRate: 0.2,
        loss: { kind: 'cross-entropy' },
        topK: 3,
      });
      expect(run.epochs[1]).toMatchObject({ epoch: 2, validationAccuracy: 0.75, validationTopK: null });
      expect(project.runs.evaluation('run-1', 'test')).toMatchObject({
        ...{ count: 3, correct: 2, tta: 'none', topK: null },
      });
      expect(project.runs.evaluation('run-1', 'test', 'flip')).toBeNull();
      expect(project.runs.exported('run-1')).toMatchObject({ path: '/exports/first.zip' });

      const ids = Array.from({ length: 12 }, (_, at) => at + 1);
      const { tiles, sizes } = await picturesOf(path, project, ids);
      expect(tiles).toEqual([...new Array<string>(8).fill('grey'), ...new Array<string>(4).fill('encoded')]);
      expect(sizes).toEqual([48, 48, 48, 48, 48, 48, 48, 48, 178, 184, 178, 185]);

      expect(undo).toBe('Redraw the validation part (25 %)');
      while (project.summary().undo !== null) await project.step('undo');
      const labels = project.itemsById(ids).map(({ classId, importedClassId }) => [classId, importedClassId]);
      expect(labels.every(([now, imported]) => now === imported)).toBe(true);
      expect(project.summary().validationShare).toBe(0.2);
    } finally {
      await project.close();
    }
  });

  it('has the schema of one that is made now', async () => {
    const path = projectOf('schema-1');
    inDatabase(path, (database) => migrate(database));
    const made = join(folder, 'made.atelier');
    await (await OpenProject.create(made, undefined, 'test')).close();
    expect(schemaOf(path)).toEqual(schemaOf(made));
  });
});

describe('a project of the program before', () => {
  it('opens with all it had, and shows its images', async () => {
    const path = projectOf('schema-9');
    const project = await OpenProject.open(path, 'test');
    try {
      const { classes, counts, sources, problems } = project.summary();
      expect(problems).toEqual([]);
      expect(classes.map(({ name, counts: of }) => [name, of.train, of.validation, of.test])).toEqual([
        ['0', 0, 1, 1],
        ['1', 3, 1, 1],
        ['cat', 0, 1, 0],
        ['dog', 1, 1, 0],
        ['bird', 0, 0, 0],
      ]);
      expect(counts).toMatchObject({ total: 11, relabelled: 2, unlabelled: 1, fixed: 2 });
      expect(sources.map(({ originals, items, skippedFiles }) => [originals, items, skippedFiles])).toEqual([
        [false, 7, 0],
        [true, 4, 1],
      ]);
      expect((await project.runs.list()).map(({ id, note }) => [id, note])).toEqual([['run-1', 'kept']]);
      expect(project.studies.list()).toHaveLength(1);
      const ids = [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12];
      const { tiles, sizes } = await picturesOf(path, project, ids);
      expect(tiles).toEqual([...new Array<string>(7).fill('grey'), ...new Array<string>(4).fill('encoded')]);
      expect(sizes).toEqual([48, 48, 48, 48, 48, 48, 48, 178, 184, 178, 185]);
      await project.step('undo');
      expect(project.summary().counts.total).toBe(12);
    } finally {
      await project.close();
    }
  });
});
