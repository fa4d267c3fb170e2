/**
 * The schema, as numbered steps. A step that was released is never edited: add another one.
 * `user_version` counts the steps a file has been through.
 */
import { AtelierError } from '#contract/errors.ts';
import type { DatabaseSync } from '@photostructure/sqlite';

type Database = InstanceType<typeof DatabaseSync>;

/** Splits are stored as their index in `splitNames`. Counts of items are derived, never stored. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE sources (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('idx', 'folder')),
    location TEXT NOT NULL,          -- what the person chose
    root TEXT NOT NULL,              -- where originals are read from
    imported_at TEXT NOT NULL,
    seconds REAL NOT NULL,
    items INTEGER NOT NULL,          -- never deleted, so this stays true
    height INTEGER, width INTEGER    -- of every image, for idx
  );

  CREATE TABLE set_aside (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    reason TEXT NOT NULL
  );

  CREATE TABLE classes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
  );

  CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    name TEXT NOT NULL,              -- path within the source, or train/00042
    class_id INTEGER NOT NULL REFERENCES classes (id),
    imported_class_id INTEGER NOT NULL REFERENCES classes (id),
    split INTEGER NOT NULL CHECK (split BETWEEN 0 AND 2),
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    hash BLOB NOT NULL,              -- first 16 bytes of SHA-256 of the content
    position INTEGER NOT NULL,       -- row in the source's pack (idx), offset of the thumbnail (folder)
    length INTEGER NOT NULL          -- bytes of the thumbnail (folder), 0 (idx)
  );

  CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    label TEXT NOT NULL,             -- what the person reads beside Undo
    change TEXT NOT NULL,            -- JSON, see journal.ts
    undone INTEGER NOT NULL DEFAULT 0
  );

  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    recipe TEXT NOT NULL,
    classes TEXT NOT NULL,           -- [{id, name}] in the order of the network's outputs
    engine TEXT,
    parameters INTEGER,
    best_epoch INTEGER,
    images_per_second REAL,
    error TEXT
  );

  CREATE TABLE epochs (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    scores TEXT NOT NULL,
    PRIMARY KEY (run_id, epoch)
  ) WITHOUT ROWID;

  CREATE TABLE evaluations (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    split INTEGER NOT NULL,
    evaluation TEXT NOT NULL,
    PRIMARY KEY (run_id, split)
  ) WITHOUT ROWID;

  CREATE TABLE bundles (
    run_id TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    bundle TEXT NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  ALTER TABLE runs ADD COLUMN notices TEXT NOT NULL DEFAULT '[]'; -- JSON, texts
  `,
  `
  CREATE TABLE studies (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    recipe TEXT NOT NULL, -- JSON
    plan TEXT NOT NULL, -- JSON, contract/study.ts
    error TEXT -- JSON or null
  ) WITHOUT ROWID;

  ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT '';
  ALTER TABLE runs ADD COLUMN origin TEXT; -- JSON or null
  ALTER TABLE runs ADD COLUMN study_id TEXT REFERENCES studies (id) ON DELETE CASCADE;
  ALTER TABLE runs ADD COLUMN trial TEXT; -- JSON: number, values, fold, seed, threads, target; null outside a study
  CREATE INDEX runs_by_study ON runs (study_id);

  CREATE TABLE evaluations_anew (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    split INTEGER NOT NULL,
    test_time TEXT NOT NULL,
    evaluation TEXT NOT NULL,
    PRIMARY KEY (run_id, split, test_time)
  ) WITHOUT ROWID;
  INSERT INTO evaluations_anew SELECT run_id, split, 'once', evaluation FROM evaluations;
  DROP TABLE evaluations;
  ALTER TABLE evaluations_anew RENAME TO evaluations;
  `,
  `
  -- 1 where the source says the part: such images stay when parts are drawn anew. Of what was imported before this
  -- was kept, the name tells: the importers took these folders, and the test files of IDX, for parts.
  ALTER TABLE items ADD COLUMN fixed INTEGER NOT NULL DEFAULT 0;
  UPDATE items SET fixed = 1 WHERE
    (split = 2 AND ('/' || lower(name) LIKE '%/test/%' OR '/' || lower(name) LIKE '%/testing/%')) OR
    (split = 1 AND ('/' || lower(name) LIKE '%/val/%' OR '/' || lower(name) LIKE '%/valid/%' OR '/' || lower(name) LIKE '%/validation/%'));
  -- Each label asks for the next redo and forgets what was undone; without it that is a look at all labels ever given.
  CREATE INDEX journal_by_undone ON journal (undone);
  `,
  `
  CREATE TABLE notices ( -- something to say of an image that was taken
    item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    PRIMARY KEY (item_id, text)
  ) WITHOUT ROWID;
  `,
  `
  ALTER TABLE items ADD COLUMN group_name TEXT; -- images of one group stay in one part; null where the source names none
  `,
  `
  -- Removed items keep their row here and in packs, so that runs made before stay what they are; nothing else counts them.
  -- With every removal sources.items is brought up to date: it counts the items that are not removed.
  ALTER TABLE items ADD COLUMN removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1));
  ALTER TABLE set_aside ADD COLUMN at TEXT; -- when it was tried; with the import where null
  ALTER TABLE sources ADD COLUMN options TEXT NOT NULL DEFAULT '{}'; -- JSON, ImportOptions that say what the import was taken to mean
  `,
  `
  -- An image may be unlabelled: no class, and no part until it gets one. Only a table made anew can let a column be null.
  -- Cells that a hand has written stay as they are, so that they are still told of.
  CREATE TABLE items_anew (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    name TEXT NOT NULL,              -- path within the source, or train/00042
    class_id INTEGER REFERENCES classes (id),          -- null: unlabelled
    imported_class_id INTEGER REFERENCES classes (id), -- null where the source gave none
    split INTEGER CHECK (split BETWEEN 0 AND 2),       -- null: not drawn yet, as long as there is no class
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    hash BLOB NOT NULL,              -- first 16 bytes of SHA-256 of the content
    position INTEGER NOT NULL,       -- row in the source's pack (idx), offset of the thumbnail (folder)
    length INTEGER NOT NULL,         -- bytes of the thumbnail (folder), 0 (idx)
    fixed INTEGER NOT NULL DEFAULT 0,
    group_name TEXT,
    removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))
  );
  PRAGMA ignore_check_constraints = ON;
  INSERT INTO items_anew SELECT id, source_id, name, class_id, imported_class_id, split, width, height, hash,
    position, length, fixed, group_name, removed FROM items;
  PRAGMA ignore_check_constraints = OFF;
  DELETE FROM sqlite_sequence WHERE name = 'items_anew';
  INSERT INTO sqlite_sequence (name, seq) SELECT 'items_anew', seq FROM sqlite_sequence WHERE name = 'items';
  DROP TABLE items;
  ALTER TABLE items_anew RENAME TO items;
  -- An image that is labelled joins its copies and its group in their part.
  CREATE INDEX items_by_hash ON items (hash);
  CREATE INDEX items_by_group ON items (group_name) WHERE group_name IS NOT NULL;
  `,
  `
  ALTER TABLE items ADD COLUMN excluded TEXT; -- why it is in no part, though it has a class; null where it is not excluded
  ALTER TABLE items ADD COLUMN note TEXT NOT NULL DEFAULT '';
  ALTER TABLE classes ADD COLUMN colour TEXT; -- #rrggbb; null for the one that its place gives
  `,
  `
  -- Test-time augmentation by its usual words: none, flip, flip-shift.
  UPDATE evaluations SET test_time = 'none' WHERE test_time = 'once';
  `,
  `
  -- How the images of a source are stored is known by its name only (engine/images/storage), and an image by the bytes of its
  -- own in the source's file: pixels were counted in images before. Cells that a hand has written stay as they are.
  UPDATE items SET position = position * width * height, length = width * height
    WHERE source_id IN (SELECT id FROM sources WHERE kind = 'idx')
      AND typeof(position) = 'integer' AND position BETWEEN 0 AND 2147483647
      AND typeof(width) = 'integer' AND width BETWEEN 1 AND 32767
      AND typeof(height) = 'integer' AND height BETWEEN 1 AND 32767;
  CREATE TABLE sources_anew (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    storage TEXT NOT NULL,           -- a name of engine/images/storage/storages.ts
    location TEXT NOT NULL,          -- what the person chose
    root TEXT NOT NULL,              -- where originals are read from
    imported_at TEXT NOT NULL,
    seconds REAL NOT NULL,
    items INTEGER NOT NULL,          -- those that are not removed
    options TEXT NOT NULL DEFAULT '{}' -- JSON, ImportOptions that say what the import was taken to mean
  );
  INSERT INTO sources_anew
    SELECT id, CASE kind WHEN 'idx' THEN 'pixels' WHEN 'folder' THEN 'files' ELSE kind END,
      location, root, imported_at, seconds, items, options FROM sources;
  DELETE FROM sqlite_sequence WHERE name = 'sources_anew';
  INSERT INTO sqlite_sequence (name, seq) SELECT 'sources_anew', seq FROM sqlite_sequence WHERE name = 'sources';
  DROP TABLE sources;
  ALTER TABLE sources_anew RENAME TO sources;
  `,
  `
  -- Which images belong together, as it was found last: one row, written whole. Images in no group are not in it.
  CREATE TABLE image_groups (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    facts TEXT NOT NULL,             -- JSON: settings, when, up to which item
    members BLOB NOT NULL,           -- int32 little-endian, [item, group] of each image that has others in its group
    pairs TEXT NOT NULL,             -- JSON, [a, b, reason, similarity] of look-alikes
    keys TEXT NOT NULL               -- JSON, [item, value] of a column of a table; [] where groups are not by one
  );
  -- What may have informed a choice: a run that was evaluated on a version of the test part, a pair compared on it.
  CREATE TABLE test_uses (
    version TEXT NOT NULL,
    kind TEXT NOT NULL,              -- evaluation, comparison
    runs TEXT NOT NULL,              -- ids with a blank between
    at TEXT NOT NULL,
    PRIMARY KEY (version, kind, runs)
  ) WITHOUT ROWID;
  ALTER TABLE studies ADD COLUMN folds BLOB; -- int32 little-endian, [item, fold from 0]; null without folds, and before they were kept
  `,
  `
  -- Images that a person looked at and found hard: their label is right, though it does not look like it. It changes no training.
  ALTER TABLE items ADD COLUMN hard INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- Images of findings that a person looked at and found nothing wrong with.
  CREATE TABLE dismissed_findings (
    finding TEXT NOT NULL,
    item_id INTEGER NOT NULL,
    PRIMARY KEY (finding, item_id)
  ) WITHOUT ROWID;
  `,
  `
  -- Which images a version of the test part had that is in test_uses, so that what was counted of it is known of versions that share images with it.
  CREATE TABLE test_versions (
    version TEXT PRIMARY KEY,
    items BLOB NOT NULL              -- int32 little-endian, ascending ids
  ) WITHOUT ROWID;
  `,
];

/**
 * @param to the version to stop at; tests look at each
 * @throws PROJECT_TOO_NEW for a file of a later version; what SQLite says of what is no database
 */
