/**
 * How runs, or studies, ended, where the disk had no room for it: what their rows say is overtaken by that until a row
 * is written again. Kept in memory alone; the next opening of the project finds them as interrupted. And how one
 * that is at rest is put in the queue again, for that asks both.
 */
import type { Database } from './database.ts';

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
}
