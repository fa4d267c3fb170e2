/**
 * How runs, or studies, ended, where the disk had no room for it: what their rows say is overtaken by that until a row
 * is written again. Kept in memory alone; the next opening of the project finds them as interrupted. And how one
 * that is at rest is put in the queue again, for that asks both.
 */
import { AtelierError, type WireError } from '#contract/errors.ts';
import { type Database, rows } from './database.ts';

/** How one ended that a process which died left as under way. */
export interface Interruption {
  state: 'failed';
  finishedAt: string;
  error: WireError;
}

export class Ends<End extends { state?: string }> {
  readonly #overtaken = new Map<string, End>();

  constructor(
    private readonly table: 'runs' | 'studies',
    private readonly change: <T>(work: (database: Database) => T) => Promise<T>,
  ) {}

  /** What the row of this id is overtaken by. */
  of(id: string): End | undefined {
    return this.#overtaken.get(id);
  }

  overtake(id: string, end: End): void {
    this.#overtaken.set(id, end);
  }

  /** The row says how it stands again, or is gone. */
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
      return await this.change((database) => {
        check();
        if (end?.state === 'finished') return false;
        // The row of one that was overtaken says what came before its end; the first who asks may pass by that.
        const wasOvertaken = this.#overtaken.delete(id);
        const { changes } = database
          .prepare(
            `UPDATE ${this.table} SET state = 'queued', error = NULL, finished_at = NULL
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
   * Marks as failed what a process that died left as under way. Where that cannot be written, it is held in memory, so
   * that nothing is shown as under way that is not.
   */
  async endInterrupted(database: Database, end: Interruption & End): Promise<void> {
    const under = "state IN ('running', 'queued')";
    const found = rows<{ id: string }>(database, `SELECT id FROM ${this.table} WHERE ${under}`);
    if (found.length === 0) return;
    try {
      await this.change((connected) =>
        connected
          .prepare(`UPDATE ${this.table} SET state = ?, finished_at = ?, error = ? WHERE ${under}`)
          .run(end.state, end.finishedAt, JSON.stringify(end.error)),
      );
    } catch (thrown) {
      const stays =
        thrown instanceof AtelierError && ['DISK_FULL', 'PROJECT_READ_ONLY'].includes(thrown.code);
      if (!stays) throw thrown;
      for (const { id } of found) this.#overtaken.set(id, end);
    }
  }
}