export function migrate(database: Database, to = migrations.length): void {
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;');
  // Off meanwhile: a table that is made anew would take with it what refers to it.
  for (let step = versionOf(database); step < to; step++) {
    database.exec(`BEGIN IMMEDIATE; ${migrations[step]!}; PRAGMA user_version = ${step + 1}; COMMIT;`);
  }
  database.exec('PRAGMA foreign_keys = ON;');
}

/** For a project that is looked at, and cannot be brought up to date. @throws PROJECT_TOO_NEW, PROJECT_READ_ONLY */
export function requirePresentSchema(database: Database, path: string): void {
  const version = versionOf(database);
  if (version === migrations.length) return;
  throw new AtelierError(
    'PROJECT_READ_ONLY',
    `Expected a project of version ${migrations.length}, received version ${version} at ${path}, where nothing can be written to bring it up to date. Make its folder writable, or open a copy.`,
    { path, version, supported: migrations.length },
  );
}

/** @throws PROJECT_TOO_NEW */
function versionOf(database: Database): number {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version <= migrations.length) return version;
  throw new AtelierError(
    'PROJECT_TOO_NEW',
    `Expected a project of version ${migrations.length} or older, received version ${version}. Update Atelier to open it.`,
    { version, supported: migrations.length },
  );
}
