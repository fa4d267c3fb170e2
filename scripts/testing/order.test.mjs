/** What takes the whole machine has it for itself; what does not shares it. */
import { expect, test } from 'vitest';
import { runInOrder } from './order.mjs';

test('light parts go two at a time, others alone, and what came of them stands in their order', async () => {
  const parts = [
    { name: 'types' },
    { name: 'layers', light: true },
    { name: 'lint', light: true },
    { name: 'build', light: true },
    { name: 'units' },
    { name: 'browser', light: true },
    { name: 'electron', light: true },
  ];
  const under = new Set();
  const beside = {};
  const results = await runInOrder(parts, async ({ name }) => {
    under.add(name);
    for (const one of under) beside[one] = Math.max(beside[one] ?? 0, under.size);
    // Long enough for another to begin.
    await new Promise(setImmediate);
    under.delete(name);
    return `${name} done`;
  });
  expect(results).toEqual(parts.map(({ name }) => `${name} done`));
  expect(beside).toEqual({ types: 1, layers: 2, lint: 2, build: 2, units: 1, browser: 2, electron: 2 });
});
