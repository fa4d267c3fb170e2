/**
 * An open project: the folder NAME.atelier on disk, and the one door through which it is changed.
 * Every change is a transaction, acknowledged after it is on the disk. What a change comes to is left to plans.ts, doing it
 * to journal.ts, runs to runs.ts, filling a project to intake/, and all computing to jobs/.
 */
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { AtelierError, storageError } from '#contract/errors.ts';
import type {
  Class,
  CountsChange,
  Item,
  ItemFilter,
  Project,
  SkippedFile,
  Source,
} from '#contract/project.ts';
import { findBadCells, DatabaseProblems, unlabelled } from './database-problems.ts';
import { classesWithCounts } from './classes.ts';
import { type BehindCells, Columns } from './columns.ts';
import type { Connection, ConnectionTerms } from './connection.ts';
import type { Database } from './database.ts';
import { type PlacedSource, readSkippedAndNotices, skippedFiles, sourceById, sourcesOf } from './sources.ts';
import { type Change, follow, forget, lastChange, passedOver, record, step } from './journal.ts';
import { ImageGroups } from './image-groups.ts';
import { type ItemPlace, type ItemThumbnail, itemOf, itemsById, placeOf, thumbnailsById } from './items.ts';
import { removeLeftovers, removeUnmade, removeUnusedUploads } from './leftovers.ts';
import { labelRows } from './label-table.ts';
import type { Lock } from './lock.ts';
import {
  completeFolders,
  type Hold,
  makeProject,
  requireBlank,
  requireContent,
  requireFolder,
  takeHold,
} from './opening.ts';
import { type Plan, planNewClass, planRelabel, planRemoval, planRename, planSourceRemoval } from './plans.ts';
import { noteRepair, Repairs } from './repairs.ts';
import { RunFolders } from './run-folders.ts';
import { Runs } from './runs.ts';
import { settingOf } from './settings.ts';
import { countsChange, summaryOf } from './summary.ts';
import { Studies } from './studies.ts';
import { TestParts } from './test-part.ts';
import { isBlank, isMarked, unmarkMaking } from './unmade.ts';

/** The items whose class changed, and the classes that have more or fewer images since. */
interface Labelled {
  itemIds: number[];
  classIds: number[];
}

export class OpenProject {
  readonly columns = new Columns();
  readonly runs: Runs;
  readonly studies: Studies;
  readonly groups: ImageGroups;
  readonly testParts: TestParts;
  readonly repairs: Repairs;
  readonly id: string;
  readonly path: string;
  readonly #problems = new DatabaseProblems();
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
    this.id = settingOf(connection.database, 'id') || randomUUID();
    const runFolders = new RunFolders(connection, join(path, 'runs'));
    this.runs = new Runs(connection, runFolders, this.#problems);
    this.studies = new Studies(connection, runFolders);
    this.groups = new ImageGroups(connection, this.columns);
    this.testParts = new TestParts(connection, this.columns);
    this.repairs = new Repairs(connection, this.columns);
  }

