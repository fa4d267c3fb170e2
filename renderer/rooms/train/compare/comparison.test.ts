import { expect, it } from 'vitest';
import { Comparison } from './comparison.svelte.ts';

it('keeps the order of choosing, no more than there is room for, and forgets what is deleted', () => {
  const comparison = new Comparison(3);
  comparison.start('a');
  for (const id of ['b', 'c', 'd']) comparison.toggle(id);
  expect(comparison.ids).toEqual(['a', 'b', 'c']);
  comparison.start('d');
  expect(comparison.ids).toEqual(['a', 'b', 'd']);
  comparison.toggle('d');
  comparison.toggle('c');
  comparison.lead('c');
  expect(comparison.ids).toEqual(['c', 'a', 'b']);
  comparison.receive({ event: 'run.deleted', runId: 'a' });
  comparison.toggle('d');
  expect(comparison.ids).toEqual(['c', 'b', 'd']);
  comparison.toggle('b');
  comparison.close();
  expect([comparison.open, comparison.ids]).toEqual([false, ['c', 'd']]);
});
