import { beforeEach, describe, expect, it } from 'vitest';
import type { Item, ItemFilter } from '#contract/project.ts';
import { ItemWindow, itemsPerRequest } from './items.svelte.ts';

const item = (id: number): Item => ({
  id,
  name: `train/${id}`,
  classId: 1,
  importedClassId: 1,
  split: 'train',
  excluded: null,
  note: '',
  hard: false,
  width: 28,
  height: 28,
});

/** A list whose answers are given by hand, one at a time. */
class RunsPanel {
  ids = Array.from({ length: 70_000 }, (_, index) => index + 1);
  asked: { filter: ItemFilter; offset: number; answer: () => void; fail: () => void }[] = [];
  load = (filter: ItemFilter, offset: number, limit: number) =>
    new Promise<{ total: number; items: Item[] }>((resolve, reject) => {
      this.asked.push({
        filter,
        offset,
        answer: () =>
          resolve({ total: this.ids.length, items: this.ids.slice(offset, offset + limit).map(item) }),
        fail: () => reject(new Error('gone')),
      });
    });
  async answer(): Promise<void> {
    this.asked.shift()!.answer();
    await new Promise((wake) => setTimeout(wake));
  }
}

let shelf: RunsPanel;
let window: ItemWindow;
beforeEach(async () => {
  shelf = new RunsPanel();
  window = new ItemWindow(shelf.load);
  void window.show({});
  await shelf.answer();
});

describe('a window on 70,000 items', () => {
  it('reads the first page and knows the length', () => {
    expect([window.total, window.at(0)?.id, window.at(itemsPerRequest)]).toEqual([70_000, 1, undefined]);
    expect(shelf.asked).toHaveLength(0);
  });

  it('skips places that were scrolled past while it was reading', async () => {
    for (const page of [100, 300, 900]) window.want(page * itemsPerRequest, page * itemsPerRequest + 50);
    expect(shelf.asked.map(({ offset }) => offset)).toEqual([100 * itemsPerRequest]);
    await shelf.answer();
    expect(shelf.asked.map(({ offset }) => offset)).toEqual([900 * itemsPerRequest]);
    await shelf.answer();
    expect([window.at(900 * itemsPerRequest + 7)?.id, shelf.asked.length]).toEqual([
      900 * itemsPerRequest + 8,
      0,
    ]);
  });

  it('reads both pages where a sight lies across two, at once, and no page twice', async () => {
    window.want(2 * itemsPerRequest - 5, 2 * itemsPerRequest + 5);
    expect(shelf.asked).toHaveLength(1);
    await shelf.answer();
    expect(window.at(2 * itemsPerRequest - 5)?.id).toBe(2 * itemsPerRequest - 4);
    expect(window.at(2 * itemsPerRequest + 5)?.id).toBe(2 * itemsPerRequest + 6);
    window.want(2 * itemsPerRequest - 5, 2 * itemsPerRequest + 5);
    expect(shelf.asked).toHaveLength(0);
  });

  it('keeps showing the old page while a change is read, then the new one', async () => {
    shelf.ids.shift();
    const fresh = window.refresh();
    expect(window.at(0)?.id).toBe(1);
    await shelf.answer();
    await fresh;
    expect([window.at(0)?.id, window.total]).toEqual([2, 69_999]);
  });

  it('throws away an answer from before a change', async () => {
    void window.refresh();
    const before = shelf.asked.shift()!;
    shelf.ids = [7, 8];
    void window.show({ classIds: [1] });
    before.answer();
    await new Promise((wake) => setTimeout(wake));
    expect(window.total).toBeNull();
    expect(shelf.asked[0]?.filter).toEqual({ classIds: [1] });
    await shelf.answer();
    expect([window.total, window.at(0)?.id]).toEqual([2, 7]);
  });

  it('stays bounded however far one scrolls', async () => {
    for (let place = 0; place < 70_000; place += itemsPerRequest) {
      window.want(place, place);
      if (shelf.asked.length > 0) await shelf.answer();
    }
    const kept = Array.from({ length: Math.ceil(70_000 / itemsPerRequest) }, (_, page) =>
      window.at(page * itemsPerRequest),
    ).filter(Boolean).length;
    expect(kept).toBe(192);
  });

  it('stops at a fault and goes on when asked again', async () => {
    window.want(40_000, 40_000);
    shelf.asked.shift()!.fail();
    await new Promise((wake) => setTimeout(wake));
    expect(window.fault).toBeInstanceOf(Error);
    window.want(40_000, 40_001);
    await shelf.answer();
    expect([window.fault, window.at(40_000)?.id]).toEqual([null, 40_001]);
  });

  it('gives the ids of places that were never in sight', async () => {
    const ids = window.idsAt([1, 65_000]);
    await shelf.answer();
    expect(await ids).toEqual([2, 65_001]);
  });
});
