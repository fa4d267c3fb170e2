/** What a full disk is told as, where the database meets it: SQLite is given no more pages. */
import { expect, it } from 'vitest';
import { openBare, transaction } from './database.ts';

it('says that there is no space left, and changes nothing', () => {
  const database = openBare(':memory:');
  database.exec('CREATE TABLE t (x BLOB); PRAGMA max_page_count = 3');
  const fill = () => transaction(database, () => database.exec('INSERT INTO t VALUES (zeroblob(100000))'));
  expect(fill).toThrow(expect.objectContaining({ code: 'DISK_FULL' }) as Error);
  expect(database.prepare('SELECT count(*) AS count FROM t').get()).toEqual({ count: 0 });
  database.close();
});
