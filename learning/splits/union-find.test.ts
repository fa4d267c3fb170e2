/** Sets joined pair by pair are those that a search along the pairs finds. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UnionFind } from './union-find.ts';

it('puts together what pairs reach, and nothing else', () => {
  const pair = fc.tuple(fc.integer({ min: 0, max: 19 }), fc.integer({ min: 0, max: 19 }));
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 25 }), (pairs) => {
      const sets = new UnionFind(20);
      for (const [a, b] of pairs) sets.join(a, b);
      const numbers = sets.numbered();
      const reached = Array.from({ length: 20 }, (_, start) => {
        const found = new Set([start]);
        for (const at of found)
          for (const [a, b] of pairs) {
            if (a === at) found.add(b);
            if (b === at) found.add(a);
          }
        return found;
      });
      for (let a = 0; a < 20; a++)
        for (let b = 0; b < 20; b++) expect(numbers[a] === numbers[b]).toBe(reached[a]!.has(b));
      // From 0, by their first members.
      let next = 0;
      for (const number of numbers) {
        expect(number).toBeLessThanOrEqual(next);
        if (number === next) next++;
      }
    }),
  );
});
