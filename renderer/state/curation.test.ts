import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Item, Project } from '#contract/project.ts';
import { ImageBrowser } from './browser.svelte.ts';
import { CurationDesk } from './curation.svelte.ts';
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
  return { desk: new CurationDesk(studio), browser, studio, asked };
}
const said = () => vi.mocked(notices.sayUndoable).mock.calls.map(([, text]) => text);
beforeEach(() => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} });
  vi.spyOn(notices, 'sayUndoable').mockImplementation(() => {});
  vi.spyOn(notices, 'say').mockImplementation(() => {});
});

describe('chosen images', () => {
  it('are asked about as they are selected, or the one at the cursor', async () => {
    const { desk, browser } = bench([item(1, 1), item(2, 1), item(3, 2)]);
    await browser.show({});
    await desk.askImages('note', browser);
    expect(desk.asked).toMatchObject({ kind: 'note', items: [{ id: 1 }] });
    browser.selection.extend(1);
    await desk.askImages('exclude', browser);
    expect(desk.asked).toMatchObject({ kind: 'exclude', items: [{ id: 1 }, { id: 2 }] });
  });

  it('are excluded with a reason, which is offered first the next time', async () => {
    const { desk, browser, asked } = bench([item(1, 1), item(2, 1)]);
    await browser.show({});
    browser.selection.all(2);
    await desk.toggleExcluded(browser);
    if (desk.asked?.kind !== 'exclude') throw new Error('no question');
    expect(await desk.exclude(desk.asked.items, 'Out of focus')).toBe(true);
    expect(asked).toEqual([['exclude', { itemIds: [1, 2], reason: 'Out of focus' }]]);
    expect(said()).toEqual(['2 images excluded: Out of focus.']);
    expect([desk.asked, desk.reasons[0]]).toEqual([null, 'Out of focus']);
    await desk.exclude([item(1, 1)], 'Blurred');
    expect(desk.reasons.slice(0, 2)).toEqual(['Blurred', 'Out of focus']);
    expect(new Set(desk.reasons).size).toBe(desk.reasons.length);
  });

  it('are included again by the same key where all of them are excluded, asked about where only some are', async () => {
    const { desk, asked } = bench([]);
    await desk.toggleItems([item(1, 1, 'Blurred'), item(2, 1, 'Duplicate')]);
    expect(asked).toEqual([['exclude', { itemIds: [1, 2], reason: null }]]);
    expect(said()).toEqual(['2 images included again.']);
    const mixed = [item(1, 1, 'Blurred'), item(2, 1)];
    await desk.toggleItems(mixed);
    expect([asked.length, desk.asked]).toEqual([1, { kind: 'exclude', items: mixed }]);
    await desk.include(mixed);
    expect(asked.at(-1)).toEqual(['exclude', { itemIds: [1], reason: null }]);
  });

  it('get a note, or lose it', async () => {
    const { desk, asked } = bench([]);
    await desk.note([item(1, 1), item(2, 1)], 'ask Ana');
    await desk.note([item(1, 1)], '');
    expect(asked).toEqual([
      ['note', { itemIds: [1, 2], note: 'ask Ana' }],
      ['note', { itemIds: [1], note: '' }],
    ]);
    expect(said()).toEqual(['Note written on 2 images.', 'Note of 1 image removed.']);
  });

  it('of a class are split off; those of other classes stay, and none is said', async () => {
    const { desk, browser, asked } = bench([item(1, 1), item(2, 2), item(3, 1)]);
    await browser.show({});
    browser.selection.all(3);
    await desk.askSplit(1, browser);
    expect(desk.asked).toMatchObject({ kind: 'split', items: [{ id: 1 }, { id: 3 }] });
    if (desk.asked?.kind !== 'split') throw new Error('no question');
    await desk.split(desk.asked.items, 'queen');
    expect(asked).toEqual([['split', { itemIds: [1, 3], name: 'queen' }]]);
    expect(said()).toEqual(['2 images split into “queen”.']);
    browser.selection.move(1);
    await desk.askSplit(1, browser);
    expect([desk.asked, vi.mocked(notices.say).mock.calls.length]).toEqual([null, 1]);
  });
});

describe('classes', () => {
  it('are renamed, recoloured, merged and deleted, and what became of their images is said', async () => {
    const { desk, asked } = bench([]);
    await desk.rename(1, 'hill');
    await desk.recolour(1, '#4477aa');
    await desk.merge(1, 2);
    await desk.delete(2);
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
    const { desk, studio } = bench([], true);
    const told = vi.fn();
    studio.onFault(told);
    desk.askClass('delete', 1);
    expect(await desk.delete(1)).toBe(false);
    expect([desk.asked, told.mock.calls.length, said()]).toEqual([{ kind: 'delete', classId: 1 }, 1, []]);
  });

  it('are no longer in question once they are gone', () => {
    const { desk } = bench([]);
    desk.askClass('merge', 1);
    desk.receive({ event: 'project.changed', project });
    expect(desk.asked).not.toBeNull();
    desk.receive({ event: 'project.changed', project: { ...project, classes: [] } });
    expect(desk.asked).toBeNull();
  });
});
