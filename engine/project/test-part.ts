/**
 * The test part over time: which version of it is there, how often it may have informed a choice, and whether it is sealed. A
 * version is named by its images alone, so that undoing a draw brings the version of before back, with all that was counted of it.
 */
import { createHash } from 'node:crypto';
import { AtelierError } from '#contract/errors.ts';
import { longestName, readableName } from '#contract/names.ts';
import type { Split } from '#contract/project.ts';
import type { TestPart } from '#contract/splits.ts';
import { append } from '#learning/grouped.ts';
import type { Columns } from './columns.ts';
import type { Connection } from './connection.ts';
import { type Database, row, rows } from './database.ts';

/** Name of a set of images; null of none. @param itemIds ascending */
export function versionOf(itemIds: Int32Array): string | null {
  if (itemIds.length === 0) return null;
  const { buffer, byteOffset, byteLength } = itemIds;
  return createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex')
    .slice(0, 12);
}

/** Notes that a run was evaluated, two were compared, or images were repaired by one, on a version; once, however often. Call inside a transaction. */
export function noteUse(
  database: Database,
  version: string,
  kind: 'evaluation' | 'comparison' | 'repair',
  runIds: readonly string[],
): void {
  database
    .prepare('INSERT OR IGNORE INTO test_uses (version, kind, runs, at) VALUES (?, ?, ?, ?)')
    .run(version, kind, [...runIds].sort().join(' '), new Date().toISOString());
}

/** Whether that comparison was noted before: looking again writes nothing. */
const isNoted = (database: Database, version: string, runIds: readonly string[]) =>
  row(
    database,
    "SELECT kind FROM test_uses WHERE version = ? AND kind = 'comparison' AND runs = ?",
    version,
    [...runIds].sort().join(' '),
  ) !== undefined;

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
    const name = versionOf(columns.ofSplit(split).map((row) => columns.ids[row]!));
    if (split === 'test') this.#kept = { version: columns.version, name };
    return name;
  }

  /** How often a version was looked at; of none, never. */
  usesOf(version: string | null): Pick<TestPart, 'runs' | 'comparisons' | 'repairs'> {
    const uses = rows<{ kind: string; count: number }>(
      this.connection.database,
      'SELECT kind, count(*) AS count FROM test_uses WHERE version = ? GROUP BY kind',
      version ?? '',
    );
    const of = (asked: string) => uses.find(({ kind }) => kind === asked)?.count ?? 0;
    return { runs: of('evaluation'), comparisons: of('comparison'), repairs: of('repair') };
  }

  state(): TestPart {
    const { database } = this.connection;
    const version = this.versionOf('test');
    const sealed = row<{ value: unknown }>(database, 'SELECT value FROM meta WHERE key = ?', sealKey)?.value;
    const uses = this.usesOf(version);
    return {
      ...{ version, images: this.columns.counts().all.test, ...uses },
      sealed: version !== null && sealed === version && uses.runs === 0,
      evaluated: evaluatedBy(database, version),
    };
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
    if (version === null || isNoted(this.connection.database, version, runIds)) return;
    await this.connection
      .change((database) => noteUse(database, version, 'comparison', runIds))
      .catch(() => undefined);
  }

  /**
   * Once runs were evaluated on the test part, another one takes a clear yes.
   * @throws CONFLICT
   */
  requireUnused(accepted: boolean): void {
    const { runs, version } = this.state();
    if (runs === 0 || accepted) return;
    throw new AtelierError(
      'CONFLICT',
      `${runs === 1 ? '1 run was' : `${runs} runs were`} evaluated on the present test part. Another one makes those figures no longer comparable with those to come. Say yes to that (--accept-new-test, or the box in the window), or leave the test part as it is.`,
      { runs, version },
    );
  }
}
