/**
 * Sabotage for import.test.ts: the worker at $ATELIER_WHOLE_WORKER, but each of its rows counts at once and it outlives its
 * studio, as a program does that thinks neither of transactions nor of being killed.
 */
import { createRequire } from 'node:module';
import * as sqlite from '@photostructure/sqlite';

class Spoilt extends sqlite.DatabaseSync {
  override exec(sql: string): void {
    if (!/^(BEGIN IMMEDIATE|COMMIT|ROLLBACK)$/.test(sql)) super.exec(sql);
  }
}
const load = createRequire(__filename);
load.cache[load.resolve('@photostructure/sqlite')]!.exports = { ...sqlite, DatabaseSync: Spoilt };
load(process.env['ATELIER_WHOLE_WORKER']!);
process.removeAllListeners('disconnect');
