/**
 * Studies as the project keeps them: recipe, plan, state. Their trials are runs (runs.ts) with a word of the
 * study's own beside them; nothing of a trial is stored twice. What is made of all that for people is studies/view.ts.
 */
import type * as z from 'zod';
import { AtelierError, type WireError } from '#contract/errors.ts';
import { objective } from '#recipe/metrics/index.ts';
import { validationKey } from '#recipe/metrics/stored.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { Damaged, Run } from '#contract/run.ts';
import { Study, type StudyPlan } from '#contract/study.ts';
import { textOf } from './database-problems.ts';
import type { Connection } from './connection.ts';
import { damagedOnes, jsonOf, readFields, wholeOnes } from './damaged.ts';
import { type Database, row, rows, updateRow } from './database.ts';
import { bytesOfPairs, pairsOfBytes } from './image-groups.ts';
import { recipeIn, type StoredTrial, trialOf } from './run-rows.ts';
import type { RunFolders } from './run-folders.ts';
import { StatefulRows } from './stateful-rows.ts';

/** A study without its trials. */
const StudyCore = Study.pick({
  id: true,
  name: true,
  state: true,
  createdAt: true,
  finishedAt: true,
  recipe: true,
  plan: true,
  error: true,
});
export type StudyCore = z.infer<typeof StudyCore>;

/** A trial, as much of its run as a study needs. */
export interface TrialRun extends StoredTrial {
  runId: string;
  state: Run['state'];
  /** Epochs trained, and those of its recipe. */
  epochs: number;
  epochsInAll: number;
  /** The objective at the best epoch. */
  score: number | null;
  error: WireError | null;
}

interface StudyRow {
  id: string;
  name: string;
  state: string;
  created_at: string;
  finished_at: string | null;
  recipe: string;
  plan: string;
  error: string | null;
}

interface StudyChange {
  name?: string;
  state?: Study['state'];
  finishedAt?: string | null;
  error?: Study['error'];
}
/** How a study ended. */
type StudyEnd = Pick<StudyChange, 'state' | 'error' | 'finishedAt'>;

interface TrialRow {
  id: string;
  state: Run['state'];
  trial: string;
  error: string | null;
  finished_at: string | null;
  best_epoch: number | null;
}

/** What was read of a trial, and the row that it is true of. */
interface KeptTrial {
  stamp: string;
  trial: TrialRun;
  scores: number[] | null;
}

const objectivePath = `'$.${validationKey(objective)}'`;
/** SQL: what the study optimises, of an epoch's scores; null where they cannot be read. */
const scoreOfEpoch = `iif(typeof(scores) = 'text' AND json_valid(scores)
  AND json_type(scores, ${objectivePath}) IN ('real', 'integer'), scores ->> ${objectivePath}, NULL)`;

export class Studies {
  /** Trials at rest by study and run. */
  readonly #atRest = new Map<string, Map<string, KeptTrial>>();
  readonly ends: StatefulRows<StudyEnd>;

  constructor(
    private readonly connection: Pick<Connection, 'database' | 'change'>,
    private readonly folders: Pick<RunFolders, 'delete'>,
  ) {
    this.ends = new StatefulRows('study', connection);
  }

  get database(): Database {
    return this.connection.database;
  }

  /** Which fold each image is in, from 0 (of a learning curve: which group each training image is in); null without folds, before they are drawn, and where they were not kept yet. */
  foldsOf(studyId: string): Map<number, number> | null {
    const found = row<{ folds: unknown }>(this.database, 'SELECT folds FROM studies WHERE id = ?', studyId);
    const { folds } = found ?? {};
    if (!(folds instanceof Uint8Array) || folds.length === 0 || folds.length % 8 !== 0) return null;
    return new Map(pairsOfBytes(folds));
  }

  /** Once, when the study begins: trials to come, and what is shown of the study, go by them. */
  async keepFolds(
    studyId: string,
    folds: readonly (readonly [itemId: number, fold: number])[],
  ): Promise<void> {
    await this.connection.change((database) =>
      database.prepare('UPDATE studies SET folds = ? WHERE id = ?').run(bytesOfPairs(folds), studyId),
    );
  }

