/** Findings of the first format are read: what it measured stays, what it did not is to be looked for again. */
import { expect, it } from 'vitest';
import { StoredFindings } from '#contract/findings.ts';
import { migrateFindings } from './finding-migration.ts';

const found = (kind: string, entries: object[], missing: object | null = null) => ({
  ...{ kind, threshold: 'as measured', missing, entries },
});
const first = {
  ...{ format: 'atelier-findings/1', change: '3 2026', lastItemId: 9, computedAt: '2026-01-01' },
  ...{ images: 9, unreadable: 0, embedded: null, labelEvidence: null, audit: null },
  kinds: [
    found('imbalance', [{ measured: 'class', itemIds: [1], classId: 1, images: 1, even: 4.5 }]),
    found('shortcuts', [
      {
        ...{ measured: 'shortcut', itemIds: [1, 2], fact: 'brightness', accuracy: 0.9, majority: 0.5 },
        ...{ interval: { low: 0.8, high: 0.95 }, p: 0.01 },
      },
    ]),
    found('unsafe-augmentations', [], { reason: 'It takes embeddings.', needs: 'embeddings' }),
  ],
};

it('keeps what was measured, and says what is to be looked for again', () => {
  const { kinds } = StoredFindings.parse(migrateFindings(first));
  expect(kinds[0]).toEqual(first.kinds[0]);
  expect(kinds[1]).toMatchObject({
    entries: [],
    missing: { needs: 'look', reason: expect.stringContaining('earlier version') as string },
  });
  expect(kinds[2]).toEqual(first.kinds[2]);
});

it('leaves what is of another format, or no findings at all, as it is', () => {
  for (const other of [{ format: 'atelier-findings/2', kinds: [] }, { format: 'other' }, null, 3, []])
    expect(migrateFindings(other)).toBe(other);
});
