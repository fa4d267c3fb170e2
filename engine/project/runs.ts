/**
 * Runs as the project keeps them: recipe, state, epochs, evaluations, bundles. What a run computes
 * lies in its folder runs/ID/ as files that workers write; this holds what people ask about.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, Damaged, Epoch, Origin, Run, Split, TestTime } from '#contract/entities.ts';
import { Evaluation, splitNames } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import type { Recipe } from '#contract/recipe.ts';
import { notWritten } from '#learning/model/durable-file.ts';
import { removeAnswers } from './answers.ts';
import { damagedOnes, wholeOnes } from './damaged.ts';
import { type Database, row, rows, type Value } from './database.ts';
import { columnOf, type RunChange, runOf, type RunRow, type StoredTrial } from './run-rows.ts';

export type { RunChange, StoredTrial } from './run-rows.ts';

/** A class as the run knew it, in the order of the network's outputs. */
export interface RunClass {
  id: number;
  name: string;
}

/** What a new run is besides its recipe. */
export interface RunBirth {
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

  constructor(
    private readonly database: Database,
    private readonly folder: string,
    private readonly change: <T>(work: (database: Database) => T) => Promise<T>,
  ) {}

  folderOf(runId: string): string {
    return join(this.folder, runId);
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
    const id = await this.change((database) => {
      const last = row<{ value: string }>(database, "SELECT value FROM meta WHERE key = 'lastRun'");
      const number = Number(last?.value ?? 0) + 1;
      database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('lastRun', ?)").run(String(number));
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
      mkdirSync(this.folderOf(id), { recursive: true });
    } catch (cause) {
      await this.change((database) => database.prepare('DELETE FROM runs WHERE id = ?').run(id));
      throw notWritten(this.folderOf(id), cause);
    }
    return this.get(id);
  }

  /** Newest first: runs of their own, or those of a study. Damaged ones are left out; see `wholeOnes`. */
  list(studyId?: string): Run[] {
    return wholeOnes(this.#rows(studyId), (row) => this.#entity(row));
  }

  /** Those that `list` leaves out. */
  damaged(studyId?: string): Damaged[] {
    return damagedOnes(this.#rows(studyId), (row) => this.#entity(row));
  }

  #rows(studyId?: string): RunRow[] {
    return rows<RunRow>(
      this.database,
      'SELECT * FROM runs WHERE study_id IS ? ORDER BY created_at DESC, rowid DESC',
      studyId ?? null,
    );
  }

  /** A study's runs with what it keeps about each, in the order of their numbers. */
  ofStudy(studyId: string): { run: Run; trial: StoredTrial }[] {
    return rows<RunRow & { trial: string }>(
      this.database,
      'SELECT * FROM runs WHERE study_id = ? AND trial IS NOT NULL',
      studyId,
    )
      .map((found) => ({ run: this.#entity(found), trial: JSON.parse(found.trial) as StoredTrial }))
      .sort((a, b) => a.trial.number - b.trial.number);
  }

  /** @throws NOT_FOUND */
  get(runId: string): Run {
    return this.#entity(this.#row(runId));
  }

  /** The study whose trial it is; of a damaged run too. @throws NOT_FOUND */
  studyOf(runId: string): string | null {
    return this.#row(runId).study_id;
  }

  classesOf(runId: string): RunClass[] {
    return JSON.parse(this.#row(runId).classes) as RunClass[];
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
         WHERE run_id = ? AND split = ? AND test_time = 'once' AND json_valid(evaluation)`,
        found.id,
        splitNames.indexOf(split),
      )?.accuracy ?? null;
    const epochs = rows<{ scores: string }>(
      this.database,
      'SELECT scores FROM epochs WHERE run_id = ? ORDER BY epoch',
      found.id,
    );
    return runOf(found, {
      epochs: epochs.map(({ scores }) => scores),
      accuracy: { validation: accuracy('validation'), test: accuracy('test') },
      progress: this.progress.get(found.id) ?? null,
      paused: this.paused.get(found.id) ?? null,
    });
  }

  async update(runId: string, change: RunChange): Promise<Run> {
    const fields = (Object.keys(change) as (keyof RunChange)[]).filter((key) => change[key] !== undefined);
    const values = fields.map((key): Value => {
      const value = change[key]!;
      return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
    });
    await this.change((database) =>
      database
        .prepare(`UPDATE runs SET ${fields.map((key) => `${columnOf[key]} = ?`).join(', ')} WHERE id = ?`)
        .run(...values, runId),
    );
    return this.get(runId);
  }

  /**
   * Puts one that was cancelled or has failed in the queue again; of two that ask at once, one gets it.
   * @param check in the same transaction, so that nothing comes between; may throw
   * @returns whether it was at rest
   */
  requeue(runId: string, check: () => void): Promise<boolean> {
    return this.change((database) => {
      check();
      const { changes } = database
        .prepare(
          "UPDATE runs SET state = 'queued', error = NULL, finished_at = NULL WHERE id = ? AND state IN ('cancelled', 'failed')",
        )
        .run(runId);
      return Number(changes) > 0;
    });
  }

  /**
   * Marks the run as running. What was said with the weights it had before is forgotten: evaluations, answers
   * and the bundle speak of one best epoch, and from now on that may be another.
   */
  async begin(runId: string): Promise<Run> {
    await this.change((database) => {
      database.prepare("UPDATE runs SET state = 'running' WHERE id = ?").run(runId);
      database.prepare('DELETE FROM evaluations WHERE run_id = ?').run(runId);
      database.prepare('DELETE FROM bundles WHERE run_id = ?').run(runId);
    });
    removeAnswers(this.folderOf(runId));
    return this.get(runId);
  }

  /** Keeps a finished epoch's scores. @param best its weights are the ones kept */
  async addEpoch(runId: string, epoch: Epoch, best: boolean): Promise<void> {
    await this.change((database) => {
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
    await this.change((database) => {
      database.prepare('DELETE FROM epochs WHERE run_id = ?').run(runId);
      for (const epoch of epochs) putEpoch(database, runId, epoch);
      putBest(database, runId, bestEpoch || null);
    });
  }

  /** Keeps something the person should know about the run; once, however often it is said. */
  async addNotice(runId: string, notice: string): Promise<void> {
    const { notices } = this.get(runId);
    if (notices.includes(notice)) return;
    await this.change((database) =>
      database
        .prepare('UPDATE runs SET notices = ? WHERE id = ?')
        .run(JSON.stringify([...notices, notice]), runId),
    );
  }

  async delete(runId: string): Promise<void> {
    this.#row(runId);
    await this.change((database) => database.prepare('DELETE FROM runs WHERE id = ?').run(runId));
    rmSync(this.folderOf(runId), { recursive: true, force: true });
  }

  /** @param testTime what the run says by itself is `once`; the others are kept beside it */
  evaluation(runId: string, split: Split, testTime: TestTime = 'once'): Evaluation | null {
    const found = row<{ evaluation: string }>(
      this.database,
      'SELECT evaluation FROM evaluations WHERE run_id = ? AND split = ? AND test_time = ?',
      runId,
      splitNames.indexOf(split),
      testTime,
    );
    return found ? Evaluation.parse(JSON.parse(found.evaluation)) : null;
  }

  async keepEvaluation(evaluation: Evaluation): Promise<void> {
    const { runId, split, testTime } = evaluation;
    await this.change((database) =>
      database
        .prepare(
          'INSERT OR REPLACE INTO evaluations (run_id, split, test_time, evaluation) VALUES (?, ?, ?, ?)',
        )
        .run(runId, splitNames.indexOf(split), testTime, JSON.stringify(evaluation)),
    );
  }

  bundle(runId: string): Bundle | null {
    this.#row(runId);
    const found = row<{ bundle: string }>(
      this.database,
      'SELECT bundle FROM bundles WHERE run_id = ?',
      runId,
    );
    return found ? (JSON.parse(found.bundle) as Bundle) : null;
  }

  async keepBundle(bundle: Bundle): Promise<void> {
    await this.change((database) =>
      database
        .prepare('INSERT OR REPLACE INTO bundles (run_id, bundle) VALUES (?, ?)')
        .run(bundle.runId, JSON.stringify(bundle)),
    );
  }

  /** Runs that a process which died left behind as running. They can be resumed. */
  async failInterrupted(): Promise<void> {
    const error = new AtelierError(
      'WORKER_DIED',
      'The studio ended while this training was under way. Your project is intact; resume to go on.',
    ).toWire();
    await this.change((database) =>
      database
        .prepare(
          "UPDATE runs SET state = 'failed', finished_at = ?, error = ? WHERE state IN ('running', 'queued')",
        )
        .run(new Date().toISOString(), JSON.stringify(error)),
    );
  }
}

const putEpoch = (database: Database, runId: string, epoch: Epoch) =>
  database
    .prepare('INSERT OR REPLACE INTO epochs (run_id, epoch, scores) VALUES (?, ?, ?)')
    .run(runId, epoch.epoch, JSON.stringify(epoch));

const putBest = (database: Database, runId: string, epoch: number | null) =>
  database.prepare('UPDATE runs SET best_epoch = ? WHERE id = ?').run(epoch, runId);
