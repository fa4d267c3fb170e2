/** Tasks `draw-split`, `draw-folds` and `join-parts`: what a draw comes to, which takes seconds over many groups. Change nothing. */
import { join } from 'node:path';
import { splitNames, type Split } from '#contract/project.ts';
import type { PartLeaks, SplitReport } from '#contract/splits.ts';
import { assignFolds } from '#learning/splits/assign-groups.ts';
import { joiningShares } from '#learning/search/subsets.ts';
import { measureGroupLeak } from '#learning/splits/leaks.ts';
import { Columns } from '../../project/columns.ts';
import { type Database, openForReading, rows } from '../../project/database.ts';
import { databaseName } from '../../project/folder.ts';
import { readGroups } from '../../project/image-groups.ts';
import { lastChange } from '../../project/journal.ts';
import { drawable, drawSplit, movedBy } from '../../project/redraw.ts';
import { unbalancedWords } from '../../project/unbalanced-words.ts';
import type { TaskFunction } from '../protocol.ts';

/** Pairs that are told. */
const pairsTold = 100;

export const drawSplitTask: TaskFunction<'draw-split'> = async ({ project, redraw, grouped }) => {
  const database = openForReading(join(project, databaseName));
  try {
    const columns = new Columns();
    await columns.follow(database);
    const found = readGroups(database);
    const { places, copies, groups } = drawable(database, columns, new Map(found?.members));
    const drawn = drawSplit(columns, places, grouped ? groups : copies, redraw);
    const random = drawSplit(columns, places, copies, redraw);
    const leaksOf = (parts: readonly Split[]): PartLeaks => {
      // What is in no part now is judged by nothing.
      const counted = parts.map((part, index) => (counts(places[index]!) ? part : null));
      const { validation, test } = measureGroupLeak(groups, counted);
      const leak = ({ images, leaked }: { images: number; leaked: number }) => ({ images, leaked });
      return { validation: leak(validation), test: leak(test) };
    };
    const counts = (at: number) => columns.classIds[at] !== 0 && !columns.excluded[at];
    const placeOf = new Map(places.map((at, index) => [columns.ids[at]!, index]));
    const separated = (found?.pairs ?? []).filter(({ a, b }) => {
      const [first, second] = [placeOf.get(a), placeOf.get(b)];
      return first !== undefined && second !== undefined && random.parts[first] !== random.parts[second];
    });
    separated.sort((p, q) => q.similarity - p.similarity || p.a - q.a || p.b - q.b);
    const names = classNames(database);
    const moved = movedBy(columns, places, drawn.parts);
    const report: Omit<SplitReport, 'groups'> = {
      moved: moved.length,
      leaks: leaksOf(drawn.parts),
      randomLeaks: leaksOf(random.parts),
      separated: { count: separated.length, pairs: separated.slice(0, pairsTold) },
      classes: [...names].map(([classId, name]) => ({
        ...{ classId, name },
        ...(Object.fromEntries(
          splitNames.map((split) => [
            split,
            drawn.parts.filter(
              (part, index) =>
                part === split && columns.classIds[places[index]!] === classId && counts(places[index]!),
            ).length,
          ]),
        ) as Record<Split, number>),
      })),
      unbalanced: unbalancedWords(
        drawn.unbalanced.filter(({ stratum }) => stratum > 0),
        (classId) => names.get(classId) ?? `class ${classId}`,
      ),
    };
    return { moved, report, length: columns.length, lastChangeId: lastChange(database)?.id ?? 0 };
  } finally {
    database.close();
  }
};

const classNames = (database: Database): Map<number, string> =>
  new Map(
    rows<{ id: number; name: unknown }>(database, 'SELECT id, name FROM classes ORDER BY id').map(
      ({ id, name }) => [id, String(name)],
    ),
  );

export const drawFoldsTask: TaskFunction<'draw-folds'> = async ({ labels, groups, folds, seed }) => {
  const images = labels.map((stratum, id) => ({ id, stratum, group: groups[id]! }));
  return { foldOf: [...assignFolds(images, folds, seed).foldOf] };
};

export const joinPartsTask: TaskFunction<'join-parts'> = async ({ labels, groups, seeds }) => ({
  shares: seeds.map((seed) => [...joiningShares(labels, groups, seed)]),
});
