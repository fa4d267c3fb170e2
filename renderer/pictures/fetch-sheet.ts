/**
 * A worker of the window: fetches sheets and decodes them, so that neither takes a frame from scrolling. What is decoded
 * first is left to decode-queue.ts; what to fetch, and what is kept, to pictures.ts.
 */
import { readSheet, type Tile } from '#contract/sheet.ts';
import type { Decoded } from './bitmap.ts';
import { DecodeQueue } from './decode-queue.ts';
import { decode } from './decode-tile.ts';
import type { Urgency } from './thumbnail-request.ts';

export interface SheetOrder {
  /** Of the order, given back with each answer. */
  order: number;
  address: string;
  urgency: Urgency;
}

export interface SheetAnswer {
  order: number;
  /** By their items, as many as are decoded; null where it did not come. */
  pictures: [id: number, picture: Decoded][] | null;
  /** Whether that was all. */
  last: boolean;
}

const queue = new DecodeQueue(decode);

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
  if (!tiles) return answer({ order, pictures: null, last: true });
  queue.add(tiles, urgency, (pictures, last) => answer({ order, pictures, last }));
}

self.addEventListener('message', ({ data }: MessageEvent<SheetOrder>) => void fetchSheet(data));
