/**
 * How a run stands in its table, and how it is read from there: what an earlier version stored gets the fields
 * that came later. Which runs are read, and when they change, is runs.ts.
 */
import * as z from 'zod';
import type { Json, WireError } from '#contract/errors.ts';
import { longestName, readableName } from '#contract/names.ts';
import { type EngineInfo, Run } from '#contract/run.ts';
import { Trial } from '#contract/study.ts';
import { migrateValues } from '#recipe/migrate.ts';
import { jsonOf, readFields } from './damaged.ts';

export interface RunRow {
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
  note: string;
  origin: string | null;
  study_id: string | null;
  trial: string | null;
}

/** What a study keeps with a run of its own; see `Trial` in contract/study.ts. */
export interface StoredTrial {
  number: number;
  values: Record<string, Json>;
  fold: number | null;
  seed: number;
  /** Threads of its engine: another number would give other bytes, so it goes on with the same. */
  threads: number;
  /** Epochs after which successive halving holds it; null where it trains to the end. */
  target: number | null;
}

export interface RunChange {
  name?: string;
  note?: string;
  state?: Run['state'];
  finishedAt?: string | null;
  engine?: EngineInfo;
  parameters?: number;
  imagesPerSecond?: number;
  error?: WireError | null;
  trial?: StoredTrial;
}

/** A class as the run knew it, in the order of the network's outputs. */
const RunClass = z.object({ id: z.int(), name: z.string() });
export type RunClass = z.infer<typeof RunClass>;

/** What is not in the row: epochs, accuracies of its evaluations, and what is true only while it trains. */
interface Beside {
  /** JSON, in their order. */
  epochs: readonly string[];
  accuracy: { validation: number | null; test: number | null };
  testLabels: Run['testLabels'];
  progress: Run['progress'];
  paused: Run['paused'];
}

/** @throws PROJECT_DAMAGED where any part of it is none */
export function runOf(found: RunRow, { epochs, accuracy, testLabels, progress, paused }: Beside): Run {
  const running = found.state === 'running';
  const run = readFields(Run, 'run', {
    id: found.id,
    name: found.name,
    note: found.note,
    origin: jsonOf(found.origin),
    studyId: found.study_id,
    state: found.state,
    createdAt: found.created_at,
    finishedAt: found.finished_at,
    recipe: recipeIn(found.recipe),
    engine: jsonOf(found.engine),
    parameters: found.parameters,
    epochs: epochs.map(jsonOf),
    bestEpoch: found.best_epoch,
    progress: running ? progress : null,
    paused: running ? paused : null,
    imagesPerSecond: found.images_per_second,
    validationAccuracy: accuracy.validation,
    testAccuracy: accuracy.test,
    testLabels,
    error: jsonOf(found.error),
    notices: jsonOf(found.notices),
  });
  if (found.trial !== null) trialOf(found);
  classesIn(found);
  const best = run.epochs.find(({ epoch }) => epoch === run.bestEpoch);
  return { ...run, validationAccuracy: run.validationAccuracy ?? best?.validationAccuracy ?? null };
}

/** A recipe whose name an earlier version took, and this one would not, is a recipe all the same. */
export function recipeIn(text: string): unknown {
  const recipe = jsonOf(text);
  if (typeof recipe !== 'object' || recipe === null || !('name' in recipe)) return recipe;
  return typeof recipe.name === 'string'
    ? { ...recipe, name: readableName(recipe.name, longestName) }
    : recipe;
}

const ClassesField = z.object({ classes: z.array(RunClass) });

/** @throws PROJECT_DAMAGED */
export const classesIn = ({ id, classes }: Pick<RunRow, 'id' | 'classes'>): RunClass[] =>
  readFields(ClassesField, 'run', { id, classes: jsonOf(classes) }).classes;

const TrialFields = Run.pick({ state: true, error: true }).extend({
  trial: Trial.pick({ number: true, values: true, fold: true, seed: true }).extend({
    threads: z.int(),
    target: z.int().nullable(),
  }),
});

/** What a study needs of its trial's row. @throws PROJECT_DAMAGED where any part of that is none */
export function trialOf({ id, state, trial, error }: Pick<RunRow, 'id' | 'state' | 'trial' | 'error'>): {
  state: Run['state'];
  trial: StoredTrial;
  error: WireError | null;
} {
  const kept = jsonOf(trial);
  const migrated =
    typeof kept === 'object' && kept !== null && 'values' in kept
      ? { ...kept, values: migrateValues(kept.values) }
      : kept;
  const read = readFields(TrialFields, 'run', { id, state, trial: migrated, error: jsonOf(error) });
  return { ...read, trial: read.trial as StoredTrial };
}
