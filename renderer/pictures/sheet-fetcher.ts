/** Orders sheets from the worker and hands out its answers. Nothing is kept here. */
import { resources } from '#contract/resources.ts';
import { addressOf } from '../session.ts';
import type { SheetAnswer, SheetOrder } from './fetch-sheet.ts';
import type { Fetcher, Sheet } from './pictures.ts';

const addressIn = (sheet: Sheet) =>
  'ids' in sheet ? resources.sheet(sheet.ids) : resources.sheetOfList(sheet.filter, sheet.first, sheet.last);

/** Starts the worker with the first order. */
export function sheetFetcher(): Fetcher {
  let worker: Worker | undefined;
  let orders = 0;
  const waiting = new Map<number, (answer: SheetAnswer) => void>();
  const start = (): Worker => {
    const started = new Worker(new URL('./fetch-sheet.ts', import.meta.url), { type: 'module' });
    started.addEventListener('message', ({ data }: MessageEvent<SheetAnswer>) =>
      waiting.get(data.order)?.(data),
    );
    // It could not be loaded, as after the studio has gone: the next order starts another.
    started.addEventListener('error', () => {
      started.terminate();
      worker = undefined;
      for (const [order, answer] of waiting) answer({ order, pictures: null, last: true });
    });
    return started;
  };
  return (sheet, urgency, came) => {
    worker ??= start();
    const order = (orders += 1);
    waiting.set(order, ({ pictures, last }) => {
      if (last) waiting.delete(order);
      came(pictures && new Map(pictures), last);
    });
    worker.postMessage({ order, address: addressOf(addressIn(sheet)), urgency } satisfies SheetOrder);
  };
}
