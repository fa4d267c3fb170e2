/**
 * The other program: takes the database's lock and lets go of it as it is told. Started by locked.ts with the database;
 * ends when it is disconnected.
 */
import { openBare } from '#engine/project/database.ts';

const database = openBare(process.argv[2]!);
database.exec('PRAGMA busy_timeout = 60000');
process.on('message', (told: 'take' | 'release') => {
  database.exec(told === 'take' ? 'BEGIN IMMEDIATE' : 'ROLLBACK');
  process.send!(told);
});
process.on('disconnect', () => process.exit(0));
