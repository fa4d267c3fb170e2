/**
 * What rows of runs and of studies have in common: their ids, that one at rest can be put in the queue again, and that those which
 * a process that died left as under way are ended. Where the disk has no room for how one ended, it is kept here in memory alone
 * until its row is written again; the next opening of the project finds it as interrupted.
 */
import { AtelierError } from '#contract/errors.ts';
import { countOf } from './database-problems.ts';
import type { Connection } from './connection.ts';
import { row, rows, type Database } from './database.ts';

const kinds = {
  run: {
    table: 'runs',
    last: 'lastRun',
    interrupted: 'The studio ended while this training was running. Your project is intact; resume to go on.',
  },
  study: {
    table: 'studies',
    last: 'lastStudy',
    interrupted: 'The studio ended while this study was running. Its trials are intact; resume to go on.',
  },
} as const;

export class StatefulRows<End extends { state?: string }> {
  readonly #overtaken = new Map<string, End>();

  constructor(
    private readonly kind: keyof typeof kinds,
    private readonly connection: Pick<Connection, 'database' | 'change'>,
  ) {}

  /** The number of a new row, from 1. Call inside a transaction. */
  nextNumber(database: Database): number {
    const { table, last } = kinds[this.kind];
    const given = row<{ value: string }>(database, 'SELECT value FROM meta WHERE key = ?', last);
    // Where the one given last cannot be read, the highest that there is.
    const highest = () =>
      row<{ number: number }>(
        database,
        `SELECT coalesce(max(CAST(substr(id, ?) AS INTEGER)), 0) AS number FROM ${table} WHERE id GLOB ?`,
        this.kind.length + 2,
        `${this.kind}-[0-9]*`,
      )!.number;
    const number = (countOf(given?.value) ?? highest()) + 1;
    database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(last, String(number));
    return number;
  }

  /** How the one of this id ended, where its row does not say so. */
  endOf(id: string): End | undefined {
    return this.#overtaken.get(id);
  }

  /** Keeps in memory how one ended. */
  overtake(id: string, end: End): void {
    this.#overtaken.set(id, end);
  }

  /** The row says its state again, or is gone. */
  forget(id: string): void {
    this.#overtaken.delete(id);
  }

  /**
   * Puts one that was cancelled or has failed in the queue again; of two that ask at once, one gets it.
   * @param check in the same transaction, so that nothing comes between; may throw
   * @returns whether it was at rest
   */
  async requeue(id: string, check: () => void): Promise<boolean> {
    const end = this.#overtaken.get(id);
    try {
      return await this.connection.change((database) => {
        check();
        if (end?.state === 'finished') return false;
        // The row of one that was overtaken says what came before its end; the first who asks may pass by that.
        const wasOvertaken = this.#overtaken.delete(id);
        const { changes } = database
          .prepare(
            `UPDATE ${kinds[this.kind].table} SET state = 'queued', error = NULL, finished_at = NULL
             WHERE id = ? AND (? OR state IN ('cancelled', 'failed'))`,
          )
          .run(id, Number(wasOvertaken));
        return Number(changes) > 0;
      });
    } catch (thrown) {
      if (end) this.#overtaken.set(id, end);
      throw thrown;
    }
  }

  /**
   * Marks as failed what a process that died left as under way; it can be resumed. Where that cannot be written, it is held in
   * memory, so that nothing is shown as under way that is not.
   */
  async failInterrupted(): Promise<void> {
    const { table, interrupted } = kinds[this.kind];
    const under = "state IN ('running', 'queued')";
    const found = rows<{ id: string }>(this.connection.database, `SELECT id FROM ${table} WHERE ${under}`);
    if (found.length === 0) return;
    const error = new AtelierError('WORKER_DIED', interrupted).toWire();
    const end = { state: 'failed', finishedAt: new Date().toISOString(), error };
    try {
      await this.connection.change((database) =>
        database
          .prepare(`UPDATE ${table} SET state = ?, finished_at = ?, error = ? WHERE ${under}`)
          .run(end.state, end.finishedAt, JSON.stringify(error)),
      );
    } catch (thrown) {
      const stays =
        thrown instanceof AtelierError && ['DISK_FULL', 'PROJECT_READ_ONLY'].includes(thrown.code);
      if (!stays) throw thrown;
      for (const { id } of found) this.#overtaken.set(id, end as unknown as End);
    }
  }
}
