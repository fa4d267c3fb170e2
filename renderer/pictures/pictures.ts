/**
 * The thumbnails that this window has in memory, by item. Grids say what they show; what is missing is asked for in sheets,
 * the newest wish first, and what came first is let go of first. Fetching and decoding are left to the worker behind
 * `Fetcher`, drawing to parts/grid-painter.ts.
 */
import type { Decoded } from './fetch-sheet.ts';
import { nextSheet } from './plan.ts';

/** Sheets on their way at a time: as many as a sight of a large window lies across. */
const atOnce = 4;
/** Bytes of pixels kept, and number of pictures, of which each costs something beyond its pixels. */
const keptBytes = 96 * 1024 * 1024;
const keptPictures = 8192;
/** Milliseconds after which a sheet that did not come is asked for again, if it is still wanted. */
const patience = 2000;

/**
 * Fetches the pictures of these items, ids ascending. `came` is told those that are wanted now, then the rest; null where
 * they did not come. It is called once with `last`, at the end.
 */
export type Fetcher = (
  ids: readonly number[],
  wanted: ReadonlySet<number>,
  came: (pictures: ReadonlyMap<number, Decoded> | null, last: boolean) => void,
) => void;

/** A picture as it can be drawn; `broken` where there is none to be had. */
export type Picture = ImageBitmap | 'broken';

export interface Wish {
  /** What is shown, in the order in which it matters. */
  now: readonly number[];
  /** What is likely to be shown next. */
  next: readonly number[];
}

/** What one grid shows. */
export interface View {
  /** Takes the place of the wish before. */
  want(wish: Wish): void;
  close(): void;
}

const nothing: Wish = { now: [], next: [] };

export class Pictures {
  readonly #fetch: Fetcher;
  readonly #now: () => number;
  /** In the order in which they came. */
  readonly #kept = new Map<number, Picture>();
  #bytes = 0;
  readonly #coming = new Set<number>();
  readonly #failedAt = new Map<number, number>();
  /** The newest wish last. */
  readonly #views = new Map<object, { wish: Wish; arrived: () => void }>();
  #onTheWay = 0;
  #era = 0;

  constructor(fetch: Fetcher, now: () => number = () => performance.now()) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /** @param arrived told when pictures came, whosever */
  view(arrived: () => void): View {
    const key = {};
    return {
      want: (wish) => {
        this.#views.delete(key);
        this.#views.set(key, { wish, arrived });
        this.#ask();
      },
      close: () => this.#views.delete(key),
    };
  }

  get(id: number): Picture | undefined {
    return this.#kept.get(id);
  }

  /** Another project, whose ids count from 1 too: nothing is known any more, and what is on its way is not taken. */
  clear(): void {
    this.#era += 1;
    for (const id of [...this.#kept.keys()]) this.#drop(id);
    this.#coming.clear();
    this.#failedAt.clear();
    this.#onTheWay = 0;
    for (const view of this.#views.values()) view.wish = nothing;
  }

  /** The studio is there again: what did not come is asked for at once. */
  retry(): void {
    this.#failedAt.clear();
    this.#ask();
  }

  #ask(): void {
    const missing = (id: number) =>
      !this.#kept.has(id) && !this.#coming.has(id) && !(this.#now() - this.#failedAt.get(id)! < patience);
    for (const { wish } of [...this.#views.values()].reverse()) {
      const now = new Set(wish.now);
      while (this.#onTheWay < atOnce) {
        const sheet = nextSheet([...wish.now, ...wish.next], missing);
        if (!sheet) break;
        this.#order(sheet, now);
      }
    }
  }

  #order(sheet: readonly number[], now: ReadonlySet<number>): void {
    const era = this.#era;
    for (const id of sheet) this.#coming.add(id);
    this.#onTheWay += 1;
    let answered = false;
    this.#fetch(sheet, now, (pictures, last) => {
      if (era !== this.#era) {
        for (const one of pictures?.values() ?? []) if (typeof one === 'object') one.close();
        return;
      }
      // What is decoded for later does not hold up what is asked for now.
      if (!answered) this.#onTheWay -= 1;
      answered = true;
      for (const [id, one] of pictures ?? []) this.#take(id, one);
      if (last) for (const id of sheet) this.#coming.delete(id);
      if (!pictures) this.#failed(sheet);
      this.#letGo();
      for (const { arrived } of [...this.#views.values()]) arrived();
      this.#ask();
    });
  }

  #failed(sheet: readonly number[]): void {
    for (const id of sheet) this.#failedAt.set(id, this.#now());
    // Where nobody scrolls, nothing else would ask again.
    setTimeout(() => this.#ask(), patience);
  }

  #take(id: number, picture: Decoded): void {
    this.#coming.delete(id);
    this.#failedAt.delete(id);
    if (picture === 'later') return;
    // An item that is not there yet may come with an import.
    if (picture === 'none') this.#failedAt.set(id, this.#now());
    else if (!this.#kept.has(id)) {
      this.#kept.set(id, picture);
      this.#bytes += sizeOf(picture);
    } else if (picture !== 'broken') picture.close();
  }

  /** What is wanted stays, whatever it takes. */
  #letGo(): void {
    if (this.#kept.size <= keptPictures && this.#bytes <= keptBytes) return;
    const wanted = new Set([...this.#views.values()].flatMap(({ wish }) => [...wish.now, ...wish.next]));
    for (const id of [...this.#kept.keys()]) {
      if (this.#kept.size <= keptPictures && this.#bytes <= keptBytes) return;
      if (!wanted.has(id)) this.#drop(id);
    }
  }

  #drop(id: number): void {
    const picture = this.#kept.get(id);
    if (picture === undefined) return;
    this.#kept.delete(id);
    this.#bytes -= sizeOf(picture);
    if (picture !== 'broken') picture.close();
  }
}

const sizeOf = (picture: Picture) => (picture === 'broken' ? 0 : picture.width * picture.height * 4);
