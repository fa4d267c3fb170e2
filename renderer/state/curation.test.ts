import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Item, Project } from '#contract/project.ts';
import { ImageBrowser } from './browser.svelte.ts';
import { CurationStore } from './curation.svelte.ts';
import { LabelStore } from './labels.svelte.ts';
import * as notices from './notices.ts';
import { type Answers, classOf, itemOf, projectOf, TestStudio } from './testing.ts';

const project = projectOf({ classes: [classOf(1, 'ant', 3), classOf(2, 'bee', 1)] });
const item = (id: number, classId: number | null, excluded: string | null = null) =>
  itemOf(id, { classId, excluded, name: `${id}.png` });

/** A studio that answers every change with the project, and tells what was asked of it. */
function bench(items: Item[], refuse = false) {
  const asked: [string, unknown][] = [];
  const answer =
    (name: string) =>
    (input: unknown): Promise<Project> => {
      asked.push([name, input]);
      return refuse ? Promise.reject(new Error('disk')) : Promise.resolve(project);
    };
  const answers: Answers = {
    items: {
      list: ({ offset, limit }) =>
        Promise.resolve({ total: items.length, items: items.slice(offset, offset + limit) }),
      exclude: answer('exclude'),
      setNote: answer('note'),
    },
    classes: {
      rename: answer('rename'),
      recolour: answer('recolour'),
      delete: answer('delete'),
      split: async (input) => {
        await answer('split')(input);
        return project.classes[0]!;
      },
    },
    project: { current: () => Promise.resolve(project) },
  };
  const studio = new TestStudio(answers, project);
  const browser = new ImageBrowser(studio, 'test');
  return { store: new CurationStore(studio, new LabelStore(studio)), browser, studio, asked };
}
const said = () => vi.mocked(notices.sayUndoable).mock.calls.map(([, text]) => text);
beforeEach(() => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} });
  vi.spyOn(notices, 'sayUndoable').mockImplementation(() => {});
  vi.spyOn(notices, 'say').mockImplementation(() => {});
});

describe('chosen images', () => {
  it('are asked about as they are selected, or the one at the cursor', async () => {
    const { store, browser } = bench([item(1, 1), item(2, 1), item(3, 2)]);
    await browser.show({});
    await store.askImages('note', browser);
    expect(store.asked).toMatchObject({ kind: 'note', items: [{ id: 1 }] });
    browser.selection.extend(1);
    await store.askImages('exclude', browser);
    expect(store.asked).toMatchObject({ kind: 'exclude', items: [{ id: 1 }, { id: 2 }] });
  });

  it('are excluded with a reason, which is offered first the next time', async () => {
    const { store, browser, asked } = bench([item(1, 1), item(2, 1)]);
    await browser.show({});
    browser.selection.all(2);
    await store.toggleExcluded(browser);
    if (store.asked?.kind !== 'exclude') throw new Error('no question');
    expect(await store.exclude(store.asked.items, 'Out of focus')).toBe(true);
    expect(asked).toEqual([['exclude', { itemIds: [1, 2], reason: 'Out of focus' }]]);
    expect(said()).toEqual(['2 images excluded: Out of focus.']);
    expect([store.asked, store.reasons[0]]).toEqual([null, 'Out of focus']);
    await store.exclude([item(1, 1)], 'Blurred');
    expect(store.reasons.slice(0, 2)).toEqual(['Blurred', 'Out of focus']);
    expect(new Set(store.reasons).size).toBe(store.reasons.length);
  });

  it('are included again by the same key where all of them are excluded, asked about where only some are', async () => {
    const { store, asked } = bench([]);
    await store.toggleItems([item(1, 1, 'Blurred'), item(2, 1, 'Duplicate')]);
    expect(asked).toEqual([['exclude', { itemIds: [1, 2], reason: null }]]);
    expect(said()).toEqual(['2 images included again.']);
    const mixed = [item(1, 1, 'Blurred'), item(2, 1)];
    await store.toggleItems(mixed);
    expect([asked.length, store.asked]).toEqual([1, { kind: 'exclude', items: mixed }]);
    await store.include(mixed);
    expect(asked.at(-1)).toEqual(['exclude', { itemIds: [1], reason: null }]);
  });

  it('get a note, or lose it', async () => {
    const { store, asked } = bench([]);
    await store.note([item(1, 1), item(2, 1)], 'ask Ana');
    await store.note([item(1, 1)], '');
    expect(asked).toEqual([
      ['note', { itemIds: [1, 2], note: 'ask Ana' }],
      ['note', { itemIds: [1], note: '' }],
    ]);
    expect(said()).toEqual(['Note written on 2 images.', 'Note of 1 image removed.']);
  });

  it('of a class are split off; those of other classes stay, and none is said', async () => {
    const { store, browser, asked } = bench([item(1, 1), item(2, 2), item(3, 1)]);
    await browser.show({});
    browser.selection.all(3);
    await store.askSplit(1, browser);
    expect(store.asked).toMatchObject({ kind: 'split', items: [{ id: 1 }, { id: 3 }] });
    if (store.asked?.kind !== 'split') throw new Error('no question');
    await store.split(store.asked.items, 'queen');
    expect(asked).toEqual([['split', { itemIds: [1, 3], name: 'queen' }]]);
    expect(said()).toEqual(['2 images split into “queen”.']);
    browser.selection.move(1);
    await store.askSplit(1, browser);
    expect([store.asked, vi.mocked(notices.say).mock.calls.length]).toEqual([null, 1]);
  });
});

describe('classes', () => {
  it('are renamed, recoloured, merged and deleted, and what became of their images is said', async () => {
    const { store, asked } = bench([]);
    await store.rename(1, 'hill');
    await store.recolour(1, '#4477aa');
    await store.merge(1, 2);
    await store.delete(2);
    expect(asked).toEqual([
      ['rename', { classId: 1, name: 'hill' }],
      ['recolour', { classId: 1, colour: '#4477aa' }],
      ['delete', { classId: 1, into: 2 }],
      ['delete', { classId: 2 }],
    ]);
    expect(said()).toEqual([
      '“ant” renamed to “hill”.',
      '“ant” recoloured.',
      '“ant” merged into “bee”: 3 images moved.',
      '“bee” deleted. 1 image is unlabelled now.',
    ]);
  });

  it('stay in question where the change failed, which is told and not said as done', async () => {
    const { store, studio } = bench([], true);
    const told = vi.fn();
    studio.onFault(told);
    store.askClass('delete', 1);
    expect(await store.delete(1)).toBe(false);
    expect([store.asked, told.mock.calls.length, said()]).toEqual([{ kind: 'delete', classId: 1 }, 1, []]);
  });

  it('are no longer in question once they are gone', () => {
    const { store } = bench([]);
    store.askClass('merge', 1);
    store.receive({ event: 'project.changed', project });
    expect(store.asked).not.toBeNull();
    store.receive({ event: 'project.changed', project: { ...project, classes: [] } });
    expect(store.asked).toBeNull();
  });
});