  /** @param nameOf told the study's number, from 1 */
  async create(recipe: Recipe, plan: StudyPlan, nameOf: (number: number) => string): Promise<StudyCore> {
    const id = await this.connection.change((database) => {
      const number = this.ends.nextNumber(database);
      database
        .prepare(
          "INSERT INTO studies (id, name, state, created_at, recipe, plan) VALUES (?, ?, 'queued', ?, ?, ?)",
        )
        .run(
          `study-${number}`,
          nameOf(number),
          new Date().toISOString(),
          JSON.stringify(recipe),
          JSON.stringify(plan),
        );
      return `study-${number}`;
    });
    return this.get(id);
  }

  /** Newest first; damaged ones are left out. */
  list(): StudyCore[] {
    return wholeOnes(this.#rows(), (row) => this.#core(row));
  }

  /** Those that `list` leaves out. */
  damaged(): Damaged[] {
    return damagedOnes(this.#rows(), coreOf);
  }

  #rows(): StudyRow[] {
    const number = ({ id }: StudyRow) => Number(textOf(id).replace('study-', '')) || 0;
    return rows<StudyRow>(this.database, 'SELECT * FROM studies').sort((a, b) => number(b) - number(a));
  }

  /** @throws NOT_FOUND */
  get(studyId: string): StudyCore {
    const found = row<StudyRow>(this.database, 'SELECT * FROM studies WHERE id = ?', studyId);
    if (found) return this.#core(found);
    throw noStudy(studyId);
  }

  #core(found: StudyRow): StudyCore {
    return { ...coreOf(found), ...this.ends.endOf(found.id) };
  }

  /** Of a damaged one too. @throws NOT_FOUND */
  stateOf(studyId: string): Study['state'] {
    const found = row<{ state: Study['state'] }>(
      this.database,
      'SELECT state FROM studies WHERE id = ?',
      studyId,
    );
    if (found) return this.ends.endOf(studyId)?.state ?? found.state;
    throw noStudy(studyId);
  }

  /** Whether recipe and plan can be read. @throws NOT_FOUND */
  isWhole(studyId: string): boolean {
    try {
      this.get(studyId);
      return true;
    } catch (thrown) {
      if (thrown instanceof AtelierError && thrown.code === 'PROJECT_DAMAGED') return false;
      throw thrown;
    }
  }

  async update(studyId: string, change: StudyChange): Promise<StudyCore> {
    await this.connection.change((database) => updateRow(database, 'studies', studyId, change));
    if (change.state !== undefined) this.ends.forget(studyId);
    return this.get(studyId);
  }

  /** With the rows of its runs, damaged ones too. @returns their ids: the folders are left to `Runs.removeFolders` */
  async delete(studyId: string): Promise<string[]> {
    this.stateOf(studyId);
    const own = rows<{ id: string }>(this.database, 'SELECT id FROM runs WHERE study_id = ?', studyId);
    const runs = own.map(({ id }) => id);
    await this.folders.delete(runs, (database) =>
      database.prepare('DELETE FROM studies WHERE id = ?').run(studyId),
    );
    this.#atRest.delete(studyId);
    this.ends.forget(studyId);
    return runs;
  }

  /**
   * In the order of their numbers; those of which not even that can be read are left out. To be read only: those at
   * rest are given again.
   */
  trials(studyId: string): TrialRun[] {
    return this.#kept(studyId).map(({ trial }) => trial);
  }

  /** The objective after each epoch of each trial, by run; none of a trial without. */
  scores(studyId: string): Map<string, number[]> {
    const result = new Map<string, number[]>();
    for (const kept of this.#kept(studyId)) {
      if (kept.trial.epochs === 0) continue;
      kept.scores ??= rows<{ score: number }>(
        this.database,
        `SELECT ${scoreOfEpoch} AS score FROM epochs
         WHERE run_id = ? AND ${scoreOfEpoch} IS NOT NULL ORDER BY epoch`,
        kept.trial.runId,
      ).map(({ score }) => score);
      result.set(kept.trial.runId, kept.scores);
    }
    return result;
  }

