import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Item, Project } from '#contract/entities.ts';
import type { ImageBrowser } from './browser.svelte.ts';
import { ItemWindow } from './items.svelte.ts';
import { LabelDesk } from './labels.svelte.ts';
import { Selection } from './selection.svelte.ts';
import { Studio } from './studio.svelte.ts';

const labels = new Map<number, number>();
/** A studio that keeps labels, slowly; the list shows only what `shown` lets through. */
function bench(shown: (classId: number) => boolean) {
  const studio = new Studio(() => Promise.reject(new Error('not used')));
  const list = () =>
    [...labels].filter(([, classId]) => shown(classId)).map(([id, classId]) => ({ id, classId }) as Item);
  vi.spyOn(studio, 'call').mockImplementation(((use: (client: unknown) => unknown) =>
    use({
      items: {
        async relabel({ itemIds, classId }: { itemIds: number[]; classId: number }) {
          await new Promise((wake) => setTimeout(wake, 2));
          for (const id of itemIds) labels.set(id, classId);
          return {} as Project;
        },
      },
    })) as never);
  const items = new ItemWindow(async (_filter, offset, limit) => ({
    total: list().length,
    items: list().slice(offset, offset + limit),
  }));
  const browser = { items, selection: new Selection() } as ImageBrowser;
  return { desk: new LabelDesk(studio), browser, studio };
}

beforeEach(() => {
  labels.clear();
  for (let id = 1; id <= 6; id += 1) labels.set(id, 1);
});

describe('giving labels by key', () => {
  it('goes to the next image each time, also when keys come faster than the disk', async () => {
    const { desk, browser } = bench(() => true);
    await browser.items.show({});
    await Promise.all([desk.give(browser, 2), desk.give(browser, 3), desk.give(browser, 4)]);
    expect([...labels.values()]).toEqual([2, 3, 4, 1, 1, 1]);
    expect([browser.selection.cursor, desk.given]).toEqual([3, 3]);
  });

  it('stays in place where the labelled image leaves the list', async () => {
    const { desk, browser } = bench((classId) => classId === 1);
    await browser.items.show({});
    await Promise.all([desk.give(browser, 2), desk.give(browser, 3)]);
    expect([...labels.values()]).toEqual([2, 3, 1, 1, 1, 1]);
    expect([browser.selection.cursor, browser.items.total]).toEqual([0, 4]);
  });

  it('labels a whole selection in one step', async () => {
    const { desk, browser } = bench(() => true);
    await browser.items.show({});
    browser.selection.move(1);
    browser.selection.extend(4);
    await desk.give(browser, 9);
    expect([...labels.values()]).toEqual([1, 9, 9, 9, 9, 1]);
    expect([browser.selection.cursor, browser.selection.indices.size]).toEqual([5, 0]);
  });

  it('does not move on where the label was not saved, and tells', async () => {
    const { desk, browser, studio } = bench(() => true);
    await browser.items.show({});
    const told = vi.fn();
    studio.onFault(told);
    vi.spyOn(studio, 'call').mockRejectedValue(new Error('disk'));
    await desk.give(browser, 2);
    expect([browser.selection.cursor, desk.given, studio.unsaved]).toEqual([0, 0, 0]);
    expect(told).toHaveBeenCalledOnce();
  });
});
