/**
 * A worker of the window: fetches sheets and decodes them, so that neither takes a frame from scrolling. Images that are
 * in sight are decoded before all others. What to fetch, and what is kept, is left to pictures.ts.
 */
import { readSheet, type Tile } from '#contract/sheet.ts';
import { decode } from './decode-tile.ts';
import type { Urgency } from './pictures.ts';

export interface SheetOrder {
  /** Of the order, given back with each answer. */
  order: number;
  address: string;
  urgency: Urgency;
}

/** A picture in the window's memory, `broken` where its bytes are none, `later` where it has to be asked for again. */
export type Decoded = ImageBitmap | 'broken' | 'none' | 'later';

export interface SheetAnswer {
  order: number;
  /** By their items, as many as are decoded; null where it did not come. */
  pictures: [id: number, picture: Decoded][] | null;
  /** Whether that was all. */
  last: boolean;
}

/** Images decoded at a time, by threads of the browser's. */
const atOnce = 8;
/** Images that are worth an answer of their own: the window draws them while others are decoded. */
const together = 32;
type Work = () => Promise<void>;
const queues: Record<Urgency, Work[]> = { inSight: [], ahead: [] };
let busy = 0;

function go(): void {
  while (busy < atOnce) {
    const work = queues.inSight.shift() ?? queues.ahead.shift();
    if (!work) return;
    busy += 1;
    void work().finally(() => {
      busy -= 1;
      go();
    });
  }
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

async function fetchSheet({ order, address, urgency }: SheetOrder): Promise<void> {
  const tiles = await fetchTiles(address);
  if (!tiles?.length) return answer({ order, pictures: tiles && [], last: true });
  let decoded: [number, Decoded][] = [];
  let left = tiles.length;
  for (const tile of tiles) {
    queues[urgency].push(async () => {
      decoded.push([tile.id, await decode(tile)]);
      left -= 1;
      if (left > 0 && decoded.length < together) return;
      answer({ order, pictures: decoded, last: left === 0 });
      decoded = [];
    });
  }
  go();
}

self.addEventListener('message', ({ data }: MessageEvent<SheetOrder>) => void fetchSheet(data));