  /**
   * Of all trials, reading epochs and recipes of those alone that have moved: a study is asked several times a second
   * and can have a thousand trials. A run gets epochs only while it is running, and ends at another time each time.
   */
  #kept(studyId: string): KeptTrial[] {
    const found = rows<TrialRow>(
      this.database,
      `SELECT id, state, trial, error, finished_at, best_epoch FROM runs
       WHERE study_id = ? AND trial IS NOT NULL`,
      studyId,
    );
    const known = this.#atRest.get(studyId);
    const atRest = new Map<string, KeptTrial>();
    const kept = wholeOnes(found, (row) => {
      const { id, state, trial, error, finished_at, best_epoch } = row;
      const stamp = JSON.stringify([state, trial, error, finished_at, best_epoch]);
      const before = known?.get(id);
      const entry = before?.stamp === stamp ? before : { stamp, trial: this.#read(row), scores: null };
      if (finished_at !== null && state !== 'running' && state !== 'queued') atRest.set(id, entry);
      return entry;
    });
    if (atRest.size > 0) this.#atRest.set(studyId, atRest);
    else this.#atRest.delete(studyId);
    return kept.sort((a, b) => a.trial.number - b.trial.number);
  }

  #read(found: TrialRow): TrialRun {
    const { state, trial, error } = trialOf(found);
    const { epochs, epochsInAll, score } = row<Pick<TrialRun, 'epochs' | 'epochsInAll' | 'score'>>(
      this.database,
      `SELECT iif(typeof(recipe) = 'text' AND json_valid(recipe)
          AND json_type(recipe, '$.training.epochs') = 'integer', recipe ->> '$.training.epochs', 0) AS epochsInAll,
        (SELECT count(*) FROM epochs WHERE run_id = runs.id) AS epochs,
        (SELECT ${scoreOfEpoch} FROM epochs
          WHERE run_id = runs.id AND epoch = runs.best_epoch) AS score
       FROM runs WHERE id = ?`,
      found.id,
    )!;
    return { ...trial, runId: found.id, state, epochs, epochsInAll, score, error };
  }
}

const noStudy = (studyId: string) =>
  new AtelierError('NOT_FOUND', `Expected a study of this project, received ${studyId}.`, { studyId });

/** @throws PROJECT_DAMAGED where any part of it is none */
const coreOf = (found: StudyRow): StudyCore =>
  readFields(StudyCore, 'study', {
    id: found.id,
    name: found.name,
    state: found.state,
    createdAt: found.created_at,
    finishedAt: found.finished_at,
    recipe: recipeIn(found.recipe),
    plan: jsonOf(found.plan),
    error: jsonOf(found.error),
  });

/** Stands at a rung of successive halving: trained as far as it was told, which is not to the end. */
export const isHeld = ({ state, target, epochs, epochsInAll }: TrialRun): boolean =>
  state === 'finished' && target !== null && target < epochsInAll && epochs >= target;

/** ChangedOriginals that lie in the recipe: another try on this machine would end the same. */
const lasting: readonly string[] = [
  'LOSS_NOT_FINITE',
  'OUT_OF_MEMORY',
  'BUDGET_EXCEEDED',
  'RECIPE_INVALID',
  'NOT_ENOUGH_DATA',
  'TRACE_UNSUPPORTED',
];

/** An engine that has not the recipe's precision names the one it has; any other failure of an engine may pass. */
const lacksPrecision = ({ code, details }: WireError) => code === 'ENGINE_FAILED' && 'precision' in details;

const isLasting = (error: WireError | null) =>
  error !== null && (lasting.includes(error.code) || lacksPrecision(error));

/** It was not let end: cancelled, interrupted, or met by a fault that need not come again. */
export const isOpen = ({ state, error }: TrialRun): boolean =>
  state === 'queued' ||
  state === 'running' ||
  state === 'cancelled' ||
  (state === 'failed' && !isLasting(error));
