/**
 * An open project: the folder NAME.atelier on disk, and the one door through which it is changed.
 * Every change is a transaction, acknowledged after it is on the disk. Runs are left to runs.ts,
 * filling a project to intake/, and all computing to jobs/.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Class, CountsChange, Item, ItemFilter, Project, SetAside, Source } from '#contract/entities.ts';
import { AtelierError, storageError } from '#contract/errors.ts';
import type { ImportFindings } from '#contract/import.ts';
import { longestClassName, longestName, readableName } from '#contract/names.ts';
import { countOf, findBadCells, Findings, noClassId, shareOf, textOf, wholeOf } from './cells.ts';
import { classesWithCounts } from './classes.ts';
import { type Cell, Columns, noCounts } from './columns.ts';
import { Connection, type ConnectionTerms } from './connection.ts';
import { type Database, row, rows } from './database.ts';
import { databaseName, projectFolder, suffix } from './folder.ts';
import { type Change, follow, forget, journalHeads, lastChange, record, step } from './journal.ts';
import { readFindings } from './findings.ts';
import {
  type ItemPlace,
  type ItemThumbnail,
  itemOf,
  itemsById,
  noItem,
  placeOf,
  thumbnailsById,
} from './items.ts';
import { removeLeftovers, removeUnmade, removeUnusedUploads } from './leftovers.ts';
import { type Lock, lockProject } from './lock.ts';
import {
  completeFolders,
  type Hold,
  makeFolders,
  projectExists,
  requireContent,
  requireFolder,
  takeHold,
} from './opening.ts';
import { itemsOfSource, type PlacedSource, removable, removeWords, sourceById } from './removal.ts';
import { RunFolders } from './run-folders.ts';
import { Runs } from './runs.ts';
import { planRedraw, type Redraw, type SplitSettings } from './redraw.ts';
import { Studies } from './studies.ts';
import { isBlank, isMarked, isUnmadeDatabase, markMaking, unmarkMaking } from './unmade.ts';

export { databaseName, projectFolder } from './folder.ts';
export const defaultSplit = { validationShare: 0.2, testShare: 0.15, seed: 1 } as const;

export class OpenProject {
  readonly columns = new Columns();
  readonly runs: Runs;
  readonly studies: Studies;
  readonly id: string;
  readonly path: string;
  readonly #findings = new Findings();
  readonly #connection: Connection;
  readonly #lock: Lock | null;
  /** Set where `create` made it; `folder` is whether the folder was not there before. */
  #made: { folder: boolean } | null = null;

  get #database(): Database {
    return this.#connection.database;
  }

  private constructor(path: string, { connection, lock }: Hold) {
    this.path = path;
    this.#connection = connection;
    this.#lock = lock;
    requireContent(connection, path);
    this.id = this.#meta('id') || randomUUID();
    const runFolders = new RunFolders(connection, join(path, 'runs'));
    this.runs = new Runs(connection, runFolders, this.#findings);
    this.studies = new Studies(connection, runFolders);
  }

  /** @throws PROJECT_EXISTS, FILE_NOT_WRITABLE, DISK_FULL */
  static async create(path: string, name: string | undefined, program: string): Promise<OpenProject> {
    const folder = projectFolder(path);
    const made = makeFolders(folder);
    let lock: Lock | undefined;
    let connection: Connection | undefined;
    /** Whether what is in the folder is for this call to fill, and to take away where that fails. */
    let ours = made;
    try {
      lock = lockProject(folder, program);
      ours ||= !existsSync(join(folder, databaseName));
      connection = await Connection.open(join(folder, databaseName), true);
      await connection.settled();
      await connection.change((database) => {
        // Another process may have made one since the folder was looked at.
        ours = isUnmadeDatabase(database);
        if (!ours) throw projectExists(folder);
        const put = database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
        put.run('id', randomUUID());
        put.run('name', name?.trim() || readableName(basename(folder, suffix), longestName));
        put.run('createdAt', new Date().toISOString());
        put.run('validationShare', String(defaultSplit.validationShare));
        put.run('splitSeed', String(defaultSplit.seed));
        markMaking(database);
      });
      const project = new OpenProject(folder, { connection, lock });
      project.#made = { folder: made };
      removeLeftovers(project.packPath(''));
      removeUnusedUploads(folder, project.#database);
      return project;
    } catch (thrown) {
      await connection?.close();
      // Whoever holds the lock has a project there, or is making one.
      const held = thrown instanceof AtelierError && thrown.code === 'PROJECT_LOCKED';
      if (ours && !held) removeUnmade(folder, made, lock);
      lock?.release();
      throw held ? projectExists(folder, thrown) : thrown;
    }
  }

  /**
   * Opens it to work, or, where nothing can be written, to look: `readOnly` of its summary says why.
   * @throws PROJECT_NOT_FOUND, PROJECT_LOCKED, PROJECT_TOO_NEW, PROJECT_DAMAGED, and all that `storageError` knows
   */
  static async open(path: string, program: string, terms?: ConnectionTerms): Promise<OpenProject> {
    const folder = requireFolder(path);
    const hold = await takeHold(folder, program, terms);
    try {
      const project = new OpenProject(folder, hold);
      await project.#begin();
      return project;
    } catch (thrown) {
      await hold.connection.close();
      hold.lock?.release();
      throw storageError(thrown, { kind: 'project', path: folder, doing: 'read' }) ?? thrown;
    }
  }

  /** Reads what is held in memory, and brings in order what a process that died left. */
  async #begin(): Promise<void> {
    if (this.#lock && !this.#connection.stopped) {
      await this.#connection.settled();
      removeUnusedUploads(this.path, this.#database);
    }
    findBadCells(this.#database, this.#findings);
    await this.columns.follow(this.#database, this.#findings);
    // Nobody else works on it: what is said to be under way is not.
    if (this.#lock) {
      await this.runs.failInterrupted();
      await this.studies.failInterrupted();
    }
    if (this.#connection.stopped) return;
    completeFolders(this.path);
    if (isMarked(this.#database)) await this.#connection.change(unmarkMaking);
    await this.runs.removeFolders();
  }

  /** Waits for what is being written, then lets go of the project. */
  async close(): Promise<void> {
    // It was made, and left on purpose: another one is not made in its place.
    if (this.#made && isBlank(this.#database))
      await this.#connection.change(unmarkMaking).catch(() => undefined);
    await this.#connection.close();
    this.#lock?.release();
  }

  /** Told when changes begin to be refused, as where the file was taken away, and when they are taken again. */
  onStopped(tell: () => void): void {
    this.#connection.onStopped = tell;
  }

  /** Why nothing can be changed; null where all can. */
  get stopped(): AtelierError | null {
    return this.#connection.stopped;
  }

  /** @throws why nothing can be changed: PROJECT_READ_ONLY, PROJECT_REPLACED, DISK_FULL */
  requireWritable(): void {
    this.#connection.requireWritable();
  }

  /**
   * Closes a project that `create` has just made and that nothing came into, and takes away what `create` put there, so that
   * it does not stand in the way of the next attempt. @throws CONFLICT where there is something to lose
   */
  async discard(): Promise<void> {
    this.requireBlank();
    await this.#connection.close();
    removeLeftovers(this.packPath(''));
    removeUnmade(this.path, this.#made!.folder, this.#lock!);
  }

  /** @throws CONFLICT where `discard` would */
  requireBlank(): void {
    if (this.#made && isBlank(this.#database)) return;
    throw new AtelierError(
      'CONFLICT',
      `Expected a project that was just made and is empty, but ${this.path} holds something. It was left as it is.`,
      { path: this.path },
    );
  }

  /** Runs `work` in one transaction, after every change asked for before it. */
  change<T>(work: (database: Database) => T): Promise<T> {
    return this.#connection.change(work);
  }

  /** Keeps all changes waiting while `work` (a worker with a connection of its own) writes. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#connection.exclusively(work);
  }

  #meta(key: string): string {
    return textOf(
      row<{ value: unknown }>(this.#database, 'SELECT value FROM meta WHERE key = ?', key)?.value,
    );
  }

  summary(): Project {
    const { all, relabelled, fixed } = this.columns.counts();
    const { validationShare, testShare, seed } = this.#splitSettings();
    return {
      id: this.id,
      name: readableName(this.#meta('name'), longestClassName),
      path: this.path,
      createdAt: this.#meta('createdAt'),
      sources: this.sources(),
      classes: this.classes(),
      counts: { ...all, relabelled, fixed },
      validationShare,
      testShare,
      splitSeed: seed,
      ...journalHeads(this.#database),
      readOnly: this.#connection.stopped?.toWire() ?? null,
      problems: this.#findings.list(),
    };
  }

  sources(): Source[] {
    return rows<Source>(
      this.#database,
      `SELECT id, kind, location, imported_at AS importedAt, items,
        (SELECT count(*) FROM set_aside WHERE source_id = sources.id) AS setAside
       FROM sources WHERE id > 0 AND id < ${noClassId} AND (typeof(items) <> 'integer' OR items > 0) ORDER BY id`,
    ).map(({ id, kind, location, importedAt, items, setAside }) => ({
      id,
      kind: kind === 'idx' ? 'idx' : 'folder',
      location: textOf(location),
      importedAt: textOf(importedAt),
      items: wholeOf(items, 0, noClassId, 0),
      setAside,
    }));
  }

  setAside(sourceId?: number): SetAside[] {
    return rows<SetAside>(
      this.#database,
      `SELECT path, reason FROM set_aside WHERE (?1 IS NULL OR source_id = ?1)
         AND source_id IN (SELECT id FROM sources WHERE items > 0) ORDER BY id`,
      sourceId ?? null,
    ).map(({ path, reason }) => ({ path: textOf(path), reason: textOf(reason) }));
  }

  /** Of one source, or of all. */
  findings(sourceId: number | null = null): ImportFindings {
    return readFindings(this.#database, sourceId);
  }

  classes(): Class[] {
    return classesWithCounts(this.#database, this.columns);
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

  thumbnailsById(ids: readonly number[]): ItemThumbnail[] {
    return thumbnailsById(this.#database, ids);
  }

  packPath(name: string): string {
    return join(this.path, 'packs', name);
  }

  /**
   * Gives the items the class, as one undoable step; resolves when it is on the disk.
   * @returns the items whose class changed, and the classes that have more or fewer images since
   */
  async relabel(itemIds: number[], classId: number): Promise<{ itemIds: number[]; classIds: number[] }> {
    const classIds = new Set<number>();
    const changed = await this.#record(() => {
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
      for (const [, was] of before) classIds.add(was);
      classIds.add(classId);
      return { label, change: { kind: 'relabel', classId, before } };
    });
    return { itemIds: changed, classIds: [...classIds] };
  }

  /** What stands differently in `summary` where only these classes' counts and the journal changed. */
  countsChange(classIds: readonly number[]): CountsChange {
    const { byClass, all, relabelled, fixed } = this.columns.counts();
    return {
      projectId: this.id,
      classes: classIds.map((id) => ({ id, counts: { ...(byClass.get(id) ?? noCounts()) } })),
      counts: { ...all, relabelled, fixed },
      ...journalHeads(this.#database),
    };
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
        `SELECT 1 + max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'classes' AND seq < ${noClassId}), 0),
          coalesce((SELECT max(id) FROM classes WHERE id < ${noClassId}), 0)) AS id`,
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

  /** Draws the validation part anew, and the test part where its share is given; one undoable step. @throws CONFLICT */
  async redrawSplit(
    validationShare: number,
    seed: number,
    also: Pick<Redraw, 'testShare' | 'fixed'> = {},
  ): Promise<void> {
    await this.#record((database) =>
      planRedraw(database, this.columns, this.#splitSettings(), { validationShare, seed, ...also }),
    );
  }

  #splitSettings(): SplitSettings {
    return {
      validationShare: shareOf(this.#meta('validationShare')) ?? defaultSplit.validationShare,
      testShare: shareOf(this.#meta('testShare')) ?? defaultSplit.testShare,
      seed: countOf(this.#meta('splitSeed')) ?? defaultSplit.seed,
    };
  }

  /** Commits the change that `plan` makes of the present state, and brings memory up to date before the next one. */
  #record(plan: (database: Database) => { label: string; change: Change } | null): Promise<number[]> {
    return this.#connection.inTurn(async () => {
      const change = await this.#connection.commit((database) => {
        const planned = plan(database);
        if (planned) record(database, planned.label, planned.change);
        return planned?.change;
      });
      return change ? follow(this.columns, change, 'forward') : [];
    });
  }

  /** @returns the items touched. @throws CONFLICT where there is nothing to take back */
  step(direction: 'undo' | 'redo'): Promise<number[]> {
    return this.#connection.inTurn(async () => {
      let change: Change;
      try {
        change = await this.#connection.commit((database) => step(database, direction));
      } catch (thrown) {
        if (!(thrown instanceof AtelierError) || thrown.code !== 'CONFLICT') throw thrown;
        if (!(await this.#connection.commit((database) => forget(database, direction)))) throw thrown;
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
    return this.columns.follow(this.#database, this.#findings);
  }
}
