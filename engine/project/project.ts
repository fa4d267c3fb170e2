/**
 * An open project: the folder NAME.atelier on disk, and the one door through which it is changed.
 * Every change is a transaction, acknowledged after it is on the disk. Runs are left to runs.ts,
 * filling a project to intake/, and all computing to jobs/.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Class, Item, ItemFilter, Project, SetAside, Source } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import { type Cell, Columns, type Counts } from './columns.ts';
import { type Database, openDatabase, row, rows, transaction } from './database.ts';
import { type Change, follow, forget, journalHeads, lastChange, record, step } from './journal.ts';
import { type ItemPlace, itemOf, itemsById, noItem, placeOf } from './items.ts';
import { removeLeftovers, removeUnmade, removeUnusedUploads } from './leftovers.ts';
import { type Lock, lockProject } from './lock.ts';
import { itemsOfSource, type PlacedSource, removable, removeWords, sourceById } from './removal.ts';
import { Runs } from './runs.ts';
import { settled } from './settled.ts';
import { drawStratified } from './split.ts';
import { Studies } from './studies.ts';

const suffix = '.atelier';
const folders = ['packs', 'runs', 'exports', 'uploads'] as const;
export const databaseName = 'project.sqlite';
export const defaultSplit = { validationShare: 0.2, testShare: 0.15, seed: 1 } as const;

/** Keys of the Label room, in the order of the classes. */
const classKeys = '1234567890abcdefghijklmnopqrstuvwxyz';

export class OpenProject {
  readonly columns = new Columns();
  readonly runs: Runs;
  readonly studies: Studies;
  readonly id: string;
  readonly path: string;
  #database: Database;
  #lock: Lock;
  #queue: Promise<unknown> = Promise.resolve();
  /** Set where `create` made it; `folder` is whether the folder was not there before. */
  #made: { folder: boolean } | null = null;

  private constructor(path: string, database: Database, lock: Lock) {
    this.path = path;
    this.#database = database;
    this.#lock = lock;
    this.id = this.#meta('id');
    if (this.id === '') {
      throw new AtelierError(
        'PROJECT_DAMAGED',
        `Expected a whole project at ${path}, but its database holds no project. Put back a copy of ${databaseName}.`,
        { path },
      );
    }
    this.runs = new Runs(database, join(path, 'runs'), (work) => this.change(work));
    this.studies = new Studies(database, (work) => this.change(work));
  }

  /** @throws PROJECT_EXISTS, FILE_NOT_WRITABLE */
  static async create(path: string, name: string | undefined, program: string): Promise<OpenProject> {
    const folder = projectFolder(path);
    if (existsSync(join(folder, databaseName))) {
      throw new AtelierError(
        'PROJECT_EXISTS',
        `Expected a place without a project, but ${folder} holds one. Open it, or choose another name.`,
        { path: folder },
      );
    }
    if (existsSync(folder) && readdirSync(folder).length > 0) {
      throw new AtelierError(
        'PROJECT_EXISTS',
        `Expected a new or empty folder, but ${folder} holds files. Choose another name.`,
        { path: folder },
      );
    }
    const made = !existsSync(folder);
    try {
      for (const part of folders) mkdirSync(join(folder, part), { recursive: true });
    } catch (cause) {
      throw new AtelierError(
        'FILE_NOT_WRITABLE',
        `Expected a place where a project can be made, but ${dirname(folder)} cannot be written to. Choose another place.`,
        { path: folder },
        { cause },
      );
    }
    const lock = lockProject(folder, program);
    let database: Database | undefined;
    try {
      const opened = (database = openDatabase(join(folder, databaseName)));
      transaction(opened, () => {
        const put = opened.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
        put.run('id', randomUUID());
        put.run('name', name?.trim() || basename(folder, suffix));
        put.run('createdAt', new Date().toISOString());
        put.run('validationShare', String(defaultSplit.validationShare));
        put.run('splitSeed', String(defaultSplit.seed));
      });
      const project = new OpenProject(folder, opened, lock);
      project.#made = { folder: made };
      return project;
    } catch (thrown) {
      database?.close();
      lock.release();
      removeUnmade(folder, { made, parts: folders, database: databaseName });
      throw thrown;
    }
  }

