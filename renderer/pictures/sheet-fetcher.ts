/** Orders sheets from the worker and hands out its answers. Nothing is kept here. */
import { resources } from '#contract/resources.ts';
import { addressOf } from '../session.ts';
import type { Decoded, SheetAnswer, SheetOrder } from './fetch-sheet.ts';
import type { Fetcher } from './pictures.ts';

/** Starts the worker with the first order. */
export function sheetFetcher(): Fetcher {
  let worker: Worker | undefined;
  let orders = 0;
  const waiting = new Map<number, (pictures: Decoded[] | null) => void>();
  const start = (): Worker => {
    const started = new Worker(new URL('./fetch-sheet.ts', import.meta.url), { type: 'module' });
    started.addEventListener('message', ({ data }: MessageEvent<SheetAnswer>) => {
      waiting.get(data.order)?.(data.pictures);
      waiting.delete(data.order);
    });
    // It could not be loaded, as after the studio has gone: the next order starts another.
    started.addEventListener('error', () => {
      started.terminate();
      worker = undefined;
      for (const answer of waiting.values()) answer(null);
      waiting.clear();
    });
    return started;
  };
  return (ids) =>
    new Promise((resolve) => {
      worker ??= start();
      const order = (orders += 1);
      waiting.set(order, resolve);
      worker.postMessage({ order, address: addressOf(resources.sheet(ids)) } satisfies SheetOrder);
    });
}
