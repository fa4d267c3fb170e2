/**
 * Waits until nobody else writes to a project's database. The worker of a studio that was killed may hold what it has not
 * committed until it has ended: what is read before that might not be what is there afterwards.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { AtelierError } from '#contract/errors.ts';
import { type Database, row } from './database.ts';

const patience = 60_000;
const pauseMilliseconds = 20;

/** Never holds up the event loop. @throws PROJECT_LOCKED where it takes longer than a worker needs to notice */
export async function settled(database: Database, folder: string): Promise<void> {
  const { timeout } = row<{ timeout: number }>(database, 'PRAGMA busy_timeout')!;
  database.exec('PRAGMA busy_timeout = 0');
  try {
    for (let waited = 0; ; waited += pauseMilliseconds) {
      try {
        database.exec('BEGIN IMMEDIATE');
        database.exec('COMMIT');
        return;
      } catch (thrown) {
        if (!/locked|busy/i.test(String(thrown))) throw thrown;
        if (waited >= patience) {
          throw new AtelierError(
            'PROJECT_LOCKED',
            `Expected a project that nobody else writes to, but another process holds the database in ${folder}. Wait until it has ended, then open the project again.`,
            { path: folder },
            { cause: thrown },
          );
        }
      }
      await pause(pauseMilliseconds);
    }
  } finally {
    database.exec(`PRAGMA busy_timeout = ${timeout}`);
  }
}
