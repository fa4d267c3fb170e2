import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Evaluation, Tta } from '#contract/evaluation.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { ImageBrowser } from './browser.svelte.ts';
import { classOf, projectOf, TestStudio } from './testing.ts';

let browser: ImageBrowser;
const listed = vi.fn<StudioClient['items']['list']>();
beforeEach(() => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} });
  listed.mockReset().mockResolvedValue({ total: 9, items: [] });
  browser = new ImageBrowser(new TestStudio({ items: { list: listed } }), 'test');
});

describe('a room’s view on the items', () => {
  it('chooses the one image that is shown large', () => {
    browser.selection.move(2);
    browser.selection.extend(5);
    browser.enlarge();
    expect([browser.large, browser.selection.targets()]).toEqual([true, [5]]);
  });

  it('lets go of places in a narrowed list that changes, not in the whole one', async () => {
    for (const [filter, left] of [
      [{ classIds: [1] }, 0],
      [{}, 3],
    ] as const) {
      await browser.show({ ...filter, classIds: 'classIds' in filter ? [...filter.classIds] : undefined });
      browser.selection.extend(2);
      browser.receive({ event: 'items.changed', itemIds: [1] });
      expect(browser.selection.indices.size).toBe(left);
    }
  });

  it('asks no longer for a class that is gone', async () => {
    const told = (...ids: number[]) =>
      browser.receive({
        event: 'project.changed',
        project: projectOf({ classes: ids.map((id) => classOf(id)), counts: { total: 9 } }),
      });
    await browser.show({ classIds: [1, null, 2], text: 'a' });
    told(1, 2);
    expect(browser.filter.classIds).toEqual([1, null, 2]);
    told(2);
    expect(browser.filter).toMatchObject({ classIds: [null, 2], text: 'a' });
    await browser.show({ classIds: [2] });
    told();
    expect(browser.filter.classIds).toBeUndefined();
  });

  it('shows excluded images of all parts, or one part', async () => {
    await browser.show({ splits: ['train'], classIds: [1] });
    browser.onlyExcluded(true);
    expect(browser.filter).toMatchObject({ excluded: true, splits: undefined, classIds: [1] });
    browser.onlySplit('test');
    expect(browser.filter).toMatchObject({ excluded: undefined, splits: ['test'] });
    browser.onlyExcluded(true);
    browser.onlySplit(null);
    expect(browser.filter.excluded).toBe(true);
    browser.onlyExcluded(false);
    expect(browser.filter.excluded).toBeUndefined();
  });

  it('keeps its cursor within a list that became shorter', async () => {
    await browser.show({ excluded: true });
    browser.selection.move(8);
    listed.mockResolvedValue({ total: 3, items: [] });
    browser.receive({ event: 'items.changed', itemIds: [9] });
    await vi.waitFor(() => expect(browser.selection.cursor).toBe(2));
  });

  it('lists cells anew when its run was evaluated again', async () => {
    await browser.show({ cells: { runId: 'r1', split: 'test', actual: [1], predicted: [2] } });
    const before = listed.mock.calls.length;
    const told = (runId: string, tta: Tta = 'none') =>
      browser.receive({
        event: 'evaluation.finished',
        evaluation: { runId, split: 'test', tta } as Evaluation,
      });
    told('r2');
    told('r1', 'flip');
    expect(listed.mock.calls.length).toBe(before);
    told('r1');
    expect(listed.mock.calls.length).toBe(before + 1);
  });
});
