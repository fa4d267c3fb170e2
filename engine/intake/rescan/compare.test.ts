/** What became of each file of a source: tables of small cases, and a property over all. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareSource, type FoundFile, type KnownItem } from './compare.ts';

/** "a/1=x" is a file a/1 of content x; "-a/1=x" an item that was removed. */
const fileOf = (text: string): FoundFile => {
  const [name = '', hash = ''] = text.split('=');
  return { name, hash, className: name.split('/')[0]!, part: 'pool' };
};
const itemOf = (text: string, index: number): KnownItem => {
  const { name, hash, className } = fileOf(text.replace(/^-/, ''));
  return { id: index + 1, name, hash, className, removed: text.startsWith('-') };
};
const words = (text: string) => text.split(' ').filter((word) => word !== '');

function told(known: string, found: string): string {
  const { same, added, changed, moved, gone, returned } = compareSource(
    words(known).map(itemOf),
    words(found).map(fileOf),
  );
  return [
    `same ${same}`,
    ...added.map(({ name }) => `added ${name}`),
    ...changed.map(({ item }) => `changed ${item.name}`),
    ...moved.map(({ item, file }) => `moved ${item.name} ${file.name}`),
    ...gone.map(({ name }) => `gone ${name}`),
    ...returned.map(({ item, file }) => `returned ${item.name} ${file.name}`),
  ].join(', ');
}

it.each([
  ['a/1=x a/2=y', 'a/1=x a/2=y', 'same 2'],
  ['a/1=x', 'a/1=x a/2=y', 'same 1, added a/2'],
  ['a/1=x', 'a/1=z', 'same 0, changed a/1'],
  ['a/1=x a/2=y', 'a/1=x', 'same 1, gone a/2'],
  ['a/1=x', 'b/9=x', 'same 0, moved a/1 b/9'],
  // Two that changed places, and one that moved on while another took its name.
  ['a/1=x a/2=y', 'a/1=y a/2=x', 'same 0, moved a/1 a/2, moved a/2 a/1'],
  ['a/1=x', 'a/1=new a/2=x', 'same 0, added a/1, moved a/1 a/2'],
  // A copy is another image, also where the original is still there.
  ['a/1=x', 'a/1=x b/1=x', 'same 1, added b/1'],
  ['a/1=x b/1=x', 'b/2=x a/2=x', 'same 0, moved a/1 a/2, moved b/1 b/2'],
  ['a/1=x b/1=x', 'b/1=x', 'same 1, gone a/1'],
  // Removed from the project: not added again by itself.
  ['a/1=x -a/2=y', 'a/1=x a/2=y', 'same 1, returned a/2 a/2'],
  ['-a/1=x', 'a/9=x', 'same 0, returned a/1 a/9'],
  ['-a/1=x a/1=y', 'a/1=x', 'same 0, changed a/1'],
  ['-a/1=x', '', 'same 0'],
  ['', '', 'same 0'],
])('%s, now %s: %s', (known, found, expected) => {
  expect(told(known, found)).toBe(expected);
});

it('tells each file and each item once, and after an update nothing more', () => {
  const name = fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 5 })).map((at) => at.join('/'));
  const hash = fc.constantFrom('v', 'w', 'x', 'y', 'z');
  const files = fc
    .uniqueArray(fc.tuple(name, hash), { selector: ([at]) => at })
    .map((pairs) => pairs.map((pair) => fileOf(pair.join('='))));
  const removed = fc.array(fc.boolean(), { minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(files, files, removed, (before, now, flags) => {
      const known = before.map((file, index) => ({
        ...file,
        id: index + 1,
        removed: flags[index] ?? false,
      }));
      const { same, added, changed, moved, gone, returned } = compareSource(known, now);
      expect(same + added.length + changed.length + moved.length + returned.length).toBe(now.length);
      expect(same + changed.length + moved.length + gone.length).toBe(
        known.filter((item) => !item.removed).length,
      );
      for (const { item, file } of [...moved, ...returned]) expect(file.hash).toBe(item.hash);
      const taken: FoundFile[] = [
        ...added,
        ...[...changed, ...moved, ...returned].map(({ file }) => file),
        ...known.filter(
          (item) => !item.removed && now.some((file) => file.name === item.name && file.hash === item.hash),
        ),
      ];
      const after = taken.map((file, index) => ({ ...file, id: index + 1, removed: false }));
      const again = compareSource(after, now);
      expect([again.same, again.added, again.changed, again.moved, again.gone]).toEqual([
        now.length,
        [],
        [],
        [],
        [],
      ]);
    }),
  );
});
