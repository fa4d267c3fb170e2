/** Every kind of finding has words of its own, and something that can be done. */
import { expect, it } from 'vitest';
import { findingKinds, findingWords } from './findings.ts';

it('every kind has a title and a sentence', () => {
  const titles = findingKinds.map((kind) => findingWords[kind].title);
  expect(new Set(titles).size).toBe(findingKinds.length);
  for (const kind of findingKinds) expect(findingWords[kind].about).toMatch(/^[A-Z].*\.$/);
});

it('of every kind something can be done', () => {
  for (const kind of findingKinds) expect(findingWords[kind].actions.length).toBeGreaterThan(0);
});
