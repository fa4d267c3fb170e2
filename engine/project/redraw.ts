/**
 * Drawing the parts of a project anew: which images take part and which belong together, and the undoable change that comes of
 * it. The draw itself is learning/splits/assign-groups.ts; a draw over many groups takes seconds, so that a worker does it.
 */
import { AtelierError } from '#contract/errors.ts';
import { splitNames, type Split } from '#contract/project.ts';
import { mergeGroups } from '#learning/search/folds.ts';
import { assignParts, type Unbalanced } from '#learning/splits/assign-groups.ts';
import { noClassId, noPart } from './database-problems.ts';
import type { Columns } from './columns.ts';
import { type Database, rows } from './database.ts';
import type { Plan } from './plans.ts';
import type { SplitSettings } from './settings.ts';

export interface Redraw extends Omit<SplitSettings, 'testShare'> {
  /** Of all images; the test part stays as it is where absent, 0 leaves none. */
  testShare?: number | undefined;
  /** Also draws images whose part the source says; they stay where they are otherwise. */
  fixed?: boolean | undefined;
  /** The new test part holds no image of the present one. */
  fresh?: boolean | undefined;
}

/** Images that take part in a draw. */
export interface Drawable {
  /** Their positions in the columns. */
  places: number[];
  /** Which are copies of one image, or of one group of the source. */
  copies: Int32Array;
  /** The same, with the groups of the project. */
  groups: Int32Array;
}

export interface Drawn {
  /** In the order of `places`. */
  parts: Split[];
  unbalanced: Unbalanced[];
}

/** [item, its part before and after, as the index in `splitNames`] */
export type Moved = [itemId: number, before: number, after: number];

const percent = (share: number) => `${Math.round(share * 100)} %`;

/** @param groupOf the group of each image that has others in it, image-groups.ts */
export function drawable(
  database: Database,
  columns: Columns,
  groupOf: ReadonlyMap<number, number>,
): Drawable {
  // Removed images take no part in it, and what is not drawn yet is drawn with its label. Images that lost theirs do:
  // a copy of one may have a label.
  const takesPart = (at: number) => !columns.removed[at] && columns.splits[at] !== noPart;
  const places = Array.from({ length: columns.length }, (_, at) => at).filter(takesPart);
  const keys = rows<{ id: number; content: string; group: string }>(
    database,
    `SELECT id, hex(hash) AS content, coalesce(group_name, '') AS 'group' FROM items
     WHERE id BETWEEN 1 AND ${noClassId} ORDER BY id`,
  ).filter(({ id }) => takesPart(columns.positionOf(id)));
  const same = [keys.map(({ content }) => content), keys.map(({ group }) => group)];
  const found = keys.map(({ id }) => `${groupOf.get(id) ?? ''}`);
  return {
    places,
    copies: mergeGroups(places.length, same),
    groups: mergeGroups(places.length, [...same, found]),
  };
}

/**
 * Images whose part the source says stay, unless asked for, and so does the test part unless its share is given. The rest of a
 * group goes where its staying images are; where the test part stays, look-alikes of it stay out of it.
 * @param groups of `places`
 * @throws CONFLICT where every image stays
 */
export function drawSplit(
  columns: Columns,
  places: readonly number[],
  groups: Int32Array,
  { validationShare, testShare, seed, fixed = false, fresh = false }: Redraw,
): Drawn {
  const splitOf = (at: number): Split => splitNames[columns.splits[at]!]!;
  const staysTest = (at: number) => testShare === undefined && splitOf(at) === 'test';
  const stays = places.map((at) => (columns.fixed[at] === 1 && !fixed) || staysTest(at));
  if (places.length > 0 && stays.every(Boolean)) throw allStay(columns);
  const images = places.map((at, index) => ({
    id: columns.ids[at]!,
    // Excluded images are drawn too, by themselves: they may be included again, and copies of them are not excluded.
    stratum: columns.excluded[at] ? -1 : columns.classIds[at]!,
    group: staysTest(at) ? places.length + index : groups[index]!,
    part: stays[index] ? splitOf(at) : null,
  }));
  const share = testShare === undefined || testShare === 0 ? null : testShare;
  if (!fresh || share === null) return assignParts(images, { validationShare, testShare: share, seed });
  // What was test data trains, and the new test part is drawn of the rest; then the validation part of all but that.
  const tested = assignParts(
    images.map((image, index) => ({
      ...image,
      part: image.part ?? (splitOf(places[index]!) === 'test' ? ('train' as const) : null),
    })),
    { validationShare: null, testShare: share, seed },
  ).parts;
  return assignParts(
    images.map((image, index) => ({
      ...image,
      part: image.part ?? (tested[index] === 'test' ? ('test' as const) : null),
    })),
    { validationShare, testShare: null, seed },
  );
}

/** What goes to another part. */
export function movedBy(columns: Columns, places: readonly number[], parts: readonly Split[]): Moved[] {
  return parts.flatMap((part, index): Moved[] => {
    const at = places[index]!;
    const after = splitNames.indexOf(part);
    return after === columns.splits[at] ? [] : [[columns.ids[at]!, columns.splits[at]!, after]];
  });
}

export function planMoves(before: SplitSettings, redraw: Redraw, moved: Moved[]): Plan {
  const { validationShare, testShare, seed } = redraw;
  return {
    label:
      testShare === undefined
        ? `Redraw the validation part (${percent(validationShare)})`
        : `Redraw test (${percent(testShare)}) and validation (${percent(validationShare)})`,
    change: {
      kind: 'redraw-split',
      moved,
      before: { share: before.validationShare, seed: before.seed, testShare: before.testShare },
      after: { share: validationShare, seed, testShare: testShare ?? before.testShare },
    },
  };
}

const allStay = (columns: Columns) =>
  new AtelierError(
    'CONFLICT',
    `Expected images whose part can be drawn, but the source says the part of all ${columns.length} images (or they are test images, which stay). Give a share for the test part, or ask that parts from the source are drawn too. Nothing was changed.`,
    { images: columns.length, fixed: columns.counts().fixed },
  );