  /** @throws PROJECT_EXISTS, FILE_NOT_WRITABLE, DISK_FULL */
  static create(path: string, name: string | undefined, program: string): Promise<OpenProject> {
    return makeProject(path, name, program, (folder, hold, made) => {
      const project = new OpenProject(folder, hold);
      project.#made = { folder: made };
      return project;
    });
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
    findBadCells(this.#database, this.#problems);
    await this.columns.follow(this.#database, this.#problems);
    // Nobody else works on it: what is said to be under way is not.
    if (this.#lock) {
      await this.runs.ends.failInterrupted();
      await this.studies.ends.failInterrupted();
    }
    if (this.#connection.stopped) return;
    completeFolders(this.path);
    if (isMarked(this.#database)) await this.#connection.change(unmarkMaking);
    await this.runs.removeFolders();
    await this.testParts.complete();
  }

  /** Waits for what is being written, then lets go of the project. */
  async close(): Promise<void> {
    // It was made, and left on purpose: another one is not made in its place.
    const made = this.#made;
    // Left once: a second call finds nothing open.
    this.#made = null;
    if (made && isBlank(this.#database)) await this.#connection.change(unmarkMaking).catch(() => undefined);
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
    requireBlank(this.#database, this.path, this.#made !== null);
  }

  /** Runs `work` in one transaction, after every change asked for before it. */
  change<T>(work: (database: Database) => T): Promise<T> {
    return this.#connection.change(work);
  }

  /** What the database says now. */
  read<T>(work: (database: Database) => T): T {
    return work(this.#database);
  }

  /** Keeps all changes waiting while `work` (a worker with a connection of its own) writes. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#connection.exclusively(work);
  }

  summary(): Project {
    return {
      ...summaryOf(this.#database, this.columns, this.id),
      path: this.path,
      readOnly: this.#connection.stopped?.toWire() ?? null,
      problems: this.#problems.list(),
    };
  }

  sources = (): Source[] => sourcesOf(this.#database);

  /** Of one source, or of all. */
  skippedFiles = (sourceId: number | null = null): SkippedFile[] => skippedFiles(this.#database, sourceId);

  /** Of one source, or of all. */
  skippedAndNotices = (sourceId: number | null = null) => readSkippedAndNotices(this.#database, sourceId);

  classes = (): Class[] => classesWithCounts(this.#database, this.columns);

  /** A window on the filtered list, in its order. */
  items(filter: ItemFilter, offset: number, limit: number, behind: BehindCells | null) {
    const positions = this.columns.matching(filter, behind);
    const ids = this.#idsOf(positions, offset, limit);
    const found = new Map(itemsById(this.#database, ids).map((item) => [item.id, item]));
    return { total: positions.length, items: ids.flatMap((id) => found.get(id) ?? []) };
  }

  /** The ids of such a window, of a filter without cells; fewer where the list ends. */
  idsAt(filter: ItemFilter, offset: number, limit: number): number[] {
    return this.#idsOf(this.columns.matching(filter), offset, limit);
  }

  #idsOf(positions: Int32Array, offset: number, limit: number): number[] {
    return Array.from(positions.subarray(offset, offset + limit), (at) => this.columns.ids[at]!);
  }

  /** In the order of their ids; unknown ones are left out. */
  itemsById = (itemIds: number[]): Item[] => itemsById(this.#database, itemIds);

  labelRows = (after: number, limit: number) => labelRows(this.#database, this.columns, after, limit);

  /** @throws NOT_FOUND */
  item = (itemId: number): Item => itemOf(this.#database, itemId);

  /** @throws NOT_FOUND */
  placeOf(itemId: number): ItemPlace {
    const place = placeOf(this.#database, itemId);
    return { ...place, root: resolve(this.path, place.root) };
  }

  thumbnailsById = (ids: readonly number[]): ItemThumbnail[] => thumbnailsById(this.#database, ids);

  packPath(name: string): string {
    return join(this.path, 'packs', name);
  }

  /** Gives the items the class, or takes their label away (null). See `label`. */
  relabel(itemIds: number[], classId: number | null): Promise<Labelled> {
    return this.label((database) => planRelabel(database, this.columns, itemIds, classId));
  }

  /** Gives images their classes as planned, as one undoable step; resolves when it is on the disk. @throws what `plan` throws */
  async label(plan: (database: Database) => Plan | null): Promise<Labelled> {
    const classIds = new Set<number>();
    const itemIds = await this.record((database) => {
      const planned = plan(database);
      const changes = planned?.change.kind === 'group' ? planned.change.changes : [planned?.change];
      for (const change of changes)
        if (change?.kind === 'relabel')
          for (const id of [change.classId, ...change.before.map(([, was]) => was)]) classIds.add(id);
      return planned;
    });
    classIds.delete(unlabelled);
    return { itemIds, classIds: [...classIds] };
  }

  /** What stands differently in `summary` where only these classes' counts and the journal changed. */
  countsChange(classIds: readonly number[]): CountsChange {
    return countsChange(this.#database, this.columns, this.id, classIds);
  }

  /** Removes images from the project, as one undoable step; their originals stay. @returns those it removed. @throws NOT_FOUND */
  removeItems(itemIds: number[]): Promise<number[]> {
    return this.record(() => planRemoval(this.columns, itemIds));
  }

  /** Removes all images of a source, as one undoable step. @throws NOT_FOUND */
  removeSource(sourceId: number): Promise<number[]> {
    return this.record((database) => planSourceRemoval(database, sourceId));
  }

  /** @throws CONFLICT where the name is taken */
  async addClass(name: string): Promise<Class> {
    let classId = 0;
    await this.record((database) => {
      const plan = planNewClass(database, name);
      classId = plan.change.classId;
      return plan;
    });
    return this.classes().find(({ id }) => id === classId)!;
  }

  /** @throws NOT_FOUND, CONFLICT */
  async renameClass(classId: number, name: string): Promise<void> {
    await this.record((database) => planRename(database, classId, name));
  }

  /**
   * Commits the change that `plan` makes of the present state, and brings memory up to date before the next one.
   * @returns the items touched. @throws what `plan` throws; CONFLICT where it moves images of a used test part without a yes
   */
  record(plan: (database: Database) => Plan | null, acceptNewTest = false): Promise<number[]> {
    return this.#connection.inTurn(async () => {
      const change = await this.#connection.commit((database) => {
        const planned = plan(database);
        if (!planned) return undefined;
        this.testParts.requireKept(planned.change, acceptNewTest);
        record(database, planned.label, planned.change);
        noteRepair(database, this.columns, planned.change);
        return planned.change;
      });
      return change ? follow(this.columns, change, true) : [];
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
        throw passedOver(thrown, direction);
      }
      return follow(this.columns, change, direction === 'redo');
    });
  }

  /** @throws NOT_FOUND */
  source = (sourceId: number): PlacedSource => sourceById(this.#database, sourceId);

  /** Takes in the change that a worker has made and written down in the journal. @returns the items it touched */
  async followUpdate(): Promise<number[]> {
    await this.followImport();
    return follow(this.columns, lastChange(this.#database)!.change, true);
  }

  /** Number of the change that was made last and stands; 0 where there is none. */
  lastChangeId(): number {
    return lastChange(this.#database)?.id ?? 0;
  }

  /** Takes in what a worker has added to the item table. */
  followImport(): Promise<void> {
    return this.columns.follow(this.#database, this.#problems);
  }
}
