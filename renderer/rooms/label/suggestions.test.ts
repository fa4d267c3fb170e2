import { describe, expect, it } from 'vitest';
import type { EmbeddingState, Suggestion, SuggestionStats } from '#contract/embeddings.ts';
import { LabelStore } from '../../state/labels.svelte.ts';
import { changeOf, itemOf, jobOf, projectOf, TestStudio } from '../../state/testing.ts';
import { SuggestionStore } from './suggestions.svelte.ts';

const suggestion = (id: number, classId: number | null): Suggestion => ({
  ...{ item: itemOf(id), classId, certainty: 0.9, similarity: null },
});
const stats: SuggestionStats = {
  ...{ state: 'ready', revision: 1, labelled: 2, suggested: [], left: 4, confirmed: 0, right: 0 },
  lately: { confirmed: 0, right: 0 },
};
const embeddings = (state: EmbeddingState['state']): EmbeddingState => ({
  ...{ by: { kind: 'backbone', name: 'efficientnet-lite0' }, state, done: 0, total: 4, jobId: null },
});

function view(page: Suggestion[], state: 'missing' | 'complete' = 'complete') {
  const calls: [string, unknown][] = [];
  const call =
    <T>(name: string, answer: T) =>
    (asked?: unknown): Promise<T> => {
      calls.push([name, asked]);
      return Promise.resolve(answer);
    };
  const studio = new TestStudio(
    {
      embeddings: { get: call('get', embeddings(state)), start: call('start', jobOf('job-1')) },
      suggestions: {
        list: call('list', { total: page.length, revision: 1, suggestions: page }),
        stats: call('stats', stats),
        accept: call('accept', changeOf(projectOf())),
      },
      items: { relabel: call('relabel', changeOf(projectOf())) },
    },
    projectOf(),
  );
  const labels = new LabelStore(studio);
  return { view: new SuggestionStore(studio, labels), calls, labels };
}

describe('suggested labels', () => {
  it('of one class lie side by side, the surest class first', async () => {
    const { view: open } = view([suggestion(1, 7), suggestion(2, 3), suggestion(3, 7), suggestion(4, null)]);
    await open.show();
    expect(open.page.map(({ item }) => item.id)).toEqual([1, 3, 2, 4]);
  });

  it('are accepted as they are seen, a page at once; an image without one stays', async () => {
    const { view: open, calls, labels } = view([suggestion(1, 7), suggestion(2, null), suggestion(3, 3)]);
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
    const { view: open, calls } = view([suggestion(1, 7), suggestion(2, 7)]);
    await open.show();
    open.move(1);
    await open.correct(3);
    expect(calls.find(([name]) => name === 'relabel')![1]).toEqual({ itemIds: [2], classId: 3 });
    expect(open.page.map(({ item }) => item.id)).toEqual([1]);
  });

  it('need embeddings first, and follow when these stand', async () => {
    const { view: open, calls } = view([], 'missing');
    await open.show();
    expect(calls.map(([name]) => name)).toEqual(['get']);
    open.receive({ event: 'embeddings.changed', embeddings: embeddings('complete') });
    expect(calls.map(([name]) => name)).toEqual(['get', 'list']);
  });

  it('are asked for when the embeddings’ job is at rest, though some images have none', async () => {
    const { view: open, calls } = view([]);
    await open.show();
    const before = calls.length;
    open.receive({ event: 'embeddings.changed', embeddings: embeddings('computing') });
    expect(calls.length).toBe(before);
    open.receive({ event: 'embeddings.changed', embeddings: embeddings('partial') });
    expect(calls.slice(before).map(([name]) => name)).toEqual(['list']);
  });

  it('like an image are asked for by it, whatever the class', async () => {
    const { view: open, calls } = view([]);
    await open.choose('certain', 7);
    await open.showLike(12);
    const asked = calls.filter(([name]) => name === 'list').at(-1)![1];
    expect(asked).toMatchObject({ order: 'similar', itemId: 12 });
    expect(asked).not.toHaveProperty('classId');
  });
});
