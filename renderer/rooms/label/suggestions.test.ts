import { describe, expect, it } from 'vitest';
import type { Suggestion, SuggestionStats } from '#contract/embeddings.ts';
import type { StudioEvent } from '#contract/events.ts';
import type { LabelDesk } from '../../state/labels.svelte.ts';
import type { Studio } from '../../state/studio.svelte.ts';
import { SuggestionDesk } from './suggestions.svelte.ts';

const suggestion = (id: number, classId: number | null): Suggestion =>
  ({ item: { id }, classId, certainty: 0.9, similarity: null }) as unknown as Suggestion;

function desk(page: Suggestion[], state: 'missing' | 'complete' = 'complete') {
  const calls: [string, unknown][] = [];
  const call = (name: string, answer: unknown) => (asked?: unknown) => {
    calls.push([name, asked]);
    return Promise.resolve(answer);
  };
  const client = {
    embeddings: { get: call('get', { state }), start: call('start', {}) },
    suggestions: {
      list: call('list', { total: page.length, revision: 1, suggestions: page }),
      stats: call('stats', { left: 4 } as SuggestionStats),
      accept: call('accept', {}),
    },
    items: { relabel: call('relabel', {}) },
  };
  const use = (act: (given: typeof client) => unknown) => act(client);
  const studio = {
    attempt: use,
    change: async (_count: number, act: (given: typeof client) => unknown) => {
      await act(client);
      return true;
    },
  } as unknown as Studio;
  const labels = { given: 0 } as LabelDesk;
  return { desk: new SuggestionDesk(studio, labels), calls, labels };
}

describe('suggested labels', () => {
  it('of one class lie side by side, the surest class first', async () => {
    const { desk: open } = desk([suggestion(1, 7), suggestion(2, 3), suggestion(3, 7), suggestion(4, null)]);
    await open.show();
    expect(open.page.map(({ item }) => item.id)).toEqual([1, 3, 2, 4]);
  });

  it('are accepted as they are seen, a page at once; an image without one stays', async () => {
    const { desk: open, calls, labels } = desk([suggestion(1, 7), suggestion(2, null), suggestion(3, 3)]);
    await open.show();
    await open.accept();
    expect(calls.find(([name]) => name === 'accept')![1]).toEqual({
      suggestions: [
        { itemId: 1, classId: 7 },
        { itemId: 3, classId: 3 },
      ],
    });
    expect(labels.given).toBe(2);
  });

  it('are corrected one by one, and the rest is accepted without that one', async () => {
    const { desk: open, calls } = desk([suggestion(1, 7), suggestion(2, 7)]);
    await open.show();
    open.move(1);
    await open.correct(3);
    expect(calls.find(([name]) => name === 'relabel')![1]).toEqual({ itemIds: [2], classId: 3 });
    expect(open.page.map(({ item }) => item.id)).toEqual([1]);
  });

  it('need embeddings first, and follow when these stand', async () => {
    const { desk: open, calls } = desk([], 'missing');
    await open.show();
    expect(calls.map(([name]) => name)).toEqual(['get']);
    open.receive({ event: 'embeddings.changed', embeddings: { state: 'complete' } } as StudioEvent);
    expect(calls.map(([name]) => name)).toEqual(['get', 'list']);
  });

  it('are asked for when the embeddings’ job is at rest, though some images have none', async () => {
    const { desk: open, calls } = desk([]);
    await open.show();
    const before = calls.length;
    open.receive({ event: 'embeddings.changed', embeddings: { state: 'computing' } } as StudioEvent);
    expect(calls.length).toBe(before);
    open.receive({ event: 'embeddings.changed', embeddings: { state: 'partial' } } as StudioEvent);
    expect(calls.slice(before).map(([name]) => name)).toEqual(['list']);
  });

  it('like an image are asked for by it, whatever the class', async () => {
    const { desk: open, calls } = desk([]);
    await open.choose('certain', 7);
    await open.showLike(12);
    const asked = calls.filter(([name]) => name === 'list').at(-1)![1];
    expect(asked).toMatchObject({ order: 'similar', itemId: 12 });
    expect(asked).not.toHaveProperty('classId');
  });
});
