/**
 * The test part over time: which version of it is there, how often it may have informed a choice, and whether it is sealed. A
 * version is named by its images alone, so that undoing a draw brings the version of before back, with all that was counted of it;
 * what was counted of versions that share images with it is test-uses.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import { longestName, readableName } from '#contract/names.ts';
import { type Split, splitNames } from '#contract/project.ts';
import { newTestYes, runsOnTest, type TestPart } from '#contract/splits.ts';
import { append } from '#learning/grouped.ts';
import type { Columns } from './columns.ts';
import type { Connection } from './connection.ts';
import { type Database, row, rows } from './database.ts';
import type { Change } from './journal.ts';
import { completeMembers, isComparisonNoted, noteUse, usesOf, versionOf } from './test-uses.ts';

/** Names of runs by the version that each was evaluated on last, the present one first. */
function evaluatedBy(database: Database, present: string | null): TestPart['evaluated'] {
  const found = rows<{ name: unknown; version: unknown }>(
    database,
    `SELECT runs.name, iif(json_valid(evaluation), evaluation ->> '$.partVersion', NULL) AS version
     FROM evaluations JOIN runs ON runs.id = run_id
     WHERE split = 2 AND test_time = 'none' AND typeof(evaluation) = 'text' ORDER BY runs.created_at`,
  );
  const byVersion = new Map<string | null, string[]>();
  for (const { name, version } of found)
    append(byVersion, typeof version === 'string' ? version : null, readableName(name, longestName));
  return [...byVersion]
    .map(([version, runs]) => ({ version, runs }))
    .sort((a, b) => Number(b.version === present) - Number(a.version === present));
}

const sealKey = 'sealedTest';

export class TestParts {
  #kept: { version: number; name: string | null } | null = null;

  constructor(
    private readonly connection: Pick<Connection, 'database' | 'change'>,
    private readonly columns: Columns,
  ) {}

  /** Of the project's present part. */
  versionOf(split: Split): string | null {
    const { columns } = this;
    if (split === 'test' && this.#kept?.version === columns.version) return this.#kept.name;
    const name = versionOf(this.#imagesOf(split));
    if (split === 'test') this.#kept = { version: columns.version, name };
    return name;
  }

  /** Their ids, ascending. */
  #imagesOf(split: Split): Int32Array {
    const { columns } = this;
    return columns.ofSplit(split).map((at) => columns.ids[at]!);
  }

  state(): TestPart {
    const { database } = this.connection;
    const version = this.versionOf('test');
    const sealed = row<{ value: unknown }>(database, 'SELECT value FROM meta WHERE key = ?', sealKey)?.value;
    const { runs, comparisons, repairs, earlier } = usesOf(database, this.#imagesOf('test'));
    return {
      ...{ version, images: this.columns.counts().all.test, runs, comparisons, repairs, earlier },
      sealed: version !== null && sealed === version && runs === 0,
      evaluated: evaluatedBy(database, version),
    };
  }

  /** Brings what an earlier program kept of the present version in order. */
  async complete(): Promise<void> {
    const { connection } = this;
    await completeMembers(connection.database, this.#imagesOf('test'), (work) => connection.change(work));
  }

  /** The present version is left alone until a person evaluates a run on it. */
  async seal(): Promise<void> {
    const version = this.versionOf('test');
    await this.connection.change((database) =>
      database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(sealKey, version ?? ''),
    );
  }

  /** Where nothing can be written, it is not counted: looking goes on. */
  async noteComparison(runIds: readonly string[]): Promise<void> {
    const version = this.versionOf('test');
    if (version === null || isComparisonNoted(this.connection.database, version, runIds)) return;
    const members = this.#imagesOf('test');
    await this.connection
      .change((database) => noteUse(database, { version, members }, 'comparison', runIds))
      .catch(() => undefined);
  }

  /**
   * Once runs were evaluated on the test part, or on one that shares images with it, another one takes a clear yes.
   * @throws CONFLICT
   */
  requireUnused(accepted: boolean): void {
    if (!accepted) this.#require('Another one makes');
  }

  /**
   * The same for a change that moves images into the test part or out of it. Those that only leave it, since they are excluded,
   * removed or unlabelled, and those that get their first part with their label, take none.
   * @throws CONFLICT
   */
  requireKept(change: Change, accepted: boolean): void {
    const images = movesTest(change);
    if (accepted || images === 0) return;
    this.#require(`To move ${images === 1 ? '1 image' : `${images} images`} into or out of it makes`, images);
  }

  /** How many images a change moves into or out of the test part, where that takes a yes, and how many runs were evaluated on it; null where it takes none. */
  lockOn(change: Change): { images: number; runs: number } | null {
    const images = movesTest(change);
    const runs = images === 0 ? 0 : runsOnTest(this.state());
    return runs === 0 ? null : { images, runs };
  }

  #require(what: string, images?: number): void {
    const state = this.state();
    const { runs, version, earlier, images: present } = state;
    const all = runsOnTest(state);
    if (all === 0) return;
    const where =
      runs > 0
        ? 'the present test part'
        : `a test part that had ${earlier!.images} of the ${present} images of the present one`;
    throw new AtelierError(
      'CONFLICT',
      `${all === 1 ? '1 run was' : `${all} runs were`} evaluated on ${where}. ${what} those figures no longer comparable with those to come. Say yes to that (--accept-new-test, or the box in the window), or leave the test part as it is.`,
      { runs: all, version, takes: newTestYes, ...(images !== undefined && { images }) },
    );
  }
}

const test = splitNames.indexOf('test');

/** Images that a change moves into the test part or out of it. */
function movesTest(change: Change): number {
  const moved = (change.kind === 'group' ? change.changes : [change]).flatMap((one) =>
    one.kind === 'set-part' || one.kind === 'redraw-split' ? one.moved : [],
  );
  return moved.filter(([, before, after]) => before === test || after === test).length;
}
