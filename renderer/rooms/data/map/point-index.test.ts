/** The nearest point is that which looking at all of them finds. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PointIndex } from './point-index.ts';

const coordinate = fc.float({ min: -50, max: 50, noNaN: true });

test('finds the nearest within reach, of any points', () => {
  fc.assert(
    fc.property(
      fc.array(coordinate, { maxLength: 80 }),
      coordinate,
      coordinate,
      fc.float({ min: 0, max: 30, noNaN: true }),
      (values, x, y, radius) => {
        const coordinates = Float32Array.from(values.slice(0, values.length - (values.length % 2)));
        const keep = (place: number) => place % 3 !== 1;
        let [best, least] = [-1, radius * radius];
        for (let place = 0; place < coordinates.length / 2; place += 1) {
          const square = (coordinates[2 * place]! - x) ** 2 + (coordinates[2 * place + 1]! - y) ** 2;
          if (keep(place) && square <= least) [best, least] = [place, square];
        }
        const found = new PointIndex(coordinates).nearest(x, y, radius, keep);
        if (best < 0 || found < 0) {
          expect(found).toBe(best);
          return;
        }
        // Of several as near, any.
        const square = (coordinates[2 * found]! - x) ** 2 + (coordinates[2 * found + 1]! - y) ** 2;
        expect(square).toBe(least);
        expect(keep(found)).toBe(true);
      },
    ),
  );
});
