/** Which pictures are asked for, kept and let go of; the sheets come when the test lets them come. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mostInSheet, writeIds } from '#contract/sheet.ts';
import type { Decoded } from './bitmap.ts';
import { type Fetcher, Pictures, type Sheet } from './pictures.ts';
import type { Urgency } from './thumbnail-request.ts';
import { aheadLength } from './plan.ts';

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
  sheet: Sheet;
  urgency: Urgency;
  came: Parameters<Fetcher>[2];
}

/** A list has at each place the item of the next id, as one has that nothing narrows. */
const idsIn = (sheet: Sheet) =>
  'ids' in sheet ? sheet.ids : upTo(sheet.last - sheet.first + 1, sheet.first + 1);
const addressIn = (sheet: Sheet) =>
  'ids' in sheet ? writeIds(sheet.ids) : `places ${sheet.first}-${sheet.last}`;

class Shelf {
  asked: Asked[] = [];
  made: FakeBitmap[] = [];
  side = 10;
  fetch: Fetcher = (sheet, urgency, came) => void this.asked.push({ sheet, urgency, came });
  get addresses(): string[] {
    return this.asked.map(({ sheet }) => addressIn(sheet));
  }
  picture(): Decoded {
    const made = new FakeBitmap(this.side, this.side);
    this.made.push(made);
    return made as unknown as ImageBitmap;
  }
  answer(special: Record<number, Decoded> = {}): void {
    const { sheet, came } = this.asked.shift()!;
    came(new Map(idsIn(sheet).map((id) => [id, special[id] ?? this.picture()])), true);
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
    view.want({ now: upTo(300), next: [] });
    view.want({ now: upTo(300), next: [] });
    expect(shelf.addresses).toEqual(['1-256', '257-300']);
    shelf.answer();
    expect([arrived, pictures.get(256) !== undefined, pictures.get(257)]).toEqual([1, true, undefined]);
    shelf.answer();
    view.want({ now: upTo(250, 50), next: [] });
    expect([arrived, shelf.asked.length]).toEqual([2, 0]);
  });

  it('are few sheets at a time, then those of the newest request: what was scrolled past is not asked for', () => {
    const view = open();
    view.want({ now: upTo(2000), next: [] });
    expect(shelf.addresses).toEqual(['1-256', '257-512', '513-768', '769-1024']);
    view.want({ now: upTo(64, 6401), next: [] });
    expect(shelf.asked).toHaveLength(4);
    shelf.answer();
    expect(shelf.addresses).toEqual(['257-512', '513-768', '769-1024', '6401-6464']);
    shelf.answerAll();
    expect(pictures.get(1025)).toBeUndefined();
  });

  it('are read ahead once all in sight is there, and never before what comes into sight', () => {
    const view = open();
    view.want({ now: upTo(20, 40), next: upTo(400, 60) });
    expect(shelf.asked.map(({ urgency }) => urgency)).toEqual(['inSight']);
    // Some are drawn before the rest is there.
    shelf.asked[0]!.came(new Map(upTo(10, 40).map((id) => [id, shelf.picture()])), false);
    expect([arrived, pictures.get(49) !== undefined, shelf.asked.length]).toEqual([1, true, 1]);
    shelf.answer();
    expect(shelf.addresses).toEqual(['60-64,449-459', '65-128']);
    view.want({ now: upTo(20, 5000), next: [] });
    expect(shelf.addresses.at(-1)).toBe('5000-5019');
    expect(shelf.asked.at(-1)!.urgency).toBe('inSight');
  });

  it('come by their places where nobody knows the items yet, and are not asked for twice', () => {
    const view = open();
    view.want({ now: upTo(20), next: [] });
    shelf.answerAll();
    view.wantPlaces({}, { first: 999, last: 1098 });
    // Places elsewhere, while the first are on their way, and items that have become known meanwhile.
    view.wantPlaces({}, { first: 5000, last: 5100 });
    view.want({ now: upTo(102, 1000), next: upTo(30, 1102) });
    expect(shelf.addresses).toEqual(['places 999-1098']);
    shelf.answer();
    expect([pictures.get(1099) !== undefined, shelf.addresses]).toEqual([true, ['1100-1101']]);
    view.wantPlaces({}, { first: 6000, last: 7000 });
    expect(shelf.addresses.at(-1)).toBe(`places 6000-${6000 + mostInSheet - 1}`);
  });

  it('are asked for by item where their places did not come, or cannot be asked for', () => {
    const view = open();
    view.wantPlaces({}, { first: 0, last: 9 });
    view.want({ now: upTo(10), next: [] });
    shelf.asked.shift()!.came(null, true);
    expect(shelf.addresses).toEqual(['1-10']);
    shelf.answerAll();
    view.wantPlaces({ cells: { runId: 'run-1', split: 'test' } }, { first: 20, last: 29 });
    view.wantPlaces({ byLoss: { runId: 'run-1', split: 'test' } }, { first: 20, last: 29 });
    view.wantPlaces({ classIds: upTo(1000) }, { first: 20, last: 29 });
    expect(shelf.asked).toEqual([]);
  });

  it('are those of every grid that is open, the one that moved last first', () => {
    const [one, other] = [open(), open()];
    one.want({ now: upTo(2000), next: [] });
    other.want({ now: [9000], next: [] });
    shelf.answer();
    expect(shelf.addresses.at(-1)).toBe('9000');
    expect(arrived).toBe(2);
    one.close();
    shelf.answerAll();
    expect([pictures.get(9000) !== undefined, pictures.get(1999)]).toEqual([true, undefined]);
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
    pictures.read();
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
    view.want({ now: upTo(300), next: [] });
    const late = shelf.asked[1]!;
    shelf.answer();
    pictures.reset();
    expect(pictures.get(1)).toBeUndefined();
    expect(shelf.made.every(({ closed }) => closed)).toBe(true);
    late.came(new Map([[257, shelf.picture()]]), true);
    expect([pictures.get(257), shelf.made.at(-1)!.closed]).toEqual([undefined, true]);
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
    expect(stillOpen).toBeLessThanOrEqual(sight + 2 * aheadLength);
    expect(pictures.get(1)).toBeUndefined();
  });
});
