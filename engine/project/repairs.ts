/**
 * Since when a person repairs, and what was changed of the labels since: a mark in the journal, kept with the project, so that a
 * reload or a restart loses neither. Taking all back is journal.ts; what repairing did to figures is repair-comparison.ts.
 */
import * as z from 'zod';
import { AtelierError } from '#contract/errors.ts';
import type { RepairSession } from '#contract/repair.ts';
import type { Columns } from './columns.ts';
import type { Connection } from './connection.ts';
import { type Database, row } from './database.ts';
import { type Change, changesAfter, follow, lastPlace, placeStands, undoAfter } from './journal.ts';
import { noteUse, versionOf } from './test-uses.ts';

const key = 'repair';

const Stored = z.object({
  runId: z.string(),
  startedAt: z.string(),
  /** The last change that stood when it began; number 0 where there was none. */
  since: z.object({ id: z.int(), at: z.string() }),
  retrainedId: z.string().nullable(),
});
type Stored = z.infer<typeof Stored>;

/** null where nobody repairs, what is kept cannot be read, or the change that it began after is no more. */
function storedIn(database: Database): Stored | null {
  const cell = row<{ value: unknown }>(database, 'SELECT value FROM meta WHERE key = ?', key)?.value;
  if (typeof cell !== 'string') return null;
  try {
    const stored = Stored.parse(JSON.parse(cell));
    return placeStands(database, stored.since) ? stored : null;
  } catch {
    return null;
  }
}

function keep(database: Database, stored: Stored): void {
  database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, JSON.stringify(stored));
}

const forgetSession = (database: Database) =>
  void database.prepare('DELETE FROM meta WHERE key = ?').run(key);

const single = (change: Change) => (change.kind === 'group' ? change.changes : [change]);

/** Notes that test images were repaired by a run, where a change does that while somebody repairs. Call in the change's transaction, before memory follows. */
export function noteRepair(database: Database, columns: Columns, change: Change): void {
  const changes = single(change).filter(({ kind }) => kind === 'relabel' || kind === 'exclude');
  if (changes.length === 0) return;
  const stored = storedIn(database);
  if (!stored) return;
  const isTest = (itemId: number) => columns.partAt(columns.positionOf(itemId)) === 2;
  const touched = new Set<number>();
  const excluded = new Set<number>();
  for (const one of changes) {
    if (one.kind !== 'relabel' && one.kind !== 'exclude') continue;
    for (const [itemId] of one.before) {
      if (!isTest(itemId)) continue;
      touched.add(itemId);
      if (one.kind === 'exclude' && one.reason !== null) excluded.add(itemId);
    }
  }
  if (touched.size === 0) return;
  const ids = columns.ofSplit('test').map((at) => columns.ids[at]!);
  const note = (version: string | null, members: Int32Array | null) => {
    if (version !== null) noteUse(database, { version, members }, 'repair', [stored.runId]);
  };
  note(versionOf(ids), ids);
  // Without some of its images it is another version, which was repaired too; its images are known from the one before.
  if (excluded.size > 0) note(versionOf(ids.filter((itemId) => !excluded.has(itemId))), null);
}

/** What stands differently from how it was before these changes. Those of a kind that repairing does not make count as others. */
function summed(columns: Columns, changes: readonly Change[]): Omit<RepairSession['changes'], 'steps'> {
  const classes = new Map<number, number>();
  const reasons = new Map<number, string | null>();
  const marks = new Map<number, boolean>();
  const first = <T>(known: Map<number, T>, itemId: number, was: T) => {
    if (!known.has(itemId)) known.set(itemId, was);
  };
  let others = 0;
  for (const change of changes) {
    let isOther = false;
    for (const one of single(change)) {
      if (one.kind === 'relabel') for (const [itemId, was] of one.before) first(classes, itemId, was);
      else if (one.kind === 'exclude') for (const [itemId, was] of one.before) first(reasons, itemId, was);
      else if (one.kind === 'mark-hard') for (const itemId of one.itemIds) first(marks, itemId, !one.hard);
      else isOther = true;
    }
    if (isOther) others += 1;
  }
  const count = <T>(known: Map<number, T>, differs: (at: number, was: T) => boolean) =>
    [...known].filter(([itemId, was]) => differs(columns.positionOf(itemId), was)).length;
  return {
    relabelled: count(classes, (at, was) => columns.classIds[at] !== was),
    excluded: count(reasons, (at, was) => (columns.excluded[at] === 1) !== (was !== null)),
    hard: count(marks, (at, was) => (columns.hard[at] === 1) !== was),
    others,
  };
}

export class Repairs {
  constructor(
    private readonly connection: Pick<Connection, 'database' | 'change' | 'inTurn' | 'commit'>,
    private readonly columns: Columns,
  ) {}

  /** null where nobody repairs. */
  session(): RepairSession | null {
    const { database } = this.connection;
    const stored = storedIn(database);
    if (!stored) return null;
    const { runId, startedAt, retrainedId, since } = stored;
    const isThere = (id: string) => row(database, 'SELECT id FROM runs WHERE id = ?', id) !== undefined;
    const changes = changesAfter(database, since.id);
    return {
      ...{ runId, startedAt },
      retrainedId: retrainedId !== null && isThere(retrainedId) ? retrainedId : null,
      changes: { steps: changes.length, ...summed(this.columns, changes) },
    };
  }

  /** One that is under way goes on. */
  async begin(runId: string): Promise<void> {
    await this.connection.change((database) => {
      if (storedIn(database)) return;
      const startedAt = new Date().toISOString();
      keep(database, { runId, startedAt, since: lastPlace(database), retrainedId: null });
    });
  }

  async retrained(runId: string): Promise<void> {
    await this.connection.change((database) => {
      const stored = storedIn(database);
      if (stored) keep(database, { ...stored, retrainedId: runId });
    });
  }

  /** Takes back all that was changed since it began, as one, and ends. @returns the items touched. @throws CONFLICT where nobody repairs, and where a change cannot be taken back */
  undoAll(): Promise<number[]> {
    return this.connection.inTurn(async () => {
      const changes = await this.connection.commit((database) => {
        const stored = storedIn(database);
        if (!stored)
          throw new AtelierError('CONFLICT', 'Expected labels that are being repaired, but nobody repairs.');
        const undone = undoAfter(database, stored.since.id);
        forgetSession(database);
        return undone;
      });
      return [...new Set(changes.flatMap((change) => follow(this.columns, change, false)))];
    });
  }

  async end(): Promise<void> {
    await this.connection.change(forgetSession);
  }
}