  /** @throws PROJECT_NOT_FOUND, PROJECT_LOCKED, PROJECT_TOO_NEW, PROJECT_DAMAGED */
  static async open(path: string, program: string): Promise<OpenProject> {
    const folder = [resolve(path), projectFolder(path)].find((place) =>
      existsSync(join(place, databaseName)),
    );
    if (!folder) {
      throw new AtelierError(
        'PROJECT_NOT_FOUND',
        `Expected a project folder (NAME${suffix}), received ${path}, which holds none. Check the path, or make a new project there.`,
        { path },
      );
    }
    const lock = lockProject(folder, program);
    let database: Database | undefined;
    try {
      for (const part of folders) mkdirSync(join(folder, part), { recursive: true });
      database = openDatabase(join(folder, databaseName));
      await settled(database, folder);
      removeLeftovers(join(folder, 'packs'));
      removeUnusedUploads(folder, database);
      const project = new OpenProject(folder, database, lock);
      await project.columns.follow(database);
      await project.runs.failInterrupted();
      await project.studies.failInterrupted();
      await project.runs.removeFolders();
      return project;
    } catch (thrown) {
      database?.close();
      lock.release();
      if (thrown instanceof AtelierError) throw thrown;
      throw new AtelierError(
        'PROJECT_DAMAGED',
        `Expected a whole project at ${folder}, but its database cannot be read: ${(thrown as Error).message}. Put back a copy of project.sqlite.`,
        { path: folder },
        { cause: thrown },
      );
    }
  }

