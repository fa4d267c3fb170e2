import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ImageBrowser } from './browser.svelte.ts';
import { LabelStore } from './labels.svelte.ts';
import { changeOf, itemOf, projectOf, settled, TestStudio } from './testing.ts';

const labels = new Map<number, number>();
/** A studio that keeps labels, slowly; the list shows only what `shown` lets through. */
function bench(shown: (classId: number) => boolean) {
  const list = () =>
    [...labels].filter(([, classId]) => shown(classId)).map(([id, classId]) => itemOf(id, { classId }));
  const studio = new TestStudio({
    items: {
      async list({ offset, limit }) {
        await settled();
        return { total: list().length, items: list().slice(offset, offset + limit) };
      },
      async relabel({ itemIds, classId }) {
        await settled();
        await settled();
        for (const id of itemIds) labels.set(id, classId!);
        return changeOf(projectOf());
      },
    },
  });
  const browser = new ImageBrowser(studio, 'test');
  return { store: new LabelStore(studio), browser, studio };
}

beforeEach(() => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} });
  labels.clear();
  for (let id = 1; id <= 6; id += 1) labels.set(id, 1);
});

describe('giving labels by key', () => {
  it('goes to the next image each time, also when keys come faster than the disk', async () => {
    const { store, browser } = bench(() => true);
    await browser.show({});
    await Promise.all([store.give(browser, 2), store.give(browser, 3), store.give(browser, 4)]);
    expect([...labels.values()]).toEqual([2, 3, 4, 1, 1, 1]);
    expect([browser.selection.cursor, store.given]).toEqual([3, 3]);
  });

  it('stays in place where the labelled image leaves the list', async () => {
    const { store, browser } = bench((classId) => classId === 1);
    await browser.show({});
    await Promise.all([store.give(browser, 2), store.give(browser, 3)]);
    expect([...labels.values()]).toEqual([2, 3, 1, 1, 1, 1]);
    expect([browser.selection.cursor, browser.items.total]).toEqual([0, 4]);
  });

  it('gives each key to the image that was current when it was pressed', async () => {
    for (const shown of [() => true, (classId: number) => classId === 1]) {
      for (let id = 1; id <= 6; id += 1) labels.set(id, 1);
      const { store, browser } = bench(shown);
      await browser.show({});
      const first = store.give(browser, 2);
      const second = store.give(browser, 3);
      // Both still wait for the disk when another image is clicked, and a key pressed there.
      browser.selection.move(4);
      const third = store.give(browser, 4);
      await Promise.all([first, second, third]);
      expect([...labels.values()]).toEqual([2, 3, 1, 1, 4, 1]);
      expect(browser.items.at(browser.selection.cursor)?.id).toBe(6);
    }
  });

  it('leaves the cursor on the image that was clicked while a label was on its way', async () => {
    const { store, browser } = bench((classId) => classId === 1);
    await browser.show({});
    const given = store.give(browser, 2);
    browser.selection.move(4);
    await given;
    expect(browser.items.at(browser.selection.cursor)?.id).toBe(5);
  });

  it('labels a whole selection in one step', async () => {
    const { store, browser } = bench(() => true);
    await browser.show({});
    browser.selection.move(1);
    browser.selection.extend(4);
    await store.give(browser, 9);
    expect([...labels.values()]).toEqual([1, 9, 9, 9, 9, 1]);
    expect([browser.selection.cursor, browser.selection.indices.size]).toEqual([5, 0]);
  });

  it('tells where it could not read which images are meant, and goes back to them', async () => {
    const { store, browser, studio } = bench(() => true);
    await browser.show({});
    const told = vi.fn();
    studio.onFault(told);
    browser.selection.move(1);
    // The page is read anew when the key is pressed, and that fails.
    vi.spyOn(browser.items, 'at').mockReturnValue(undefined);
    vi.spyOn(browser.items, 'idsAt').mockRejectedValueOnce(new Error('disk'));
    await store.give(browser, 2);
    expect(told).toHaveBeenCalledOnce();
    expect([browser.selection.cursor, store.given]).toEqual([1, 0]);
    expect([...labels.values()]).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('does not move on where the label was not saved, and tells', async () => {
    const { store, browser, studio } = bench(() => true);
    await browser.show({});
    const told = vi.fn();
    studio.onFault(told);
    vi.spyOn(studio, 'call').mockRejectedValue(new Error('disk'));
    await store.give(browser, 2);
    expect([browser.selection.cursor, store.given, studio.unsaved]).toEqual([0, 0, 0]);
    expect(told).toHaveBeenCalledOnce();

    browser.selection.extend(2);
    await Promise.all([store.give(browser, 2), store.give(browser, 3)]);
    expect(browser.selection.targets()).toEqual([0, 1, 2]);
  });
});
