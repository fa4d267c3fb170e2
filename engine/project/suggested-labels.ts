/** Gives images the classes that were suggested for them, each its own, as one undoable step. One class for all is plans.ts. */
import type { Columns } from './columns.ts';
import type { Database } from './database.ts';
import { noItem } from './items.ts';
import { classNameOf, drawnParts, images, type Plan } from './plans.ts';
import type { OpenProject } from './project.ts';
import { unlabelled } from './cells.ts';

type Wanted = readonly { itemId: number; classId: number }[];

/**
 * Resolves when it is on the disk.
 * @returns the items whose class changed, and the classes that have more or fewer images since. @throws NOT_FOUND
 */
export async function acceptSuggestions(
  project: OpenProject,
  wanted: Wanted,
): Promise<{ itemIds: number[]; classIds: number[] }> {
  let classIds: number[] = [];
  const itemIds = await project.record((database) => {
    const planned = planLabels(database, project.columns, wanted);
    classIds = planned?.classIds ?? [];
    return planned?.plan ?? null;
  });
  return { itemIds, classIds };
}

/** @returns null where all have these classes. @throws NOT_FOUND */
function planLabels(
  database: Database,
  columns: Columns,
  wanted: Wanted,
): { plan: Plan; classIds: number[] } | null {
  const labels = [...new Map(wanted.map(({ itemId, classId }) => [itemId, classId]))]
    .map(([itemId, classId]): [itemId: number, before: number, after: number] => {
      const at = columns.positionOf(itemId);
      if (at < 0 || columns.removed[at]) throw noItem(itemId);
      return [itemId, columns.classIds[at]!, classId];
    })
    .filter(([, before, after]) => before !== after);
  const given = [...new Set(labels.map(([, , after]) => after))];
  const names = given.map((id) => classNameOf(database, id));
  if (labels.length === 0) return null;
  // Drawn together: copies of one image go into one part, whatever classes they get.
  const parts = new Map(
    drawnParts(
      database,
      columns,
      labels.map(([itemId, , after]) => [itemId, after] as const),
    ),
  );
  const changes = given.map((classId) => {
    const own = labels.filter(([, , after]) => after === classId);
    return {
      kind: 'relabel' as const,
      classId,
      before: own.map(([itemId, before]): [number, number] => [itemId, before]),
      parts: own.flatMap(([itemId]): [number, number][] =>
        parts.has(itemId) ? [[itemId, parts.get(itemId)!]] : [],
      ),
    };
  });
  const classIds = new Set(labels.flatMap(([, before, after]) => [before, after]));
  classIds.delete(unlabelled);
  const as = names.length === 1 ? `“${names[0]}”` : `as suggested (${names.length} classes)`;
  return {
    plan: { label: `Label ${images(labels.length)} ${as}`, change: { kind: 'group', changes } },
    classIds: [...classIds],
  };
}
