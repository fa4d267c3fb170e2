/**
 * What acting on findings comes to, planned from the present state as one undoable change: labels as suggested, exclusions, copies brought
 * into one part, and what there is nothing wrong with. Which images belong together is the finding's.
 */
import { AtelierError } from '#contract/errors.ts';
import {
  type findingActions,
  type FindingEntry,
  type FindingKind,
  findingWords,
} from '#contract/findings.ts';
import { splitNames } from '#contract/project.ts';
import type { Columns } from './columns.ts';
import { planExclude, planParts } from './curation-plans.ts';
import type { Database } from './database.ts';
import { noPart } from './database-problems.ts';
import { type Plan, planSuggested } from './plans.ts';

/**
 * @param itemIds images that were chosen: of a cluster the one that is kept, where it is one; else all of the cluster are meant
 * @returns null where it would change nothing
 * @throws NOT_FOUND where an image is none of the finding, BAD_REQUEST where that cannot be done about it
 */
export function planFinding(
  database: Database,
  columns: Columns,
  entries: readonly FindingEntry[],
  {
    kind,
    action,
    itemIds,
  }: { kind: FindingKind; action: (typeof findingActions)[number]; itemIds: readonly number[] },
): Plan | null {
  const { title, actions } = findingWords[kind];
  const ofImages = actions.filter((each) => each !== 'change-recipe');
  if (!ofImages.includes(action))
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected one of ${ofImages.join(', ')} for the finding “${title}”, received ${action}.`,
      { kind, action },
    );
  const chosen = new Set(itemIds);
  const meant = entries.filter((entry) => entry.itemIds.some((itemId) => chosen.has(itemId)));
  const known = new Set(meant.flatMap((entry) => entry.itemIds));
  for (const itemId of chosen)
    if (!known.has(itemId))
      throw new AtelierError(
        'NOT_FOUND',
        `Expected an image of the finding “${title}”, received image ${itemId}. It may have been found anew meanwhile.`,
        { kind, itemId },
      );
  /** What is removed or excluded is no copy any more. */
  const there = (entry: FindingEntry) =>
    entry.itemIds.filter((itemId) => {
      const at = columns.positionOf(itemId);
      return at >= 0 && !columns.removed[at] && !columns.excluded[at];
    });
  switch (action) {
    case 'relabel':
      return planSuggested(
        database,
        columns,
        meant.flatMap((entry) =>
          entry.measured === 'label'
            ? there(entry).map((itemId) => ({ itemId, classId: entry.suggested }))
            : [],
        ),
      );
    case 'exclude': {
      const own = meant.flatMap(there).filter((itemId) => chosen.has(itemId));
      return planExclude(database, columns, own, reasonOf(kind));
    }
    case 'exclude-copies':
      return planExclude(
        database,
        columns,
        meant.flatMap((entry) => {
          const copies = there(entry);
          const kept = keptOf(columns, copies, chosen);
          // Of a leak that is meant as a whole the part that is judged by most stays as it is.
          const whole = kind === 'leaks' && copies.filter((itemId) => chosen.has(itemId)).length !== 1;
          const stays = (itemId: number) =>
            itemId === kept || (whole && partOf(columns, itemId) === partOf(columns, kept!));
          return copies.filter((itemId) => !stays(itemId));
        }),
        reasonOf(kind),
      );
    case 'move-copies':
      return planParts(
        columns,
        meant.flatMap((entry) => {
          const copies = there(entry);
          const part = copies.reduce((most, itemId) => Math.max(most, partOf(columns, itemId)), -1);
          return part < 0 ? [] : copies.map((itemId) => ({ itemId, split: splitNames[part]! }));
        }),
      );
    case 'dismiss':
      return planDismiss(columns, kind, meant);
    default:
      return action satisfies never;
  }
}

/** There is nothing wrong with these: they count as done from now on. */
function planDismiss(columns: Columns, kind: FindingKind, entries: readonly FindingEntry[]): Plan | null {
  const itemIds = entries
    .flatMap((entry) => entry.itemIds)
    .filter((itemId) => !columns.isDismissed(kind, itemId));
  if (itemIds.length === 0) return null;
  const what = entries.length === 1 ? 'a finding' : `${entries.length} findings`;
  return {
    label: `Dismiss ${what} of “${findingWords[kind].title}”`,
    change: { kind: 'dismiss-finding', finding: kind, itemIds },
  };
}

/** As the image says it. */
const reasonOf = (kind: FindingKind): string =>
  kind === 'duplicates' || kind === 'leaks' ? 'Duplicate' : findingWords[kind].title;

/** The later in `splitNames`, the more it is judged by: -1 for none. */
function partOf(columns: Columns, itemId: number): number {
  const part = columns.partAt(columns.positionOf(itemId));
  return part === noPart ? -1 : part;
}

/** The one that was chosen; else one of the part that is judged by most, so that what was measured on it stays comparable. */
function keptOf(
  columns: Columns,
  copies: readonly number[],
  chosen: ReadonlySet<number>,
): number | undefined {
  const own = copies.filter((itemId) => chosen.has(itemId));
  if (own.length === 1) return own[0];
  return [...copies].sort((a, b) => partOf(columns, b) - partOf(columns, a) || a - b)[0];
}
