/**
 * A worker of the window: fetches sheets and decodes them, so that neither takes a frame from scrolling. Images that are
 * wanted now are decoded before all others. What to fetch, and what is kept, is left to pictures.ts.
 */
import { readSheet, type Tile } from '#contract/sheet.ts';
import { decode } from './decode-tile.ts';

export interface SheetOrder {
  /** Of the order, given back with each answer. */
  order: number;
  address: string;
  /** Places in the sheet of the images that are wanted now. */
  first: readonly number[];
}

/** A picture in the window's memory, `broken` where its bytes are none, `later` where it has to be asked for again. */
export type Decoded = ImageBitmap | 'broken' | 'none' | 'later';

export interface SheetAnswer {
  order: number;
  /** By their places in the sheet; null where it did not come. The images that are wanted now come first, together. */
  pictures: [at: number, picture: Decoded][] | null;
  /** Whether that was all. */
  last: boolean;
}

/** Images decoded at a time, by threads of the browser's. */
const atOnce = 8;

type Work = () => Promise<void>;
const urgent: Work[] = [];
const rest: Work[] = [];
let busy = 0;

function go(): void {
  while (busy < atOnce) {
    const work = urgent.shift() ?? rest.shift();
    if (!work) return;
    busy += 1;
    void work().finally(() => {
      busy -= 1;
      go();
    });
  }
}

/** Resolves when all are decoded. */
function decodeAll(tiles: [at: number, tile: Tile][], queue: Work[]): Promise<[number, Decoded][]> {
  const decoded = tiles.map(
    ([at, tile]) =>
      new Promise<[number, Decoded]>((resolve) => {
        queue.push(async () => resolve([at, await decode(tile)]));
      }),
  );
  go();
  return Promise.all(decoded);
}

async function fetchTiles(address: string): Promise<Tile[] | null> {
  try {
    const response = await fetch(address);
    return response.ok ? readSheet(new Uint8Array(await response.arrayBuffer())) : null;
  } catch {
    // No connection: whoever ordered it asks again.
    return null;
  }
}

function answer(answer: SheetAnswer): void {
  const transfer = (answer.pictures ?? []).flatMap(([, one]) => (typeof one === 'object' ? [one] : []));
  self.postMessage(answer, { transfer });
}

async function fetchSheet({ order, address, first }: SheetOrder): Promise<void> {
  const tiles = await fetchTiles(address);
  if (!tiles) return answer({ order, pictures: null, last: true });
  const now = new Set(first);
  const all = [...tiles.entries()];
  const others = all.filter(([at]) => !now.has(at));
  const wanted = await decodeAll(
    all.filter(([at]) => now.has(at)),
    urgent,
  );
  answer({ order, pictures: wanted, last: others.length === 0 });
  if (others.length > 0) answer({ order, pictures: await decodeAll(others, rest), last: true });
}

self.addEventListener('message', ({ data }: MessageEvent<SheetOrder>) => void fetchSheet(data));
