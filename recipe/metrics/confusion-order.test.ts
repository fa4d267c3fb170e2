import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classOrders, orderOfClasses } from './confusion-order.ts';

const square = fc.integer({ min: 0, max: 12 }).chain((side) =>
  fc.array(fc.array(fc.nat({ max: 5 }), { minLength: side, maxLength: side }), {
    minLength: side,
    maxLength: side,
  }),
);
const named = (confusion: number[][]) => confusion.map((_, index) => `class ${index}`);

/** Classes `0..`, each right `right` times, and the pairs that are confused both ways this often. */
function matrix(side: number, pairs: [number, number, number][], right = 10): number[][] {
  const confusion = Array.from({ length: side }, (_, row) =>
    Array.from({ length: side }, (_, column) => (row === column ? right : 0)),
  );
  for (const [a, b, images] of pairs) confusion[a]![b] = confusion[b]![a] = images;
  return confusion;
}

/** Sum of likeness of neighbours: what an order is to make large. */
function neighbours(confusion: number[][], order: number[]): number {
  const support = confusion.map((row) => row.reduce((sum, value) => sum + value, 0));
  const share = (a: number, b: number) => (support[a] ? confusion[a]![b]! / support[a] : 0);
  return order.slice(1).reduce((sum, b, at) => sum + share(order[at]!, b) + share(b, order[at]!), 0);
}

describe.each(classOrders)('%s', (by) => {
  it('has each class once, whatever the matrix', () => {
    fc.assert(
      fc.property(square, (confusion) => {
        const order = orderOfClasses(confusion, named(confusion), by);
        expect([...order].sort((a, b) => a - b)).toEqual(confusion.map((_, place) => place));
      }),
    );
  });
});

it('sorts by name as people count, by errors and by images', () => {
  const confusion = [
    [5, 0, 1],
    [3, 1, 0],
    [0, 0, 20],
  ];
  const order = (by: 'name' | 'errors' | 'support') => orderOfClasses(confusion, ['b10', 'b9', 'a'], by);
  expect(order('name')).toEqual([2, 1, 0]);
  expect(order('errors')).toEqual([1, 0, 2]);
  expect(order('support')).toEqual([2, 0, 1]);
});

describe('by confusion', () => {
  it('puts side by side what is taken for one another, the most confused first', () => {
    // Two groups, scattered: 0, 3, 5 and 1, 4; nothing confuses 2 and 6.
    const confusion = matrix(7, [
      [0, 3, 5],
      [3, 5, 5],
      [0, 5, 2],
      [1, 4, 3],
    ]);
    expect(orderOfClasses(confusion, named(confusion), 'confusion')).toEqual([0, 3, 5, 1, 4, 2, 6]);
  });

  it('finds a chain again that was shuffled', () => {
    const shuffle = [4, 0, 6, 2, 7, 1, 5, 3];
    const pairs = shuffle.slice(1).map((b, at): [number, number, number] => [shuffle[at]!, b, 4]);
    const confusion = matrix(8, pairs);
    const order = orderOfClasses(confusion, named(confusion), 'confusion');
    expect(neighbours(confusion, order)).toBeGreaterThan(0.8 * neighbours(confusion, shuffle));
    expect(neighbours(confusion, order)).toBeGreaterThan(2 * neighbours(confusion, [0, 1, 2, 3, 4, 5, 6, 7]));
  });

  it('puts groups together that were planted among many', () => {
    // Ten groups of twenty classes, dealt out like cards.
    const side = 200;
    const group = (place: number) => place % 10;
    const confusion = Array.from({ length: side }, (_, a) =>
      Array.from({ length: side }, (_, b) =>
        a === b ? 50 : group(a) === group(b) ? 1 + ((a * b) % 3) : (a * 7 + b) % 97 === 0 ? 1 : 0,
      ),
    );
    const order = orderOfClasses(confusion, named(confusion), 'confusion');
    const changes = order.filter((place, at) => at > 0 && group(place) !== group(order[at - 1]!)).length;
    expect(changes).toBe(9);
  });
});
