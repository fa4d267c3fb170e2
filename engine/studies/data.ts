/**
 * What the trials of a study train and validate on. Decided once, when the study starts: later trials take it over
 * from an earlier one's folder, so that labels given meanwhile do not make trials incomparable. The test part is in none.
 */
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { AtelierError } from '#contract/errors.ts';
import { splitNames } from '#contract/project.ts';
import type { Grouping, StudyPlan } from '#contract/study.ts';
import { drawFolds, mergeGroups } from '#learning/search/folds.ts';
import { folderOf, prefixOf } from '#learning/splits/name-keys.ts';
import { requireEnoughData, trainableClasses } from '../jobs/train.ts';
import { rows } from '../project/database.ts';
import type { OpenProject } from '../project/project.ts';
import type { RunClass } from '../project/runs.ts';
import { readSnapshot, type Snapshot, takeSnapshot } from '../project/snapshot.ts';

export interface StudyData {
  classes: RunClass[];
  /** Of a trial that validates on this fold, from 1; null for the project's own parts. */
  snapshot(fold: number | null): Snapshot;
}

/**
 * @param earlier runs of the study
 * @throws NOT_ENOUGH_DATA
 */
export async function studyData(
  project: OpenProject,
  plan: StudyPlan,
  earlier: readonly string[],
): Promise<StudyData> {
  const known = await earlierData(project, earlier);
  const classes = known?.classes ?? trainableClasses(project);
  const snapshot =
    known?.snapshot ??
    takeSnapshot(
      project.columns,
      classes.map(({ id }) => id),
    );
  refuseTest(project, snapshot);
  const folds = plan.kind === 'cross-validation' ? plan.folds : null;
  if (!known) requireEnoughData(project, { folds: folds !== null });
  const { train, validation } = snapshot;
  if (plan.kind !== 'cross-validation' || plan.folds === null) return { classes, snapshot: () => snapshot };

  const pool = Int32Array.from([...train, ...validation]).sort();
  const labels = pool.map((row) => snapshot.labels[row]!);
  const groups = await groupsOf(project, pool, plan.grouping);
  if (plan.grouping.kind !== 'none') refuseWholeClasses(labels, groups, classes, plan.grouping);
  await turnOfEventLoop();
  // The folds are the same for all seeds.
  const foldOf = drawFolds(labels, groups, plan.folds, plan.seeds[0]!);
  return {
    classes,
    snapshot: (fold) => ({
      ...snapshot,
      train: pool.filter((_, at) => foldOf[at] !== fold! - 1),
      validation: pool.filter((_, at) => foldOf[at] === fold! - 1),
    }),
  };
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
        `SELECT id, source_id AS source, name, hex(hash) AS content FROM items
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
        : 'lie in one folder';
    throw new AtelierError(
      'NOT_ENOUGH_DATA',
      `Expected each class in at least two groups, but all images of ${name} ${how}, so that no fold could both train on ${name} and validate it. Group the images otherwise, or not at all.`,
      { class: name, grouping: grouping.kind },
    );
  }
}
