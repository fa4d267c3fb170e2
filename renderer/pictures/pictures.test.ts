/** Which pictures are asked for, kept and let go of; the sheets come when the test lets them come. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sheetLength, writeIds } from '#contract/sheet.ts';
import type { Decoded } from './fetch-sheet.ts';
import { type Fetcher, Pictures } from './pictures.ts';

const upTo = (count: number, first = 1, step = 1) =>
  Array.from({ length: count }, (_, at) => first + at * step);

class FakeBitmap {
  closed = false;
  constructor(
    readonly width: number,
    readonly height: number,
  ) {}
  close(): void {
    this.closed = true;
  }
}

interface Asked {
  ids: readonly number[];
  wanted: ReadonlySet<number>;
  came: Parameters<Fetcher>[2];
}

class Shelf {
  asked: Asked[] = [];
  made: FakeBitmap[] = [];
  side = 10;
  fetch: Fetcher = (ids, wanted, came) => void this.asked.push({ ids, wanted, came });
  get addresses(): string[] {
    return this.asked.map(({ ids }) => writeIds(ids));
  }
  picture(): Decoded {
    const made = new FakeBitmap(this.side, this.side);
    this.made.push(made);
    return made as unknown as ImageBitmap;
  }
  answer(special: Record<number, Decoded> = {}): void {
    const { ids, came } = this.asked.shift()!;
    came(new Map(ids.map((id) => [id, special[id] ?? this.picture()])), true);
  }
  answerAll(): void {
    while (this.asked.length > 0) this.answer();
  }
}

let shelf: Shelf;
let pictures: Pictures;
let arrived: number;
const open = () => pictures.view(() => (arrived += 1));
beforeEach(() => {
  vi.useFakeTimers();
  shelf = new Shelf();
  pictures = new Pictures(shelf.fetch);
  arrived = 0;
});
afterEach(() => vi.useRealTimers());

describe('the thumbnails of a window', () => {
  it('are asked for in sheets, each once, and told when they come', () => {
    const view = open();
    view.want({ now: upTo(100), next: [] });
    view.want({ now: upTo(100), next: upTo(20, 101) });
    expect(shelf.addresses).toEqual(['1-64', '65-128']);
    shelf.answer();
    expect([arrived, pictures.get(64) !== undefined, pictures.get(65)]).toEqual([1, true, undefined]);
    shelf.answer();
    view.want({ now: upTo(100, 5), next: [] });
    expect([arrived, shelf.asked.length]).toEqual([2, 0]);
  });

  it('are few sheets at a time, then those of the newest wish: what was scrolled past is not asked for', () => {
    const view = open();
    view.want({ now: upTo(1000), next: [] });
    expect(shelf.addresses).toEqual(['1-64', '65-128', '129-192', '193-256']);
    view.want({ now: upTo(64, 6401), next: [] });
    expect(shelf.asked).toHaveLength(4);
    shelf.answer();
    expect(shelf.addresses).toEqual(['65-128', '129-192', '193-256', '6401-6464']);
    shelf.answerAll();
    expect(pictures.get(300)).toBeUndefined();
  });

  it('name what is seen now, which comes first and makes place for the next sheet', () => {
    const view = open();
    view.want({ now: upTo(20, 40), next: upTo(400, 60) });
    const [first] = shelf.asked;
    expect([...first!.wanted]).toEqual(upTo(20, 40));
    expect(shelf.asked).toHaveLength(4);
    first!.came(new Map(upTo(20, 40).map((id) => [id, shelf.picture()])), false);
    expect([arrived, shelf.asked.length, pictures.get(40) !== undefined]).toEqual([1, 5, true]);
    // The rest is still coming: nobody asks for it again.
    view.want({ now: upTo(20, 1), next: [] });
    expect(shelf.asked).toHaveLength(5);
    first!.came(new Map(upTo(20).map((id) => [id, shelf.picture()])), true);
    expect(pictures.get(1)).toBeDefined();
  });

  it('are those of every grid that is open, the one that moved last first', () => {
    const [one, other] = [open(), open()];
    one.want({ now: upTo(1000), next: [] });
    other.want({ now: [9000], next: [] });
    shelf.answer();
    expect(shelf.addresses.at(-1)).toBe('9000');
    expect(arrived).toBe(2);
    one.close();
    shelf.answerAll();
    expect([pictures.get(9000) !== undefined, pictures.get(999)]).toEqual([true, undefined]);
  });

  it('are asked for again where they did not come: after a while, or once the studio is there again', () => {
    const view = open();
    view.want({ now: upTo(64), next: [] });
    shelf.asked.shift()!.came(null, true);
    view.want({ now: upTo(64), next: [] });
    expect(shelf.asked).toHaveLength(0);
    vi.advanceTimersByTime(2000);
    expect(shelf.addresses).toEqual(['1-64']);
    shelf.asked.shift()!.came(null, true);
    pictures.retry();
    expect(shelf.addresses).toEqual(['1-64']);
  });

  it('are asked for by themselves where a sheet was full, and never where they are broken', () => {
    const view = open();
    view.want({ now: upTo(64), next: [] });
    shelf.answer({ 5: 'later', 6: 'broken', 7: 'none' });
    expect(shelf.addresses).toEqual(['5']);
    expect([pictures.get(6), pictures.get(7)]).toEqual(['broken', undefined]);
    shelf.answer();
    view.want({ now: upTo(64), next: [] });
    expect(shelf.asked).toHaveLength(0);
  });

  it('are void in another project, those on their way too', () => {
    const view = open();
    view.want({ now: upTo(128), next: [] });
    const late = shelf.asked[1]!;
    shelf.answer();
    pictures.clear();
    expect(pictures.get(1)).toBeUndefined();
    expect(shelf.made.every(({ closed }) => closed)).toBe(true);
    late.came(new Map([[65, shelf.picture()]]), true);
    expect([pictures.get(65), shelf.made.at(-1)!.closed]).toEqual([undefined, true]);
    view.want({ now: upTo(64), next: [] });
    expect(shelf.addresses.at(-1)).toBe('1-64');
  });

  it('stay within bounds, but for what is shown, and give back what they held', () => {
    shelf.side = 128;
    const view = open();
    const sight = 4000;
    for (const first of [1, 6401, 12801]) {
      view.want({ now: upTo(sight, first), next: [] });
      shelf.answerAll();
      expect(upTo(sight, first).every((id) => pictures.get(id) !== undefined)).toBe(true);
    }
    const stillOpen = shelf.made.filter(({ closed }) => !closed).length;
    expect(stillOpen).toBeLessThanOrEqual(sight + 2 * sheetLength);
    expect(pictures.get(1)).toBeUndefined();
  });
});
