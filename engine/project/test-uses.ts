/**
 * What versions of the test part were used for, and which images they had: what may have informed a choice stays known of images
 * that go into another version. A version is named by its images alone. Which one is there now is test-part.ts.
 */
import { createHash } from 'node:crypto';
import { type Database, row, rows } from './database.ts';

/** Counts of what may have informed a choice. */
export interface UseCounts {
  runs: number;
  comparisons: number;
  repairs: number;
}

type UseKind = 'evaluation' | 'comparison' | 'repair';

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Name of a set of images; null of none. @param itemIds ascending */
export const versionOf = (itemIds: Int32Array): string | null =>
  itemIds.length === 0 ? null : createHash('sha256').update(bytesOf(itemIds)).digest('hex').slice(0, 12);

const keyOfRuns = (runIds: readonly string[]) => [...runIds].sort().join(' ');

/**
 * Notes that a run was evaluated, two were compared, or images were repaired by one, on a version; once, however often. Call inside a
 * transaction.
 * @param members images of the version, ascending; null where another one that is noted has them
 */
export function noteUse(
  database: Database,
  { version, members }: { version: string; members: Int32Array | null },
  kind: UseKind,
  runIds: readonly string[],
): void {
  const { changes } = database
    .prepare('INSERT OR IGNORE INTO test_uses (version, kind, runs, at) VALUES (?, ?, ?, ?)')
    .run(version, kind, keyOfRuns(runIds), new Date().toISOString());
  if (changes > 0 && members) keepMembers(database, version, members);
}

const keepMembers = (database: Database, version: string, members: Int32Array) =>
  void database
    .prepare('INSERT OR IGNORE INTO test_versions (version, items) VALUES (?, ?)')
    .run(version, bytesOf(members));

/** Whether that comparison was noted before: looking again writes nothing. */
export const isComparisonNoted = (database: Database, version: string, runIds: readonly string[]) =>
  row(
    database,
    "SELECT kind FROM test_uses WHERE version = ? AND kind = 'comparison' AND runs = ?",
    version,
    keyOfRuns(runIds),
  ) !== undefined;

/** Whether that version was used by an earlier program, which did not keep its images. */
const lacksMembers = (database: Database, version: string) =>
  row(
    database,
    `SELECT version FROM test_uses WHERE version = ?1
     AND NOT EXISTS (SELECT version FROM test_versions WHERE version = ?1) LIMIT 1`,
    version,
  ) !== undefined;

/** Keeps the images of the present version where it was used by a program that did not. @param change as Connection.change */
export async function completeMembers(
  database: Database,
  members: Int32Array,
  change: (work: (database: Database) => void) => Promise<unknown>,
): Promise<void> {
  const version = versionOf(members);
  if (version !== null && lacksMembers(database, version))
    await change((writable) => keepMembers(writable, version, members));
}

const counted = (uses: Iterable<string>): UseCounts => {
  const counts: UseCounts = { runs: 0, comparisons: 0, repairs: 0 };
  for (const use of uses) {
    if (use.startsWith('evaluation ')) counts.runs++;
    else if (use.startsWith('comparison ')) counts.comparisons++;
    else if (use.startsWith('repair ')) counts.repairs++;
  }
  return counts;
};

/**
 * What was counted of a version, and, not again, of others that share images with it.
 * @param members ascending
 * @returns `earlier`: null where no other version that was used shares an image; `images`: how many of this one were in such
 */
export function usesOf(
  database: Database,
  members: Int32Array,
): UseCounts & { earlier: (UseCounts & { images: number }) | null } {
  const version = versionOf(members);
  const own = new Set<string>();
  const byVersion = new Map<string, string[]>();
  for (const use of rows<{ version: string; use: string }>(
    database,
    "SELECT version, kind || ' ' || runs AS use FROM test_uses",
  )) {
    if (use.version === version) own.add(use.use);
    else byVersion.set(use.version, [...(byVersion.get(use.version) ?? []), use.use]);
  }
  const others = new Set<string>();
  const shared = new Uint8Array(members.length);
  for (const { version: other, items } of byVersion.size === 0 ? [] : versions(database)) {
    const uses = byVersion.get(other);
    if (!uses || !markShared(members, items, shared)) continue;
    for (const use of uses) if (!own.has(use)) others.add(use);
  }
  const images = shared.reduce((sum, each) => sum + each, 0);
  return { ...counted(own), earlier: others.size === 0 ? null : { images, ...counted(others) } };
}

function versions(database: Database): { version: string; items: Int32Array }[] {
  return rows<{ version: string; items: unknown }>(database, 'SELECT version, items FROM test_versions').map(
    ({ version, items }) => ({
      version,
      // Copied, for it need not begin where a number may; what a hand wrote there is no images.
      items:
        items instanceof Uint8Array && items.length % 4 === 0
          ? new Int32Array(items.slice().buffer)
          : new Int32Array(0),
    }),
  );
}

/** Marks the members that are in `items` too; both ascending. @returns whether there is one */
function markShared(members: Int32Array, items: Int32Array, shared: Uint8Array): boolean {
  let found = false;
  for (let at = 0, other = 0; at < members.length && other < items.length;) {
    const [a, b] = [members[at]!, items[other]!];
    if (a === b) {
      shared[at] = 1;
      found = true;
    }
    if (a <= b) at++;
    if (b <= a) other++;
  }
  return found;
}
