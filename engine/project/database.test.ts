/** What a full disk is told as where the database meets it (SQLite is given no more pages), and that names are stored as they are. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ClassName, Name, Note } from '#contract/names.ts';
import { openBare, transaction } from './database.ts';

it('says that there is no space left, and changes nothing', () => {
  const database = openBare(':memory:');
  database.exec('CREATE TABLE t (x BLOB); PRAGMA max_page_count = 3');
  const fill = () => transaction(database, () => database.exec('INSERT INTO t VALUES (zeroblob(100000))'));
  expect(fill).toThrow(expect.objectContaining({ code: 'DISK_FULL' }) as Error);
  expect(database.prepare('SELECT count(*) AS count FROM t').get()).toEqual({ count: 0 });
  database.close();
});

const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\0', '\n', '\ud800', '\u202e', ' ', 'é'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});

it('whatever is taken for a name comes out of SQLite as it went in', () => {
  const database = openBare(':memory:');
  const back = database.prepare('SELECT ?1 AS text, length(?1) AS length');
  fc.assert(
    fc.property(anyText, (text) => {
      for (const schema of [ClassName, Name, Note]) {
        const read = schema.safeParse(text);
        if (!read.success) continue;
        expect(back.get(read.data)).toEqual({ text: read.data, length: [...read.data].length });
        expect(schema.parse(read.data)).toBe(read.data);
      }
    }),
  );
  database.close();
});
