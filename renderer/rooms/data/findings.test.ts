/** Findings as the room shows them: a filter of its images, counts that follow changes, and actions that go on to the next entry. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { FindingEntry, Findings } from '#contract/findings.ts';
import type { Job } from '#contract/job.ts';
import { ImageBrowser } from '../../state/browser.svelte.ts';
import * as notices from '../../state/notices.ts';
import { type Answers, classOf, itemOf, jobOf, projectOf, settled, TestStudio } from '../../state/testing.ts';
import { FindingsStore } from './findings.svelte.ts';

const project = projectOf({ classes: [classOf(1, 'ant'), classOf(2, 'bee')], undo: 'Label 2 images “bee”' });
const label = (itemId: number): FindingEntry => ({
  ...{ measured: 'label', itemIds: [itemId], given: 1, suggested: 2 },
  ...{ givenProbability: 0.1, suggestedProbability: 0.8 },
});
const cluster = (...itemIds: number[]): FindingEntry => ({
  ...{ measured: 'cluster', itemIds },
  evidence: itemIds.map((itemId) => ({ itemId, by: 'hash', similarity: 0.97, mirrored: false })),
});
const foundOf = (left: { 'label-errors': number; duplicates: number }): Findings => ({
  ...{ computedAt: '2026-01-01', images: 9, unreadable: 0, embedded: 9, audit: null },
  ...{ labelEvidence: { by: 'head', folds: 5, neighbours: 15 }, changedSince: false, newImages: 0 },
  kinds: (['label-errors', 'duplicates'] as const).map((kind) => ({
    ...{ kind, threshold: 'as measured', missing: null, entries: 2, left: left[kind] },
  })),
});
const lists: Record<string, FindingEntry[]> = {
  'label-errors': [label(7), label(3)],
  duplicates: [cluster(1, 2), cluster(4, 5, 6)],
};

function bench(found: Findings | null = foundOf({ 'label-errors': 2, duplicates: 2 })) {
  const asked: [string, unknown][] = [];
  const call =
    <T>(name: string, answer: T) =>
    (input?: unknown): Promise<T> => {
      asked.push([name, input]);
      return Promise.resolve(answer);
    };
  const kept = { found, locked: false };
  const answers: Answers = {
    items: {
      list: ({ filter, offset, limit }) => {
        const items = (lists[filter.finding ?? ''] ?? []).flatMap(({ itemIds }) =>
          itemIds.map((id) => itemOf(id)),
        );
        return Promise.resolve({ total: items.length, items: items.slice(offset, offset + limit) });
      },
    },
    findings: {
      get: () => Promise.resolve(kept.found),
      entries: ({ kind }) => Promise.resolve(lists[kind] ?? []),
      start: call('start', jobOf('job-1', { kind: 'findings' })),
      apply: (input) => {
        asked.push(['apply', input]);
        const locked = kept.locked && input.action === 'move-copies' && !input.acceptNewTest;
        return locked
          ? Promise.reject(
              new AtelierError('CONFLICT', 'Used.', { takes: 'acceptNewTest', images: 4, runs: 2 }),
            )
          : Promise.resolve(project);
      },
    },
    embeddings: { start: call('embed', jobOf('job-0', { kind: 'embed' })) },
  };
  const studio = new TestStudio(answers, project);
  const browser = new ImageBrowser(studio, 'test');
  return { store: new FindingsStore(studio, browser), studio, browser, asked, kept };
}
const ended = (state: Job['state'], error: Job['error'] = null) => ({
  ...{ event: 'job.changed' as const, job: jobOf('job-1', { kind: 'findings', state, error }) },
});
beforeEach(() => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} });
  vi.spyOn(notices, 'sayUndoable').mockImplementation(() => {});
});

describe('findings', () => {
  it('are a filter of the images: the first kind of which something is left, and all again afterwards', async () => {
    const { store, browser } = bench(foundOf({ 'label-errors': 0, duplicates: 2 }));
    await browser.show({ text: 'x' });
    await store.show();
    expect([store.open, store.kind, browser.filter]).toEqual([true, 'duplicates', { finding: 'duplicates' }]);
    expect(browser.items.total).toBe(5);
    store.leave();
    expect([store.open, browser.filter]).toEqual([false, { text: 'x' }]);
    await store.show('label-errors');
    // A filter that is chosen elsewhere shows images again.
    await browser.show({ splits: ['test'] });
    expect(store.open).toBe(false);
  });

  it('are shown once they were found, where nobody had looked', async () => {
    const { store, asked, kept } = bench(null);
    await store.show();
    expect([store.open, store.found]).toEqual([true, null]);
    await store.startWithEmbeddings();
    expect(asked.map(([name]) => name)).toEqual(['embed', 'start']);
    kept.found = foundOf({ 'label-errors': 2, duplicates: 2 });
    store.receive(ended('finished'));
    await settled();
    expect([store.open, store.kind, store.entries.length]).toEqual([true, 'label-errors', 2]);
  });

  it('stay where looking for them was cancelled or failed, and that is said until it is done again', async () => {
    const { store } = bench();
    await store.show();
    store.receive(ended('cancelled'));
    expect(store.ended).toBe('cancelled');
    store.receive(ended('failed', { code: 'WORKER_DIED', message: 'It died.', details: {} }));
    expect(store.ended).toMatchObject({ code: 'WORKER_DIED' });
    expect(store.found).not.toBeNull();
    await store.start();
    expect(store.ended).toBeNull();
  });

  it('are counted anew where something changes', async () => {
    const { store, kept } = bench();
    await store.read();
    expect(store.left).toBe(4);
    kept.found = { ...foundOf({ 'label-errors': 1, duplicates: 2 }), changedSince: true };
    store.receive({ event: 'items.changed', itemIds: [7] });
    await settled();
    expect([store.left, store.found?.changedSince]).toEqual([3, true]);
  });

  it('of another project are nobody’s', async () => {
    const { store } = bench();
    await store.show('duplicates');
    store.reset();
    expect([store.open, store.found, store.entries]).toEqual([false, undefined, []]);
  });
});

describe('an action', () => {
  it('is for the image at the cursor, and goes on to the next entry', async () => {
    const { store, browser, asked } = bench();
    await store.show('duplicates');
    expect(store.actions).toEqual(['exclude-copies', 'dismiss']);
    browser.selection.move(0);
    expect(store.atHand!.images.map(({ item }) => item.id)).toEqual([1, 2]);
    await store.act('exclude-copies');
    expect(asked.at(-1)).toEqual(['apply', { kind: 'duplicates', action: 'exclude-copies', itemIds: [1] }]);
    // Past the rest of its cluster.
    expect(browser.selection.cursor).toBe(2);
    expect(store.numberOf(store.atHand!.entry)).toBe(2);
    expect(notices.sayUndoable).not.toHaveBeenCalled();
  });

  it('is for all that are selected, and then said with the way back', async () => {
    const { store, browser, asked } = bench();
    await store.show('label-errors');
    browser.selection.all(2);
    await store.act('relabel');
    expect(asked.at(-1)).toEqual(['apply', { kind: 'label-errors', action: 'relabel', itemIds: [7, 3] }]);
    expect(notices.sayUndoable).toHaveBeenCalledWith(expect.anything(), 'Label 2 images “bee”.');
    expect(browser.selection.cursor).toBe(1);
  });

  it('that would change a used test part is asked first; copies can be excluded instead', async () => {
    const { store, asked, kept, browser, studio } = bench();
    const told = vi.fn();
    studio.onFault(told);
    kept.locked = true;
    await store.show('duplicates');
    browser.selection.move(0);
    const asks = { kind: 'duplicates', itemIds: [1] };
    await store.act('move-copies');
    expect(store.question).toEqual({ itemIds: [1], images: 4, runs: 2 });
    expect(told).not.toHaveBeenCalled();
    await store.answer('exclude-copies');
    expect(asked.at(-1)).toMatchObject(['apply', { ...asks, action: 'exclude-copies' }]);
    expect(store.question).toBeNull();
    browser.selection.move(0);
    await store.act('move-copies');
    await store.answer('move-copies');
    expect(asked.at(-1)).toEqual(['apply', { ...asks, action: 'move-copies', acceptNewTest: true }]);
    expect(store.question).toBeNull();
  });
});
