import * as z from 'zod';
import { beforeEach, describe, expect, it } from 'vitest';
import { Kept } from './kept.ts';

let stored: string | null;
let full: boolean;
const store = {
  getItem: () => stored,
  setItem: (_: string, value: string) => {
    if (full) throw new Error('QuotaExceededError');
    stored = value;
  },
};
const kept = new Kept(store, 'k', z.object({ n: z.number() }), 3);
beforeEach(() => {
  stored = null;
  full = false;
});

describe('what is kept of projects', () => {
  it('is read again, each for its own, until it is forgotten', () => {
    kept.write('a', { n: 1 });
    kept.write('b', { n: 2 });
    kept.write('a', { n: 3 });
    expect([kept.read('a'), kept.read('b'), kept.read('c')]).toEqual([{ n: 3 }, { n: 2 }, null]);
    kept.write('a', null);
    expect([kept.read('a'), kept.read('b')]).toEqual([null, { n: 2 }]);
  });

  it('is of the projects that were worked on last, no more', () => {
    for (const [n, id] of ['a', 'b', 'c', 'a', 'd'].entries()) kept.write(id, { n });
    expect(['a', 'b', 'c', 'd'].map((id) => kept.read(id)?.n)).toEqual([3, undefined, 2, 4]);
  });

  it.each(['no JSON', '{}', '[["a"]]', '[["a",{"n":"1"}]]'])('is nothing where it says %s', (text) => {
    stored = text;
    expect(kept.read('a')).toBeNull();
    kept.write('a', { n: 1 });
    expect(kept.read('a')).toEqual({ n: 1 });
  });

  it('is lost where the storage is full, and harms nothing', () => {
    full = true;
    kept.write('a', { n: 1 });
    expect(kept.read('a')).toBeNull();
  });
});
