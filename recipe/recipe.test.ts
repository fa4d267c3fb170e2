/** Bounds of the recipe that arithmetic depends on. */
import { expect, test } from 'vitest';
import { Optimizer } from './optimizer.ts';

test.each(['adam', 'adamw', 'rmsprop', 'adagrad'])(
  '%s: an epsilon that float32 has as 0 is refused',
  (kind) => {
    expect(Math.fround(1e-46)).toBe(0);
    expect(Optimizer.safeParse({ kind, epsilon: 1e-46 }).success).toBe(false);
    // The least that is allowed is a normal number of float32, not one that engines flush to 0.
    expect(Optimizer.safeParse({ kind, epsilon: 1e-30 }).success).toBe(true);
    expect(1e-30).toBeGreaterThan(2 ** -126);
    expect(Optimizer.parse({ kind })).toMatchObject({ epsilon: 1e-7 });
  },
);
