/** The quick form of `npm run torture -- mutated-bundle`: each byte of a small bundle once, and shown to notice. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { mutateEveryByte } from './mutated-bundle.ts';
import { openUnchecked } from './sabotage.ts';

let engine: Engine;
beforeAll(async () => void (engine = await openEngine()));
afterAll(() => engine.close());

const bits = [1, 2, 4, 8, 16, 32, 64, 128];

test.each([
  { manifest: true, step: 5 },
  { manifest: false, step: 11 },
])('a byte that was changed is refused, or changes no answer: %o', async ({ manifest, step }) => {
  const { size, trials, refused, same, wrong } = await mutateEveryByte({
    manifest,
    patterns: bits,
    // One byte of so many, another bit from one to the next.
    places: (offset, pattern) => offset % step === 0 && pattern === bits[(offset / step) % bits.length],
  });
  expect(wrong).toEqual([]);
  expect(trials).toBe(Math.ceil(size / step));
  expect(trials - same).toBe(Object.values(refused).reduce((sum, count) => sum + count, 0));
  // Dates, attributes and versions of a zip's entries are all that may be changed.
  expect(same).toBeLessThan(trials * 0.15);
  expect(refused['BUNDLE_DAMAGED']).toBeGreaterThan(trials * 0.8);
});

test('a reader that does not check is noticed', async () => {
  const { wrong } = await mutateEveryByte({
    manifest: false,
    patterns: [128],
    places: (offset) => offset % 40 === 0,
    open: openUnchecked,
  });
  expect(wrong.length).toBeGreaterThan(3);
  expect(wrong.join('\n')).toContain('"probabilities"');
});
