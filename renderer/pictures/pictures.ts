/**
 * The thumbnails that this window has in memory, by item. Grids say what they show; what is missing is asked for in sheets,
 * the newest wish first, and what came first is let go of first. Fetching and decoding are left to the worker
 * behind `Fetcher`, drawing to parts/grid-painter.ts.
 */
import type { Decoded } from './fetch-sheet.ts';
import { nextSheet } from './plan.ts';

/** Sheets on their way at a time: the next is decoded while the one before is. */
const atOnce = 3;
/** Bytes of pixels kept, and number of pictures, of which each costs something beyond its pixels. */
const keptBytes = 96 * 1024 * 1024;
const keptPictures = 8192;
/** Milliseconds after which a sheet that did not come is asked for again, if it is still wanted. */
const patience = 2000;

/** Fetches the pictures of these items, in their order; null where they did not come. Never rejects. */
export type Fetcher = (ids: readonly number[]) => Promise<Decoded[] | null>;

/** A picture as it can be drawn; `broken` where there is none to be had. */
export type Picture = ImageBitmap | 'broken';

/** What one grid shows. */
export interface View {
  /**
   * What it shows, and what it is likely to show next. Takes the place of the wish before. In the order in which they matter.
   */
  want(ids: readonly number[]): void;
  close(): void;
}

export class Pictures {
  readonly #fetch: Fetcher;
  readonly #now: () => number;
  /** In the order in which they came. */
  readonly #kept = new Map<number, Picture>();
  #bytes = 0;
  readonly #coming = new Set<number>();
  readonly #failedAt = new Map<number, number>();
  /** The newest wish last. */
  readonly #views = new Map<object, { ids: readonly number[]; arrived: () => void }>();
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
      want: (ids) => {
        this.#views.delete(key);
        this.#views.set(key, { ids, arrived });
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
    for (const [key, { arrived }] of this.#views) this.#views.set(key, { ids: [], arrived });
  }

  /** The studio is there again: what did not come is asked for at once. */
  retry(): void {
    this.#failedAt.clear();
    this.#ask();
  }

  #ask(): void {
    const missing = (id: number) =>
      !this.#kept.has(id) && !this.#coming.has(id) && !(this.#now() - this.#failedAt.get(id)! < patience);
    for (const { ids } of [...this.#views.values()].reverse()) {
      while (this.#onTheWay < atOnce) {
        const sheet = nextSheet(ids, missing);
        if (!sheet) break;
        void this.#fetchSheet(
          sheet.filter((id) => !this.#coming.has(id)),
          sheet,
        );
      }
    }
  }

  async #fetchSheet(own: readonly number[], sheet: readonly number[]): Promise<void> {
    const era = this.#era;
    for (const id of own) this.#coming.add(id);
    this.#onTheWay += 1;
    const pictures = await this.#fetch(sheet);
    if (era !== this.#era) {
      for (const one of pictures ?? []) if (typeof one === 'object') one.close();
      return;
    }
    this.#onTheWay -= 1;
    for (const id of own) this.#coming.delete(id);
    for (const [at, id] of sheet.entries()) {
      const one = pictures?.[at] ?? 'none';
      // An item that is not there yet may come with an import; asked for as often as a sheet that failed.
      if (one === 'none') this.#failedAt.set(id, this.#now());
      else if (one !== 'later') this.#keep(id, one);
    }
    // Where nobody scrolls, nothing else would ask again.
    if (!pictures) setTimeout(() => this.#ask(), patience);
    this.#letGo();
    for (const { arrived } of [...this.#views.values()]) arrived();
    this.#ask();
  }

  #keep(id: number, picture: Picture): void {
    this.#failedAt.delete(id);
    if (this.#kept.has(id)) {
      if (picture !== 'broken') picture.close();
      return;
    }
    this.#kept.set(id, picture);
    this.#bytes += sizeOf(picture);
  }

  /** What is shown stays, whatever it takes. */
  #letGo(): void {
    if (this.#kept.size <= keptPictures && this.#bytes <= keptBytes) return;
    const shown = new Set([...this.#views.values()].flatMap(({ ids }) => [...ids]));
    for (const id of [...this.#kept.keys()]) {
      if (this.#kept.size <= keptPictures && this.#bytes <= keptBytes) return;
      if (!shown.has(id)) this.#drop(id);
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
