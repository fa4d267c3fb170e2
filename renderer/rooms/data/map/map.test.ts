/** What the window knows of the map: read when it is shown, again where it changed, and a lasso as a filter of the grid. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EmbeddingMapState, EmbeddingState } from '#contract/embeddings.ts';
import { writeItemList } from '#contract/item-list.ts';
import { writeMapPoints } from '#contract/map-points.ts';
import { resources } from '#contract/resources.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { ImageBrowser } from '../../../state/browser.svelte.ts';
import { jobOf, projectOf, settled, TestStudio } from '../../../state/testing.ts';
import { Listing } from '../listing.svelte.ts';
import { MapStore } from './map.svelte.ts';

const [first, second] = ['00000000000000aa', '00000000000000bb'];
const stateOf = (id: string | null, missing = 0): EmbeddingMapState => ({
  map:
    id === null ? null : { id, by: { kind: 'run', runId: 'run-1' }, computedAt: '', points: 3, laidOut: 3 },
  ...{ missing, outdated: false, jobId: null },
});

let state: EmbeddingMapState;
let embeddings: EmbeddingState['state'];
let asked: string[];
let started: string[];
let answers: Map<string, Uint8Array>;
let browser: ImageBrowser;
let map: MapStore;

const list = (...itemIds: number[]) =>
  writeItemList({ itemIds: Int32Array.from(itemIds), classIds: Int32Array.from(itemIds, () => 1) });
const triangle: [number, number][] = [
  [0, 0],
  [1, 0],
  [0, 1],
];

beforeEach(() => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} });
  state = stateOf(first);
  embeddings = 'complete';
  [asked, started] = [[], []];
  const points = writeMapPoints({ itemIds: Int32Array.of(1, 2, 3), coordinates: new Float32Array(6) });
  answers = new Map([
    [resources.map(first), points],
    [resources.map(second), points],
    [resources.itemList({}), list(1, 2, 3)],
  ]);
  const listed: StudioClient['items']['list'] = async () => ({ total: 3, items: [] });
  const studio = new TestStudio(
    {
      items: { list: listed },
      map: {
        get: async () => state,
        start: async () => (started.push('map'), jobOf('job-2', { kind: 'map' })),
      },
      embeddings: {
        get: async () => ({ by: null, state: embeddings, done: 0, total: 3, jobId: null }),
        start: async () => (started.push('embeddings'), jobOf('job-1', { kind: 'embed' })),
      },
    },
    projectOf({ counts: { total: 3 } }),
  );
  browser = new ImageBrowser(studio, 'test');
  const fetchBytes = async (address: string) => {
    asked.push(address);
    const bytes = answers.get(address);
    if (!bytes) throw new Error(`nothing at ${address}`);
    return Uint8Array.from(bytes).buffer;
  };
  map = new MapStore(studio, browser, new Listing(browser, fetchBytes), fetchBytes);
});

async function opened(): Promise<void> {
  map.toggle();
  await settled();
}

describe('the map', () => {
  it('is not read before it is shown', async () => {
    await map.read();
    map.receive({ event: 'items.changed', itemIds: [1] });
    await settled();
    expect(asked).toEqual([]);
    await opened();
    expect(map.contents?.itemIds).toEqual(Int32Array.of(1, 2, 3));
    expect([map.listing.all, map.listing.listed].map((each) => [...each!.itemIds])).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it('has its points read once, and those of another one in their place', async () => {
    await opened();
    map.receive({ event: 'map.changed', state: { ...stateOf(first), jobId: 'job-9' } });
    await settled();
    expect(asked.filter((address) => address === resources.map(first))).toHaveLength(1);
    map.receive({ event: 'map.changed', state: stateOf(second) });
    await settled();
    expect(asked).toContain(resources.map(second));
    map.receive({ event: 'map.changed', state: stateOf(null, 3) });
    expect([map.contents, map.state?.missing]).toEqual([null, 3]);
  });

  it('says why it could not be read, and reads it with the next attempt', async () => {
    const bytes = answers.get(resources.map(first))!;
    answers.delete(resources.map(first));
    await opened();
    expect([map.contents, map.fault]).toEqual([null, expect.any(Error)]);
    answers.set(resources.map(first), bytes);
    await map.read();
    await settled();
    expect([map.contents === null, map.fault]).toEqual([false, null]);
  });

  it('says so where what is kept of it is damaged', async () => {
    answers.set(resources.map(first), new Uint8Array(5));
    await opened();
    expect([map.contents, map.fault]).toMatchObject([null, { code: 'PROJECT_DAMAGED' }]);
  });

  it('keeps the map of before in sight, and a lasso around it, until another one is read', async () => {
    await opened();
    const before = map.contents;
    map.receive({ event: 'map.changed', state: stateOf(second) });
    expect(map.contents).toBe(before);
    await settled();
    expect(map.contents).not.toBe(before);
    map.showWithin(triangle);
    expect(browser.filter.region?.mapId).toBe(second);
  });

  it('follows labels and other lists of the grid; many changes at once are one more reading', async () => {
    await opened();
    const region = { mapId: first, polygon: triangle };
    answers.set(resources.itemList({ region }), list(2));
    map.showWithin(triangle);
    expect(browser.filter).toEqual({ region });
    await map.listing.refresh();
    expect([...map.listing.listed!.itemIds]).toEqual([2]);
    asked = [];
    for (let change = 0; change < 5; change += 1) map.receive({ event: 'items.changed', itemIds: [2] });
    await map.listing.refresh();
    expect(asked.filter((address) => address === resources.itemList({}))).toHaveLength(2);
  });

  it('lets go of a lasso around another map, and of nothing else', async () => {
    await opened();
    await browser.show({ text: 'a' });
    map.showWithin(triangle);
    map.receive({ event: 'map.changed', state: { ...stateOf(first), jobId: 'job-9' } });
    expect(browser.filter.region?.mapId).toBe(first);
    map.receive({ event: 'map.changed', state: stateOf(second) });
    expect(browser.filter).toEqual({ text: 'a' });
  });

  it('asks for no more than sixty corners, of a lasso of any length', async () => {
    await opened();
    map.showWithin(Array.from({ length: 900 }, (_, at) => [Math.cos(at / 143), Math.sin(at / 143)]));
    expect(browser.filter.region?.polygon).toHaveLength(60);
    map.showEverywhere();
    expect(browser.filter.region).toBeUndefined();
    map.showWithin([[0, 0]]);
    expect(browser.filter.region).toBeUndefined();
  });

  it('goes to an image in the grid where it is listed', async () => {
    await opened();
    map.goTo(3);
    expect(browser.selection.cursor).toBe(2);
    map.goTo(99);
    expect(browser.selection.cursor).toBe(2);
  });

  it.each([
    ['missing', ['embeddings', 'map']],
    ['partial', ['embeddings', 'map']],
    ['computing', ['map']],
    ['complete', ['map']],
  ] as const)('is drawn after the embeddings where these are %s', async (given, expected) => {
    embeddings = given;
    await map.compute();
    expect(started).toEqual(expected);
  });
});
