/** Which pairs of embeddings are copies: near ones that stand out from what else looks alike. */
import { expect, it } from 'vitest';
import { chooseEmbeddingDuplicates } from './embedding-duplicates.ts';
import type { DuplicatePair } from './near-duplicates.ts';

const pair = (first: number, second: number, similarity: number): DuplicatePair => ({
  ...{ first, second, kind: 'embedding', similarity, mirrored: false },
});

it('are near, and no look-alikes among many', () => {
  const alone = pair(0, 1, 0.93);
  expect(chooseEmbeddingDuplicates([alone])).toEqual([alone]);
  expect(chooseEmbeddingDuplicates([pair(0, 1, 0.89)])).toEqual([]);
  // Of one kind of thing: all are as near.
  const crowd = [1, 2, 3, 4, 5].map((other) => pair(0, other, 0.92));
  expect(chooseEmbeddingDuplicates(crowd)).toEqual([]);
  // One that is nearer by far is a copy even there.
  const copy = pair(0, 6, 0.99);
  expect(chooseEmbeddingDuplicates([...crowd, copy])).toEqual([copy]);
  // Up to three copies of one image are copies.
  const three = [1, 2, 3].map((other) => pair(0, other, 0.97));
  expect(chooseEmbeddingDuplicates(three)).toEqual(three);
});
