/**
 * What the trials of a study train and validate on. Decided once, when the study starts: later trials take it over
 * from an earlier one's folder, so that labels given meanwhile do not make trials incomparable. The test part is in none.
 */
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { AtelierError } from '#contract/errors.ts';
import { splitNames } from '#contract/project.ts';
import type { Grouping, StudyPlan } from '#contract/study.ts';
import { drawFolds, fewerGroups, mergeGroups } from '#learning/search/folds.ts';
import { folderOf, prefixOf } from '#learning/splits/name-keys.ts';
import { requireEnoughData, trainableClasses } from '../jobs/train.ts';
import { rows } from '../project/database.ts';
import type { OpenProject } from '../project/project.ts';
import type { StoredTrial } from '../project/run-rows.ts';
import type { RunClass } from '../project/runs.ts';
import { readSnapshot, type Snapshot, takeSnapshot } from '../project/snapshot.ts';

export interface StudyData {
  classes: RunClass[];
  /** Of a trial: which fold it validates on, from 1, null for the project's own parts, and the share and seed of a learning curve. */
  snapshot(trial: Pick<StoredTrial, 'fold' | 'seed' | 'values'>): Snapshot;
}

/** Folds of a study: those that were kept when it began, or the way to draw them. */
export interface FoldMaker {
  /** Fold of each item, from 0. */
  kept: ReadonlyMap<number, number> | null;
  /** Finds the groups of the project, where they are not known. */
  findGroups(): Promise<void>;
  /** @returns fold of each image, from 0 */
  draw(labels: number[], groups: number[], folds: number, seed: number): Promise<number[]>;
  /** @returns share at which each image joins a learning curve, for each seed */
  join(labels: number[], groups: number[], seeds: number[]): Promise<number[][]>;
  /** Also the groups of a learning curve, in the place of folds. */
  keep(folds: [itemId: number, fold: number][]): Promise<void>;
}

/**
 * Whether there is enough data, as far as that is known before groups are found.
 * @throws NOT_ENOUGH_DATA
 */
export async function checkStudyData(project: OpenProject, plan: StudyPlan): Promise<RunClass[]> {
  const { classes, snapshot } = await begun(project, plan, []);
  if (plan.kind !== 'cross-validation' || plan.folds === null) return classes;
  if (plan.grouping.kind === 'groups' && (!project.groups.found || project.groups.later > 0)) return classes;
  await foldPool(project, plan, plan.folds, classes, snapshot);
  return classes;
}

/**
 * @param earlier runs of the study
 * @throws NOT_ENOUGH_DATA
 */
export async function studyData(
  project: OpenProject,
  plan: StudyPlan,
  earlier: readonly string[],
  maker: FoldMaker,
): Promise<StudyData> {
  const { classes, snapshot, known } = await begun(project, plan, earlier);
  if (plan.kind === 'learning-curve')
    return { classes, snapshot: await growingParts(project, plan, snapshot, maker) };
  if (plan.kind !== 'cross-validation' || plan.folds === null) return { classes, snapshot: () => snapshot };
  const { columns } = project;
  const seed = plan.seeds[0]!;
  let pool: Int32Array;
  let foldOf: ArrayLike<number>;
  if (maker.kept) {
    pool = poolOf(snapshot);
    foldOf = pool.map((row) => maker.kept!.get(columns.ids[row]!) ?? -1);
  } else {
    if (plan.grouping.kind === 'groups') await maker.findGroups();
    const found = await foldPool(project, plan, plan.folds, classes, snapshot);
    pool = found.pool;
    // Trials that began before folds were kept have those of that draw. The folds are the same for all seeds.
    foldOf = known
      ? drawFolds(found.labels, found.groups, plan.folds, seed)
      : await maker.draw([...found.labels], [...found.groups], plan.folds, seed);
    await maker.keep(Array.from(pool, (row, at): [number, number] => [columns.ids[row]!, foldOf[at]!]));
  }
  return {
    classes,
    snapshot: ({ fold }) => ({
      ...snapshot,
      train: pool.filter((_, at) => foldOf[at] !== fold! - 1 && foldOf[at] !== -1),
      validation: pool.filter((_, at) => foldOf[at] === fold! - 1),
    }),
  };
}

/**
 * Parts of the training images, and all validation images. Which training images there are, and their groups, is kept when the study
 * begins: trials to come are of the same, though earlier ones have some of them only.
 */
async function growingParts(
  project: OpenProject,
  plan: StudyPlan & { kind: 'learning-curve' },
  snapshot: Snapshot,
  maker: FoldMaker,
): Promise<StudyData['snapshot']> {
  const { columns } = project;
  let pool: Int32Array;
  let groups: Int32Array;
  if (maker.kept) {
    pool = Int32Array.from([...maker.kept.keys()], (id) => columns.positionOf(id)).sort();
    groups = pool.map((row) => maker.kept!.get(columns.ids[row]!)!);
  } else {
    if (plan.grouping.kind === 'groups') await maker.findGroups();
    pool = Int32Array.from(snapshot.train).sort();
    groups = await groupsOf(project, pool, plan.grouping);
    await maker.keep(Array.from(pool, (row, at): [number, number] => [columns.ids[row]!, groups[at]!]));
  }
  const labels = Array.from(pool, (row) => snapshot.labels[row]!);
  const joined = await maker.join(labels, [...groups], plan.seeds);
  return ({ seed, values }) => {
    const shares = joined[plan.seeds.indexOf(seed)]!;
    return { ...snapshot, train: pool.filter((_, at) => shares[at]! <= Number(values['share'])) };
  };
}

