/**
 * Runs as the project keeps them: recipe, state, epochs, evaluations, bundles. What a run computes
 * lies in its folder runs/ID/ as files that workers write; this holds what people ask about.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, EngineInfo, Epoch, Evaluation, Run, Split } from '#contract/entities.ts';
import { splitNames } from '#contract/entities.ts';
import { AtelierError, type WireError } from '#contract/errors.ts';
import type { Recipe } from '#contract/recipe.ts';
import { removeAnswers } from './answers.ts';
import { type Database, row, rows, type Value } from './database.ts';

/** A class as the run knew it, in the order of the network's outputs. */
export interface RunClass {
  id: number;
  name: string;
}

interface RunRow {
  id: string;
  name: string;
  state: Run['state'];
  created_at: string;
  finished_at: string | null;
  recipe: string;
  classes: string;
  engine: string | null;
  parameters: number | null;
  best_epoch: number | null;
  images_per_second: number | null;
  error: string | null;
  notices: string;
}

export interface RunChange {
  name?: string;
  state?: Run['state'];
  finishedAt?: string | null;
  engine?: EngineInfo;
  parameters?: number;
  imagesPerSecond?: number;
  error?: WireError | null;
}

const columnOf: Record<keyof RunChange, string> = {
  name: 'name',
  state: 'state',
  finishedAt: 'finished_at',
  engine: 'engine',
  parameters: 'parameters',
  imagesPerSecond: 'images_per_second',
  error: 'error',
};

export class Runs {
  /** Progress of the runs that train now; it is not worth a write to the disk. */
  readonly progress = new Map<string, NonNullable<Run['progress']>>();

  constructor(
    private readonly database: Database,
    private readonly folder: string,
    private readonly change: <T>(work: (database: Database) => T) => Promise<T>,
  ) {}

  folderOf(runId: string): string {
    return join(this.folder, runId);
  }

  async create(recipe: Recipe, name: string, classes: RunClass[], parameters: number): Promise<Run> {
    const id = await this.change((database) => {
      const last = row<{ value: string }>(database, "SELECT value FROM meta WHERE key = 'lastRun'");
      const number = Number(last?.value ?? 0) + 1;
      database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('lastRun', ?)").run(String(number));
      const id = `run-${number}`;
      database
        .prepare(
          "INSERT INTO runs (id, name, state, created_at, recipe, classes, parameters) VALUES (?, ?, 'queued', ?, ?, ?, ?)",
        )
        .run(
          id,
          name || `${recipe.name} ${number}`,
          new Date().toISOString(),
          JSON.stringify(recipe),
          JSON.stringify(classes),
          parameters,
        );
      return id;
    });
    mkdirSync(this.folderOf(id), { recursive: true });
    return this.get(id);
  }

  list(): Run[] {
    return rows<RunRow>(this.database, 'SELECT * FROM runs ORDER BY created_at DESC, rowid DESC').map(
      (found) => this.#entity(found),
    );
  }

  /** @throws NOT_FOUND */
  get(runId: string): Run {
    return this.#entity(this.#row(runId));
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
    const accuracy = (split: Split) => this.evaluation(found.id, split)?.accuracy ?? null;
    const epochs = rows<{ scores: string }>(
      this.database,
      'SELECT scores FROM epochs WHERE run_id = ? ORDER BY epoch',
      found.id,
    ).map(({ scores }) => JSON.parse(scores) as Epoch);
    const best = epochs.find(({ epoch }) => epoch === found.best_epoch);
    return {
      id: found.id,
      name: found.name,
      state: found.state,
      createdAt: found.created_at,
      finishedAt: found.finished_at,
      recipe: JSON.parse(found.recipe) as Recipe,
      engine: found.engine === null ? null : (JSON.parse(found.engine) as EngineInfo),
      parameters: found.parameters,
      epochs,
      bestEpoch: found.best_epoch,
      progress: found.state === 'running' ? (this.progress.get(found.id) ?? null) : null,
      imagesPerSecond: found.images_per_second,
      validationAccuracy: accuracy('validation') ?? best?.validationAccuracy ?? null,
      testAccuracy: accuracy('test'),
      error: found.error === null ? null : (JSON.parse(found.error) as WireError),
      notices: JSON.parse(found.notices) as string[],
    };
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

  evaluation(runId: string, split: Split): Evaluation | null {
    const found = row<{ evaluation: string }>(
      this.database,
      'SELECT evaluation FROM evaluations WHERE run_id = ? AND split = ?',
      runId,
      splitNames.indexOf(split),
    );
    return found ? (JSON.parse(found.evaluation) as Evaluation) : null;
  }

  async keepEvaluation(evaluation: Evaluation): Promise<void> {
    await this.change((database) =>
      database
        .prepare('INSERT OR REPLACE INTO evaluations (run_id, split, evaluation) VALUES (?, ?, ?)')
        .run(evaluation.runId, splitNames.indexOf(evaluation.split), JSON.stringify(evaluation)),
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
    const left = rows<{ id: string }>(
      this.database,
      "SELECT id FROM runs WHERE state IN ('running', 'queued')",
    );
    const error = new AtelierError(
      'WORKER_DIED',
      'The studio ended while this training was under way. Your project is intact; resume to go on.',
    ).toWire();
    for (const { id } of left) {
      await this.update(id, { state: 'failed', finishedAt: new Date().toISOString(), error });
    }
  }
}

const putEpoch = (database: Database, runId: string, epoch: Epoch) =>
  database
    .prepare('INSERT OR REPLACE INTO epochs (run_id, epoch, scores) VALUES (?, ?, ?)')
    .run(runId, epoch.epoch, JSON.stringify(epoch));

const putBest = (database: Database, runId: string, epoch: number | null) =>
  database.prepare('UPDATE runs SET best_epoch = ? WHERE id = ?').run(epoch, runId);
