/**
 * Runs as the project keeps them: recipe, state, epochs, evaluations, exports. What a run computes
 * lies in its folder runs/ID/ as files that workers write; this holds what people ask about.
 */
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { ExportedRun } from '#contract/exporters.ts';
import { AtelierError } from '#contract/errors.ts';
import { Evaluation, type Tta } from '#contract/evaluation.ts';
import { type Split, splitNames } from '#contract/project.ts';
import { completed } from '#recipe/metrics/scores.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { Damaged, Epoch, Origin, Run } from '#contract/run.ts';
import { removeAnswerRule } from '#learning/answers/answer-rule-file.ts';
import { removePredictions } from './prediction-files.ts';
import type { DatabaseProblems } from './database-problems.ts';
import type { Connection } from './connection.ts';
import { damagedOnes, jsonOf, wholeOnes } from './damaged.ts';
import { type Database, row, rows, updateRow } from './database.ts';
import type { RunFolders } from './run-folders.ts';
import { noteUse } from './test-uses.ts';
import { StatefulRows } from './stateful-rows.ts';
import {
  classesIn,
  type RunChange,
  type RunClass,
  runOf,
  type RunRow,
  type StoredTrial,
} from './run-rows.ts';

export type { RunChange, RunClass, StoredTrial } from './run-rows.ts';

/** How a run ended. */
type RunEnd = Pick<RunChange, 'state' | 'error' | 'finishedAt'>;

/** What a new run is besides its recipe. */
interface RunBirth {
  origin?: Origin | undefined;
  /** The study whose trial it is, with what that keeps about it. */
  studyId?: string;
  trial?: StoredTrial;
}

export class Runs {
  /** Progress of the runs that train now; it is not worth a write to the disk. */
  readonly progress = new Map<string, NonNullable<Run['progress']>>();
  /** Why runs that train now wait; not written either, for a full disk is such a reason. */
  readonly paused = new Map<string, NonNullable<Run['paused']>>();
  readonly ends: StatefulRows<RunEnd>;

  constructor(
    private readonly connection: Pick<Connection, 'database' | 'change'>,
    private readonly folders: RunFolders,
    private readonly problems: DatabaseProblems,
  ) {
    this.ends = new StatefulRows('run', connection);
  }

  get database(): Database {
    return this.connection.database;
  }

  folderOf(runId: string): string {
    return this.folders.pathOf(runId);
  }