async function begun(project: OpenProject, plan: StudyPlan, earlier: readonly string[]) {
  const known = await earlierData(project, earlier);
  const classes = known?.classes ?? trainableClasses(project);
  const snapshot =
    known?.snapshot ??
    takeSnapshot(
      project.columns,
      classes.map(({ id }) => id),
    );
  refuseTest(project, snapshot);
  if (!known) requireEnoughData(project, { folds: plan.kind === 'cross-validation' && plan.folds !== null });
  return { classes, snapshot, known: known !== null };
}

const poolOf = ({ train, validation }: Snapshot) => Int32Array.from([...train, ...validation]).sort();

/** What folds are drawn of. @throws NOT_ENOUGH_DATA where a class is one group, or there are fewer groups than folds */
async function foldPool(
  project: OpenProject,
  { grouping }: StudyPlan & { kind: 'cross-validation' },
  folds: number,
  classes: readonly RunClass[],
  snapshot: Snapshot,
) {
  const pool = poolOf(snapshot);
  const labels = pool.map((row) => snapshot.labels[row]!);
  const groups = await groupsOf(project, pool, grouping);
  if (grouping.kind !== 'none') refuseWholeClasses(labels, groups, classes, grouping);
  const count = groups.reduce((most, group) => Math.max(most, group + 1), 0);
  if (count < folds) throw fewerGroups(folds, count);
  await turnOfEventLoop();
  return { pool, labels, groups };
}

/** What the first trial that has begun was given. Of any fold: together its parts are all that there is. */
async function earlierData(
  { runs }: OpenProject,
  earlier: readonly string[],
): Promise<{ classes: RunClass[]; snapshot: Snapshot } | null> {
  for (const runId of earlier) {
    const snapshot = await readSnapshot(runs.folderOf(runId));
    if (snapshot) return { classes: runs.classesOf(runId), snapshot };
  }
  return null;
}

/** A study decides by what it sees; what it is judged by in the end must not be among it. */
function refuseTest({ columns }: OpenProject, { train, validation }: Snapshot): void {
  const test = splitNames.indexOf('test');
  for (const part of [train, validation]) {
    if (part.some((row) => columns.splits[row] === test))
      throw new AtelierError('INTERNAL', 'A study expects images outside the test part, received one of it.');
  }
}

interface GroupedItem {
  id: number;
  source: number;
  name: string;
  content: string;
  ofSource: string;
}

/** As many as are read in a few milliseconds: other questions wait that long. */
const rowsPerTurn = 5000;

/** The group of each row: copies of one image always stay together, others as the person asked. */
async function groupsOf(project: OpenProject, pool: Int32Array, grouping: Grouping): Promise<Int32Array> {
  const byId = new Map<number, GroupedItem>();
  for (let after = 0; ;) {
    const some = await project.change((database) =>
      rows<GroupedItem>(
        database,
        `SELECT id, source_id AS source, name, hex(hash) AS content,
           coalesce(group_name, '') AS ofSource FROM items
         WHERE split <> 2 AND id > ? ORDER BY id LIMIT ?`,
        after,
        rowsPerTurn,
      ),
    );
    for (const item of some) byId.set(item.id, item);
    if (some.length < rowsPerTurn) break;
    after = some[some.length - 1]!.id;
    await turnOfEventLoop();
  }
  const ofPool = Array.from(pool, (row) => byId.get(project.columns.ids[row]!)!);
  const keys = [ofPool.map(({ content }) => content)];
  if (grouping.kind === 'groups') {
    const { groupOf } = project.groups;
    keys.push(
      ofPool.map(({ ofSource }) => ofSource),
      ofPool.map(({ id }) => `${groupOf.get(id) ?? ''}`),
    );
  }
  if (grouping.kind === 'folder') keys.push(ofPool.map(({ source, name }) => `${source}/${folderOf(name)}`));
  if (grouping.kind === 'prefix') keys.push(ofPool.map(({ name }) => prefixOf(name, grouping.separator)));
  return mergeGroups(pool.length, keys);
}

/** A class in one group is in one fold, so no training would both learn it and be judged on it. */
function refuseWholeClasses(
  labels: Int32Array,
  groups: Int32Array,
  classes: readonly RunClass[],
  grouping: Grouping,
): void {
  for (const [index, { name }] of classes.entries()) {
    const own = groups.filter((_, at) => labels[at] === index);
    if (own.length < 2 || own.some((group) => group !== own[0])) continue;
    const how =
      grouping.kind === 'prefix'
        ? `have a name that begins alike up to ${JSON.stringify(grouping.separator)}`
        : grouping.kind === 'folder'
          ? 'lie in one folder'
          : 'belong to one group';
    throw new AtelierError(
      'NOT_ENOUGH_DATA',
      `Expected each class in at least two groups, but all images of ${name} ${how}, so that no fold could both train on ${name} and validate it. Group the images otherwise, or not at all.`,
      { class: name, grouping: grouping.kind },
    );
  }
}