  /** Waits for what is being written, then lets go of the project. */
  async close(): Promise<void> {
    await this.#queue.catch(() => undefined);
    if (this.#database.isOpen) this.#database.close();
    this.#lock.release();
  }

  /**
   * Closes a project that `create` has just made and that nothing came into, and takes away what `create` put there, so that
   * it does not stand in the way of the next attempt. @throws CONFLICT where there is something to lose
   */
  async discard(): Promise<void> {
    this.requireBlank();
    await this.close();
    removeLeftovers(this.packPath(''));
    removeUnmade(this.path, { made: this.#made!.folder, parts: folders, database: databaseName });
  }

  /** @throws CONFLICT where `discard` would */
  requireBlank(): void {
    if (this.#made && this.#isBlank()) return;
    throw new AtelierError(
      'CONFLICT',
      `Expected a project that was just made and is empty, but ${this.path} holds something. It was left as it is.`,
      { path: this.path },
    );
  }

  #isBlank(): boolean {
    return ['sources', 'items', 'classes', 'journal', 'runs', 'studies'].every(
      (table) => row(this.#database, `SELECT 1 AS one FROM ${table} LIMIT 1`) === undefined,
    );
  }

  /** Runs `work` in one transaction, after every change asked for before it. */
  change<T>(work: (database: Database) => T): Promise<T> {
    return this.exclusively(async () => transaction(this.#database, () => work(this.#database)));
  }

  /** Keeps all changes waiting while `work` (a worker with a connection of its own) writes. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work, work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  #meta(key: string): string {
    return row<{ value: string }>(this.#database, 'SELECT value FROM meta WHERE key = ?', key)?.value ?? '';
  }

  summary(): Project {
    const { all, relabelled } = this.columns.counts();
    return {
      id: this.id,
      name: this.#meta('name'),
      path: this.path,
      createdAt: this.#meta('createdAt'),
      sources: this.sources(),
      classes: this.classes(),
      counts: { ...all, relabelled },
      validationShare: Number(this.#meta('validationShare')),
      splitSeed: Number(this.#meta('splitSeed')),
      ...journalHeads(this.#database),
    };
  }

  sources(): Source[] {
    return rows<Source>(
      this.#database,
      `SELECT id, kind, location, imported_at AS importedAt, items,
        (SELECT count(*) FROM set_aside WHERE source_id = sources.id) AS setAside
       FROM sources WHERE items > 0 ORDER BY id`,
    ).map((source) => ({ ...source }));
  }

  setAside(sourceId?: number): SetAside[] {
    return rows<SetAside>(
      this.#database,
      `SELECT path, reason FROM set_aside WHERE (?1 IS NULL OR source_id = ?1)
         AND source_id IN (SELECT id FROM sources WHERE items > 0) ORDER BY id`,
      sourceId ?? null,
    ).map((file) => ({ ...file }));
  }

  classes(): Class[] {
    const { byClass } = this.columns.counts();
    const none: Counts = { train: 0, validation: 0, test: 0, total: 0 };
    return rows<{ id: number; name: string }>(this.#database, 'SELECT id, name FROM classes ORDER BY id').map(
      ({ id, name }, index) => ({
        id,
        name,
        key: classKeys[index] ?? null,
        counts: { ...(byClass.get(id) ?? none) },
      }),
    );
  }

  /** A window on the filtered list, ordered by item. */
  items(
    filter: ItemFilter,
    offset: number,
    limit: number,
    cell: Cell | null,
  ): { total: number; items: Item[] } {
    const positions = this.columns.matching(filter, cell);
    const ids = Array.from(positions.subarray(offset, offset + limit), (at) => this.columns.ids[at]!);
    return { total: positions.length, items: itemsById(this.#database, ids) };
  }

  /** @throws NOT_FOUND */
  item(itemId: number): Item {
    return itemOf(this.#database, itemId);
  }

  /** @throws NOT_FOUND */
  placeOf(itemId: number): ItemPlace {
    const place = placeOf(this.#database, itemId);
    return { ...place, root: resolve(this.path, place.root) };
  }

  packPath(name: string): string {
    return join(this.path, 'packs', name);
  }

  /**
   * Gives the items the class, as one undoable step; resolves when it is on the disk.
   * @returns the items whose class changed
   */
  relabel(itemIds: number[], classId: number): Promise<number[]> {
    return this.#record(() => {
      const name = this.#className(classId);
      const before = [...new Set(itemIds)]
        .map((itemId): [number, number] => {
          const at = this.columns.positionOf(itemId);
          if (at < 0 || this.columns.removed[at]) throw noItem(itemId);
          return [itemId, this.columns.classIds[at]!];
        })
        .filter(([, was]) => was !== classId);
      if (before.length === 0) return null;
      const label =
        before.length === 1 ? `Label 1 image “${name}”` : `Label ${before.length} images “${name}”`;
      return { label, change: { kind: 'relabel', classId, before } };
    });
  }

  /** Removes images from the project, as one undoable step; their originals stay. @returns those it removed. @throws NOT_FOUND */
  removeItems(itemIds: number[]): Promise<number[]> {
    return this.#record(() => {
      const there = removable(this.columns, itemIds);
      if (there.length === 0) return null;
      return { label: removeWords(there.length), change: { kind: 'remove', itemIds: there } };
    });
  }

  /** Removes all images of a source, as one undoable step. @throws NOT_FOUND */
  removeSource(sourceId: number): Promise<number[]> {
    return this.#record((database) => {
      const { location } = sourceById(database, sourceId);
      const itemIds = itemsOfSource(database, sourceId);
      return { label: `Remove the source ${location}`, change: { kind: 'remove', itemIds } };
    });
  }

  /** @throws CONFLICT where the name is taken */
  async addClass(name: string): Promise<Class> {
    let classId = 0;
    await this.#record((database) => {
      classId = row<{ id: number }>(
        database,
        `SELECT 1 + max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'classes'), 0),
          coalesce((SELECT max(id) FROM classes), 0)) AS id`,
      )!.id;
      return { label: `Add class “${name}”`, change: { kind: 'add-class', classId, name } };
    });
    return this.classes().find(({ id }) => id === classId)!;
  }

  /** @throws NOT_FOUND, CONFLICT */
  async renameClass(classId: number, name: string): Promise<void> {
    await this.#record(() => {
      const before = this.#className(classId);
      if (before === name) return null;
      return {
        label: `Rename “${before}” to “${name}”`,
        change: { kind: 'rename-class', classId, before, after: name },
      };
    });
  }

