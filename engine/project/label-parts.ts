/**
 * The part that an unlabelled image gets with its label: that of its copies or its groups where those have one, else drawn
 * as at import, so that the first image of a class trains, the second validates and the third tests. The draw itself is
 * learning/splits/draw-parts.ts. Why not before: docs/decisions/0031-unlabelled-images.md.
 */
import { type Split, splitNames } from '#contract/project.ts';
import { mergeGroups } from '#learning/search/folds.ts';
import { type Database, rows } from './database.ts';
import { readMembers } from './image-groups.ts';
import { type SplitSettings, splitSettings } from './settings.ts';
import { type SplitItem, stratifiedGroupSplit } from '#learning/splits/draw-parts.ts';

/** What the draw depends on beside the images. */
interface Drawing {
  /** How many images a class has in each part before. */
  countsOf(classId: number): Readonly<Record<Split, number>>;
  /** Whether the source says which images are in a part: nothing is drawn into it then. */
  fixes(split: Split): boolean;
  settings: SplitSettings;
}

/**
 * @param labelled items and the classes they get
 * @returns [item, its part as the index in `splitNames`] of those that had none
 */
export function partsOfLabelled(
  database: Database,
  labelled: readonly (readonly [itemId: number, classId: number])[],
  { countsOf, fixes, settings: { testShare, validationShare, seed } }: Drawing,
): [itemId: number, part: number][] {
  const classOf = new Map(labelled);
  const list = JSON.stringify([...classOf.keys()]);
  const open = rows<{ id: number; content: string; group: string }>(
    database,
    `SELECT id, hex(hash) AS content, coalesce(group_name, '') AS 'group' FROM items
     WHERE split IS NULL AND id IN (SELECT value FROM json_each(?)) ORDER BY id`,
    list,
  );
  if (open.length === 0) return [];
  const members = readMembers(database);
  const groupOf = new Map(members);
  const groups = mergeGroups(open.length, [
    open.map(({ content }) => content),
    open.map(({ group }) => group),
    open.map(({ id }) => `${groupOf.get(id) ?? ''}`),
  ]);
  const [byContent, byGroup] = [partsOf(database, 'hash', list), partsOf(database, 'group_name', list)];
  const byFound = partsOfGroups(database, members, new Set(open.map(({ id }) => groupOf.get(id))));
  const settled = new Map<number, Split>();
  open.forEach(({ id, content, group }, index) => {
    const part = byContent.get(content) ?? byGroup.get(group) ?? byFound.get(groupOf.get(id) ?? -1);
    if (part && !settled.has(groups[index]!)) settled.set(groups[index]!, part);
  });
  const drawn: SplitItem[] = open.map(({ id }, index) => ({
    stratum: classOf.get(id)!,
    group: groups[index]!,
    part: settled.get(groups[index]!) ?? null,
  }));
  let group = open.length;
  for (const stratum of new Set(drawn.map(({ stratum }) => stratum)))
    for (const part of splitNames)
      for (let left = countsOf(stratum)[part]; left > 0; left--)
        drawn.push({ stratum, group: group++, part });
  const parts = stratifiedGroupSplit(drawn, {
    testShare: fixes('test') || testShare === 0 ? null : testShare,
    validationShare: fixes('validation') ? null : validationShare,
    seed,
  });
  return open.map(({ id }, index) => [id, splitNames.indexOf(parts[index]!)]);
}

/** Parts of the other images of the same content or group, removed ones too: runs of before have seen them. */
function partsOf(database: Database, column: 'hash' | 'group_name', list: string): Map<string, Split> {
  const known = rows<{ key: string; part: number }>(
    database,
    `SELECT ${column === 'hash' ? 'hex(hash)' : column} AS key, max(split) AS part FROM items
     WHERE typeof(split) = 'integer' AND ${column} IN
       (SELECT ${column} FROM items WHERE ${column} IS NOT NULL AND id IN (SELECT value FROM json_each(?)))
     GROUP BY ${column}`,
    list,
  );
  return new Map(known.map(({ key, part }) => [key, splitNames[part] ?? 'train']));
}

/** Parts of the other images of the groups that were found, as many as train, validate or test. */
function partsOfGroups(
  database: Database,
  members: readonly (readonly [itemId: number, group: number])[],
  wanted: ReadonlySet<number | undefined>,
): Map<number, Split> {
  const groupOf = new Map(members.filter(([, group]) => wanted.has(group)));
  if (groupOf.size === 0) return new Map();
  const known = rows<{ id: number; part: number }>(
    database,
    `SELECT id, split AS part FROM items WHERE typeof(split) = 'integer' AND removed = 0
       AND id IN (SELECT value FROM json_each(?)) ORDER BY split`,
    JSON.stringify([...groupOf.keys()]),
  );
  return new Map(known.map(({ id, part }) => [groupOf.get(id)!, splitNames[part] ?? 'train']));
}

/** As the database has it, for workers: they have no columns in memory. */
export function drawingOf(database: Database): Drawing {
  const counts = new Map<number, Record<Split, number>>();
  const fixed = new Set<Split>();
  for (const { classId, split, fixes, count } of rows<{
    classId: number | null;
    split: number;
    fixes: number;
    count: number;
  }>(
    database,
    `SELECT class_id AS classId, split, max(fixed) AS fixes, count(*) AS count FROM items
     WHERE removed = 0 AND excluded IS NULL AND split IS NOT NULL GROUP BY class_id, split`,
  )) {
    const part = splitNames[split] ?? 'train';
    if (fixes === 1) fixed.add(part);
    if (classId === null) continue;
    const of = counts.get(classId) ?? { train: 0, validation: 0, test: 0 };
    counts.set(classId, { ...of, [part]: of[part] + count });
  }
  const none = { train: 0, validation: 0, test: 0 };
  return {
    countsOf: (classId) => counts.get(classId) ?? none,
    fixes: (split) => fixed.has(split),
    settings: splitSettings(database),
  };
}
