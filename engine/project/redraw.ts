/**
 * Drawing the parts of a project anew: which images take part, and the undoable change that comes of it. The draw
 * itself is learning/splits/draw-parts.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import { splitNames, type Split } from '#contract/project.ts';
import { mergeGroups } from '#learning/search/folds.ts';
import { noClassId, noPart } from './database-problems.ts';
import type { Columns } from './columns.ts';
import { type Database, rows } from './database.ts';
import type { Plan } from './plans.ts';
import type { SplitSettings } from './settings.ts';
import { stratifiedGroupSplit } from '#learning/splits/draw-parts.ts';

export interface Redraw extends Omit<SplitSettings, 'testShare'> {
  /** Of all images; the test part stays as it is where absent, 0 leaves none. */
  testShare?: number | undefined;
  /** Also draws images whose part the source says; they stay where they are otherwise. */
  fixed?: boolean | undefined;
}

const percent = (share: number) => `${Math.round(share * 100)} %`;

/**
 * Images whose part the source says stay, unless asked for, and so do their copies and groups; the test part stays unless its
 * share is given. The rest is drawn as at import.
 * @throws CONFLICT where every image stays
 */
export function planRedraw(
  database: Database,
  columns: Columns,
  before: SplitSettings,
  { validationShare, testShare, seed, fixed = false }: Redraw,
): Plan {
  // Removed images take no part in it, and what is not drawn yet is drawn with its label. Images that lost theirs do:
  // a copy of one may have a label.
  const takesPart = (at: number) => !columns.removed[at] && columns.splits[at] !== noPart;
  const places = Array.from({ length: columns.length }, (_, at) => at).filter(takesPart);
  const keys = rows<{ id: number; content: string; group: string }>(
    database,
    `SELECT id, hex(hash) AS content, coalesce(group_name, '') AS 'group' FROM items
     WHERE id BETWEEN 1 AND ${noClassId} ORDER BY id`,
  ).filter(({ id }) => takesPart(columns.positionOf(id)));
  const groups = mergeGroups(places.length, [
    keys.map(({ content }) => content),
    keys.map(({ group }) => group),
  ]);
  const splitOf = (at: number): Split => splitNames[columns.splits[at]!]!;
  const stays = places.map((at) => (columns.fixed[at] === 1 && !fixed) || staysTest(at));
  function staysTest(at: number): boolean {
    return testShare === undefined && splitOf(at) === 'test';
  }
  const groupsThatStay = new Set(groups.filter((_, index) => stays[index]));
  if (places.length > 0 && groups.every((group) => groupsThatStay.has(group))) throw allStay(columns, before);

  const parts = stratifiedGroupSplit(
    places.map((at, index) => ({
      // Excluded images are drawn too, by themselves: they may be included again, and copies of them are not excluded.
      stratum: columns.excluded[at] ? -1 : columns.classIds[at]!,
      group: groups[index]!,
      part: groupsThatStay.has(groups[index]!) ? splitOf(at) : null,
    })),
    { validationShare, testShare: testShare === undefined || testShare === 0 ? null : testShare, seed },
  );
  const moved = parts.flatMap((part, index): [number, number, number][] => {
    const at = places[index]!;
    const after = splitNames.indexOf(part);
    return after === columns.splits[at] ? [] : [[columns.ids[at]!, columns.splits[at]!, after]];
  });
  const label =
    testShare === undefined
      ? `Redraw the validation part (${percent(validationShare)})`
      : `Redraw test (${percent(testShare)}) and validation (${percent(validationShare)})`;
  return {
    label,
    change: {
      kind: 'redraw-split',
      moved,
      before: { share: before.validationShare, seed: before.seed, testShare: before.testShare },
      after: { share: validationShare, seed, testShare: testShare ?? before.testShare },
    },
  };
}

const allStay = (columns: Columns, { testShare }: SplitSettings) =>
  new AtelierError(
    'CONFLICT',
    `Expected images whose part can be drawn, but the source says the part of all ${columns.length} images (or they are test images, which stay). Give a share for the test part, or ask that parts from the source are drawn too. Nothing was changed.`,
    { images: columns.length, fixed: columns.counts().fixed, testShare },
  );
