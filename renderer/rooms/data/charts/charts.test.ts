/** Bars as filters of the grid, and facts read when they are shown and when others stand. */
import { beforeEach, expect, it, vi } from 'vitest';
import { imageFactKeys, type ImageFactsState, writeFactValues } from '#contract/image-facts.ts';
import { writeItemList } from '#contract/item-list.ts';
import { resources } from '#contract/resources.ts';
import { ImageBrowser } from '../../../state/browser.svelte.ts';
import { jobOf, projectOf, settled, TestStudio } from '../../../state/testing.ts';
import { Listing } from '../listing.svelte.ts';
import { ChartStore } from './charts.svelte.ts';

const [first, second] = ['00000000000000aa', '00000000000000bb'];
const stateOf = (id: string | null): ImageFactsState => ({
  facts: id === null ? null : { id, computedAt: '', images: 2 },
  ...{ missing: 0, jobId: null },
});
const values = writeFactValues({
  itemIds: Int32Array.of(1, 2),
  values: new Float32Array(2 * imageFactKeys.length),
  ...{ classIds: new Int32Array(0), means: new Uint8Array(0), pixels: new Float32Array(3 * 256) },
});
let asked: string[];
let browser: ImageBrowser;
let charts: ChartStore;
const list = vi.fn(async () => ({ total: 2, items: [] }));

beforeEach(() => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} });
  asked = [];
  list.mockClear();
  const studio = new TestStudio(
    {
      items: { list },
      facts: { get: async () => stateOf(first), start: async () => jobOf('job-1', { kind: 'facts' }) },
    },
    projectOf({ counts: { total: 2 } }),
  );
  browser = new ImageBrowser(studio, 'test');
  const fetchBytes = async (address: string) => {
    asked.push(address);
    const ids = Int32Array.of(1, 2);
    const bytes = address.includes('/facts/') ? values : writeItemList({ itemIds: ids, classIds: ids });
    return Uint8Array.from(bytes).buffer;
  };
  charts = new ChartStore(studio, browser, new Listing(browser, fetchBytes), fetchBytes);
});

it('a bar lists its images, another of the same fact takes its place, and the same again takes it away', () => {
  charts.toggleRange('brightness', 10, 20);
  charts.toggleRange('width', 28, 29);
  expect(browser.filter.facts).toEqual([
    { fact: 'brightness', least: 10, below: 20 },
    { fact: 'width', least: 28, below: 29 },
  ]);
  charts.toggleRange('brightness', 20, 30);
  expect(charts.rangeOf('brightness')).toEqual({ fact: 'brightness', least: 20, below: 30 });
  charts.toggleRange('brightness', 20, 30);
  expect(browser.filter.facts).toEqual([{ fact: 'width', least: 28, below: 29 }]);
  charts.clear();
  expect(browser.filter.facts).toBeUndefined();
});

it('facts are read once they are shown; where others stand, they and the filtered list are read anew', async () => {
  charts.receive({ event: 'facts.changed', state: stateOf(second) });
  expect([asked, charts.state]).toEqual([[], null]);
  charts.toggle();
  await settled();
  expect([...charts.contents!.itemIds]).toEqual([1, 2]);
  charts.toggleRange('brightness', 10, 20);
  await settled();
  const listed = list.mock.calls.length;
  charts.receive({ event: 'facts.changed', state: { ...stateOf(first), jobId: 'job-1' } });
  expect(list.mock.calls.length).toBe(listed);
  charts.receive({ event: 'facts.changed', state: stateOf(second) });
  await settled();
  expect(asked).toContain(resources.facts(second));
  expect(list.mock.calls.length).toBe(listed + 1);
});
