/** Findings as the room shows them: a filter of its images, counts that follow changes, and actions that go on to the next entry. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { FindingEntry, Findings } from '#contract/findings.ts';
import type { Job } from '#contract/job.ts';
import { ImageBrowser } from '../../state/browser.svelte.ts';
import { Draft } from '../../state/draft.svelte.ts';
import * as notices from '../../state/notices.ts';
import {
  type Answers,
  classOf,
  itemOf,
  jobOf,
  projectOf,
  recipeOf,
  settled,
  TestStudio,
} from '../../state/testing.ts';
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
  ...{ labelEvidence: null, embeddedBy: null },
  ...{ changedSince: false, otherEmbeddings: false, newImages: 0 },
  kinds: (['label-errors', 'duplicates'] as const).map((kind) => ({
    ...{ kind, threshold: 'as measured', missing: null, entries: 2, left: left[kind] },
  })),
});
const turned: Extract<FindingEntry, { measured: 'augmentation' }> = {
  ...{ measured: 'augmentation', itemIds: [5, 6], from: 1, to: 2, images: 40, turned: 12, turnedBack: 1 },
  ...{ augmentation: { kind: 'horizontal-flip', probability: 1 }, p: 0.001 },
  each: [5, 6].map(() => ({ probability: 0.9, like: 3, similarity: 0.8 })),
};
const dated: FindingEntry = {
  ...{ measured: 'shortcut', itemIds: [8], fact: 'file date', accuracy: 0.9, majority: 0.5, p: 0.005 },
  ...{ interval: { low: 0.8, high: 0.95 }, each: [{ classId: 1, value: [20_000], share: 1 }], usual: [] },
};
const lists: Record<string, FindingEntry[]> = {
  imbalance: [{ measured: 'class', itemIds: [7, 3], classId: 1, images: 2, even: 20 }],
  shortcuts: [dated],
  'unsafe-augmentations': [turned],
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
  const draft = new Draft(studio, { getItem: () => null, setItem: () => {} });
  draft.take(recipeOf('Mine', {}, {}, { augmentation: [{ kind: 'horizontal-flip' }, { kind: 'crop' }] }));
  return { store: new FindingsStore(studio, browser, draft), studio, browser, draft, asked, kept };
}
const ended = (state: Job['state'], error: Job['error'] = null) => ({
  ...{ event: 'job.changed' as const, job: jobOf('job-1', { kind: 'findings', state, error }) },
});
beforeEach(() => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} });
  vi.spyOn(notices, 'sayUndoable').mockImplementation(() => {});
  vi.spyOn(notices, 'sayRecipeChange').mockReset();
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
    // All of the entry is meant: the image at the cursor may be the one that trains.
    const whole = { ...asks, itemIds: [1, 2] };
    expect(asked.at(-1)).toEqual(['apply', { ...whole, action: 'exclude-copies' }]);
    expect(store.question).toBeNull();
    browser.selection.move(0);
    await store.act('move-copies');
    await store.answer('move-copies');
    expect(asked.at(-1)).toEqual(['apply', { ...whole, action: 'move-copies', acceptNewTest: true }]);
    expect(store.question).toBeNull();
  });
});

describe('a finding that is about the recipe', () => {
  it('changes the recipe of the next run, says so once, and undo takes it back', async () => {
    const { store, browser, draft, asked } = bench();
    await store.show('imbalance');
    browser.selection.move(0);
    expect([store.repairs, store.remedy?.label, store.recipeNeeds]).toEqual([
      ['change-recipe'],
      'Use class weights',
      true,
    ]);
    await store.act('change-recipe');
    expect(draft.recipe?.training.classWeights).toEqual({ kind: 'balanced' });
    expect(store.recipeNeeds).toBe('The recipe has class weights already');
    // Nothing of the project changes.
    expect(asked.map(([name]) => name)).not.toContain('apply');
    await store.act('change-recipe');
    expect(notices.sayRecipeChange).toHaveBeenCalledTimes(1);
    expect(notices.sayRecipeChange).toHaveBeenCalledWith(
      draft,
      'Recipe in Train: Class weights: Balanced (was Equal).',
    );
    draft.undo();
    expect([draft.recipe?.training.classWeights, store.recipeNeeds]).toEqual([{ kind: 'equal' }, true]);
  });

  it('changes it for all that are selected, as one step', async () => {
    const { store, browser, draft } = bench();
    const flip: FindingEntry = { ...turned, itemIds: [7], each: [turned.each[0]!] };
    lists['unsafe-augmentations'] = [
      turned,
      { ...flip, augmentation: { kind: 'grayscale', probability: 1 } },
    ];
    draft.setAll({ 'augmentation.grayscale': 'on' });
    await store.show('unsafe-augmentations');
    browser.selection.all(3);
    expect([store.remedy, store.recipeNeeds]).toEqual([null, true]);
    await store.act('change-recipe');
    expect(draft.recipe?.augmentation.map(({ kind }) => kind)).toEqual(['crop']);
    draft.undo();
    expect(draft.recipe?.augmentation).toHaveLength(3);
  });

  it('says where no change of the recipe helps, and its images can be excluded', async () => {
    const { store, browser, draft, asked } = bench();
    await store.show('shortcuts');
    browser.selection.move(0);
    const before = draft.recipe;
    await store.act('change-recipe');
    expect([store.recipeNeeds, draft.recipe]).toEqual(['No change of the recipe helps', before]);
    expect(store.repairs).toEqual(['change-recipe', 'exclude']);
    await store.act('exclude');
    expect(asked.at(-1)).toEqual(['apply', { kind: 'shortcuts', action: 'exclude', itemIds: [8] }]);
  });
});