  /** Draws the validation part anew from all that is not test data. */
  async redrawSplit(share: number, seed: number): Promise<void> {
    await this.#record((database) => {
      const pool = rows<{ id: number; class_id: number; split: number; content: string }>(
        database,
        'SELECT id, class_id, split, hex(hash) AS content FROM items WHERE split <> 2 AND removed = 0 ORDER BY id',
      );
      const drawn = drawStratified(
        pool.map(({ class_id, content }) => ({ stratum: class_id, content })),
        share,
        seed,
      );
      const moved = pool
        .map(({ id, split }, index): [number, number, number] => [id, split, drawn[index] ? 1 : 0])
        .filter(([, before, after]) => before !== after);
      const before = { share: Number(this.#meta('validationShare')), seed: Number(this.#meta('splitSeed')) };
      return {
        label: `Redraw the validation part (${Math.round(share * 100)} %)`,
        change: { kind: 'redraw-split', moved, before, after: { share, seed } },
      };
    });
  }

  /** Commits the change that `plan` makes of the present state, and brings memory up to date before the next one. */
  #record(plan: (database: Database) => { label: string; change: Change } | null): Promise<number[]> {
    return this.exclusively(async () => {
      const change = transaction(this.#database, () => {
        const planned = plan(this.#database);
        if (planned) record(this.#database, planned.label, planned.change);
        return planned?.change;
      });
      return change ? follow(this.columns, change, 'forward') : [];
    });
  }

  /** @returns the items touched. @throws CONFLICT where there is nothing to take back */
  step(direction: 'undo' | 'redo'): Promise<number[]> {
    return this.exclusively(async () => {
      let change: Change;
      try {
        change = transaction(this.#database, () => step(this.#database, direction));
      } catch (thrown) {
        if (!(thrown instanceof AtelierError) || thrown.code !== 'CONFLICT') throw thrown;
        if (!transaction(this.#database, () => forget(this.#database, direction))) throw thrown;
        throw new AtelierError(
          'CONFLICT',
          `${thrown.message} It is left as it is now, and no longer stands in the way of ${direction}.`,
          thrown.details,
          { cause: thrown },
        );
      }
      return follow(this.columns, change, direction === 'undo' ? 'backward' : 'forward');
    });
  }

  #className(classId: number): string {
    const found = row<{ name: string }>(this.#database, 'SELECT name FROM classes WHERE id = ?', classId);
    if (found) return found.name;
    throw new AtelierError('NOT_FOUND', `Expected a class of this project, received class ${classId}.`, {
      classId,
    });
  }

  /** @throws NOT_FOUND */
  source(sourceId: number): PlacedSource {
    return sourceById(this.#database, sourceId);
  }

  /** Takes in the change that a worker has made and written down in the journal. @returns the items it touched */
  async followUpdate(): Promise<number[]> {
    await this.followImport();
    return follow(this.columns, lastChange(this.#database)!.change, 'forward');
  }

  /** Number of the change that was made last and stands; 0 where there is none. */
  lastChangeId(): number {
    return lastChange(this.#database)?.id ?? 0;
  }

  /** Takes in what a worker has added to the item table. */
  followImport(): Promise<void> {
    return this.columns.follow(this.#database);
  }
}

/** Project folders bear the suffix; a name without it gets it. */
export function projectFolder(path: string): string {
  const full = resolve(path);
  return full.endsWith(suffix) ? full : full + suffix;
}