  /** @throws DISK_FULL, FILE_NOT_WRITABLE; there is no run then */
  async create(
    recipe: Recipe,
    name: string,
    classes: RunClass[],
    parameters: number,
    { origin, studyId, trial }: RunBirth = {},
  ): Promise<Run> {
    const json = (value: object | undefined) => (value === undefined ? null : JSON.stringify(value));
    const id = await this.connection.change((database) => {
      const number = this.ends.nextNumber(database);
      const id = `run-${number}`;
      database
        .prepare(
          `INSERT INTO runs (id, name, state, created_at, recipe, classes, parameters, origin, study_id, trial)
           VALUES (?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          id,
          name || `${recipe.name} ${number}`,
          new Date().toISOString(),
          JSON.stringify(recipe),
          JSON.stringify(classes),
          parameters,
          json(origin),
          studyId ?? null,
          json(trial),
        );
      return id;
    });
    try {
      this.folders.make(id);
    } catch (thrown) {
      await this.connection.change((database) => database.prepare('DELETE FROM runs WHERE id = ?').run(id));
      throw thrown;
    }
    return this.get(id);
  }

  /** Newest first: runs of their own, or those of a study. Damaged ones are left out; see `wholeOnes`. */
  list(studyId?: string): Promise<Run[]> {
    return inTurns(this.#rows(studyId), (some) => wholeOnes(some, (row) => this.#entity(row)));
  }

  /** Those that `list` leaves out. */
  damaged(studyId?: string): Promise<Damaged[]> {
    return inTurns(this.#rows(studyId), (some) => damagedOnes(some, (row) => this.#entity(row)));
  }

  #rows(studyId?: string): RunRow[] {
    return rows<RunRow>(
      this.database,
      'SELECT * FROM runs WHERE study_id IS ? ORDER BY created_at DESC, rowid DESC',
      studyId ?? null,
    );
  }

  /** @throws NOT_FOUND */
  get(runId: string): Run {
    return this.#entity(this.#row(runId));
  }

  /** The study whose trial it is; of a damaged run too. @throws NOT_FOUND */
  studyOf(runId: string): string | null {
    return this.#row(runId).study_id;
  }

  /** @throws NOT_FOUND, PROJECT_DAMAGED */
  classesOf(runId: string): RunClass[] {
    return classesIn(this.#row(runId));
  }

  #row(runId: string): RunRow {
    const found = row<RunRow>(this.database, 'SELECT * FROM runs WHERE id = ?', runId);
    if (!found)
      throw new AtelierError('NOT_FOUND', `Expected a run of this project, received ${runId}.`, { runId });
    return found;
  }

  #entity(found: RunRow): Run {
    const accuracy = (split: Split) =>
      row<{ accuracy: number }>(
        this.database,
        `SELECT evaluation ->> '$.accuracy' AS accuracy FROM evaluations
         WHERE run_id = ? AND split = ? AND test_time = 'none' AND typeof(evaluation) = 'text'
         AND json_valid(evaluation) AND json_type(evaluation, '$.accuracy') IN ('real', 'integer')`,
        found.id,
        splitNames.indexOf(split),
      )?.accuracy ?? null;
    const labels = row<{ version: unknown; at: unknown }>(
      this.database,
      `SELECT evaluation ->> '$.labelsVersion' AS version, evaluation ->> '$.evaluatedAt' AS at FROM evaluations
       WHERE run_id = ? AND split = 2 AND test_time = 'none' AND json_valid(evaluation)`,
      found.id,
    );
    const epochs = rows<{ scores: string }>(
      this.database,
      'SELECT scores FROM epochs WHERE run_id = ? ORDER BY epoch',
      found.id,
    );
    const run = runOf(found, {
      epochs: epochs.map(({ scores }) => scores),
      accuracy: { validation: accuracy('validation'), test: accuracy('test') },
      testLabels:
        typeof labels?.version === 'string' && typeof labels.at === 'string'
          ? { version: labels.version, evaluatedAt: labels.at }
          : null,
      progress: this.progress.get(found.id) ?? null,
      paused: this.paused.get(found.id) ?? null,
    });
    return { ...run, ...this.ends.endOf(found.id) };
  }

  async update(runId: string, change: RunChange): Promise<Run> {
    await this.connection.change((database) => updateRow(database, 'runs', runId, change));
    if (change.state !== undefined) this.ends.forget(runId);
    return this.get(runId);
  }

  /**
   * Marks the run as running. What was said with the weights it had before is forgotten: evaluations, answers, the answer rule
   * and the bundle speak of one best epoch, and from now on that may be another. After a loss of power its row may
   * be there without its folder.
   * @throws DISK_FULL, FILE_NOT_WRITABLE
   */
  async begin(runId: string): Promise<Run> {
    this.requireFolder(runId);
    await this.connection.change((database) => {
      database.prepare("UPDATE runs SET state = 'running' WHERE id = ?").run(runId);
      database.prepare('DELETE FROM evaluations WHERE run_id = ?').run(runId);
      database.prepare('DELETE FROM bundles WHERE run_id = ?').run(runId);
    });
    removePredictions(this.folderOf(runId));
    removeAnswerRule(this.folderOf(runId));
    return this.get(runId);
  }

  /** Makes a run's folder where it is missing. @throws DISK_FULL, FILE_NOT_WRITABLE */
  requireFolder(runId: string): void {
    this.folders.make(runId);
  }

  /** Keeps a finished epoch's scores. @param best its weights are the ones kept */
  async addEpoch(runId: string, epoch: Epoch, best: boolean): Promise<void> {
    await this.connection.change((database) => {
      putEpoch(database, runId, epoch);
      if (best) putBest(database, runId, epoch.epoch);
    });
  }

  /**
   * Brings the epochs in line with the checkpoint that a training goes on from: the one told last may be
   * missing here when the studio died, or be too much where a damaged checkpoint was passed over.
   * @param bestEpoch 0 where there is none
   */
  async setEpochs(runId: string, epochs: readonly Epoch[], bestEpoch: number): Promise<void> {
    await this.connection.change((database) => {
      database.prepare('DELETE FROM epochs WHERE run_id = ?').run(runId);
      for (const epoch of epochs) putEpoch(database, runId, epoch);
      putBest(database, runId, bestEpoch || null);
    });
  }

  /** Keeps something the person should know about the run; once, however often it is said. */
  async addNotice(runId: string, notice: string): Promise<void> {
    const { notices } = this.get(runId);
    if (notices.includes(notice)) return;
    await this.connection.change((database) =>
      database
        .prepare('UPDATE runs SET notices = ? WHERE id = ?')
        .run(JSON.stringify([...notices, notice]), runId),
    );
  }

  /** @throws NOT_FOUND */
  async delete(runId: string): Promise<void> {
    this.#row(runId);
    await this.folders.delete([runId], (database) =>
      database.prepare('DELETE FROM runs WHERE id = ?').run(runId),
    );
    this.ends.forget(runId);
    await this.removeFolders();
  }

  /** Removes what is left of deleted runs. */
  removeFolders(): Promise<void> {
    return this.folders.remove();
  }

  /** With metrics that came later, where the counts are enough for them. @param tta the run's own figures are those of `none`; the others are kept beside them */
  evaluation(runId: string, split: Split, tta: Tta = 'none'): Evaluation | null {
    const found = row<{ evaluation: string }>(
      this.database,
      'SELECT evaluation FROM evaluations WHERE run_id = ? AND split = ? AND test_time = ?',
      runId,
      splitNames.indexOf(split),
      tta,
    );
    const read = found && Evaluation.safeParse({ ...(jsonOf(found.evaluation) as object), tta });
    if (read && !read.success)
      this.problems.say(`The evaluation of ${runId} on the ${split} part cannot be read. Evaluate it again.`);
    return read?.success ? completed(read.data) : null;
  }

  /** When the evaluation without test-time augmentation was made; null where there is none. Cheap, however many classes there are. */
  evaluatedAt(runId: string, split: Split): string | null {
    const found = row<{ at: unknown }>(
      this.database,
      `SELECT CASE WHEN json_valid(evaluation) THEN json_extract(evaluation, '$.evaluatedAt') END AS at
       FROM evaluations WHERE run_id = ? AND split = ? AND test_time = 'none'`,
      runId,
      splitNames.indexOf(split),
    );
    return typeof found?.at === 'string' ? found.at : null;
  }

  /** The run of the newest evaluation without test-time augmentation; null where there is none. */
  lastEvaluated(): string | null {
    const found = row<{ id: string }>(
      this.database,
      `SELECT run_id AS id FROM evaluations WHERE test_time = 'none' AND json_valid(evaluation)
       ORDER BY evaluation ->> '$.evaluatedAt' DESC LIMIT 1`,
    );
    return found?.id ?? null;
  }

  /** @param part ids of the images of the part, ascending */
  async keepEvaluation(evaluation: Evaluation, part: Int32Array): Promise<void> {
    const { runId, split, tta, partVersion } = evaluation;
    await this.connection.change((database) => {
      database
        .prepare(
          'INSERT OR REPLACE INTO evaluations (run_id, split, test_time, evaluation) VALUES (?, ?, ?, ?)',
        )
        .run(runId, splitNames.indexOf(split), tta, JSON.stringify(evaluation));
      if (split === 'test' && partVersion !== null)
        noteUse(database, { version: partVersion, members: part }, 'evaluation', [runId]);
    });
  }

  /** The last export; its table has the name of the first format. */
  exported(runId: string): ExportedRun | null {
    this.#row(runId);
    const found = row<{ bundle: string }>(
      this.database,
      'SELECT bundle FROM bundles WHERE run_id = ?',
      runId,
    );
    const read = found && ExportedRun.safeParse(jsonOf(found.bundle));
    if (read && !read.success)
      this.problems.say(`What is kept of the export of ${runId} cannot be read. Export it again.`);
    return read?.data ?? null;
  }

  async keepExport(exported: ExportedRun): Promise<void> {
    await this.connection.change((database) =>
      database
        .prepare('INSERT OR REPLACE INTO bundles (run_id, bundle) VALUES (?, ?)')
        .run(exported.runId, JSON.stringify(exported)),
    );
  }
}

const rowsPerTurn = 25;

/** Reads many rows, and gives way to other work now and then: a study can have a thousand runs. */
async function inTurns<Row, T>(all: readonly Row[], read: (some: readonly Row[]) => T[]): Promise<T[]> {
  const done: T[] = [];
  for (let at = 0; at < all.length; at += rowsPerTurn) {
    if (at > 0) await turnOfEventLoop();
    done.push(...read(all.slice(at, at + rowsPerTurn)));
  }
  return done;
}

const putEpoch = (database: Database, runId: string, epoch: Epoch) =>
  database
    .prepare('INSERT OR REPLACE INTO epochs (run_id, epoch, scores) VALUES (?, ?, ?)')
    .run(runId, epoch.epoch, JSON.stringify(epoch));

const putBest = (database: Database, runId: string, epoch: number | null) =>
  database.prepare('UPDATE runs SET best_epoch = ? WHERE id = ?').run(epoch, runId);
