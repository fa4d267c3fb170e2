/**
 * The thumbnails that this window has in memory, by item. Grids say what they show; what is missing is asked for in sheets,
 * the newest request first, and what came first is let go of first. Fetching and decoding are left to the worker behind
 * `Fetcher`, drawing to parts/grid/grid-painter.ts.
 */
import { isComputed, type ItemFilter } from '#contract/project.ts';
import { mostInSheet } from '#contract/sheet.ts';
import type { Bitmap, Decoded } from './bitmap.ts';
import { sheetAhead, sheetInSight } from './plan.ts';
import type { Urgency, ThumbnailRequest } from './thumbnail-request.ts';

/** Sheets on their way at a time, of what is seen and of what is read ahead. */
const atOnce: Record<Urgency, number> = { inSight: 4, ahead: 2 };
/** Bytes of pixels kept, and number of pictures, of which each costs something beyond its pixels. */
const keptBytes = 96 * 1024 * 1024;
const keptPictures = 8192;
/** Milliseconds after which a sheet that did not come is asked for again, if it is still wanted. */
const patience = 2000;
/** Characters of a filter in an address; of a longer one, pictures are asked for once their items are known. */
const longestFilter = 1000;

/** Of a list, the last included. */
export interface Places {
  first: number;
  last: number;
}

/** Items by ascending ids, or by their places in a list. */
export type Sheet = { ids: readonly number[] } | ({ filter: ItemFilter } & Places);

/**
 * Fetches the pictures of a sheet. `came` is told some as soon as they are there, and called once with
 * `last`, at the end; null where they did not come.
 */
export type Fetcher = (
  sheet: Sheet,
  urgency: Urgency,
  came: (pictures: ReadonlyMap<number, Decoded> | null, last: boolean) => void,
) => void;

/** A picture as it can be drawn; `broken` where there is none to be had. */
export type Picture = Bitmap | 'broken';

/** In pixels of its own. */
export const sizeOf = (picture: Bitmap): { width: number; height: number } =>
  'displayWidth' in picture ? { width: picture.displayWidth, height: picture.displayHeight } : picture;

/** What one grid shows. */
export interface View {
  /** Takes the place of the request before. */
  want(request: ThumbnailRequest): void;
  /** The same for places of a list whose items are not known yet; what is known meanwhile waits for it. */
  wantPlaces(filter: ItemFilter, places: Places): void;
  close(): void;
}

const nothing: ThumbnailRequest = { now: [], next: [] };

export class Pictures {
  /** In the order in which they came. */
  readonly #kept = new Map<number, Picture>();
  #bytes = 0;
  /** Whether pictures are on their way of which the items are not known. */
  #unnamed = false;
  readonly #coming = new Set<number>();
  readonly #failedAt = new Map<number, number>();
  /** The newest request last. */
  readonly #views = new Map<object, { request: ThumbnailRequest; arrived: () => void }>();
  #onTheWay = { inSight: 0, ahead: 0 };
  #era = 0;

  constructor(
    private readonly fetch: Fetcher,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @param arrived told when pictures came, whosever */
  view(arrived: () => void): View {
    const key = {};
    return {
      want: (request) => {
        this.#views.delete(key);
        this.#views.set(key, { request, arrived });
        this.#ask();
      },
      wantPlaces: (filter, { first, last }) => {
        // One at a time, as nobody knows whether what it brings is here already.
        if (
          this.#unnamed ||
          last < first ||
          isComputed(filter) ||
          JSON.stringify(filter).length > longestFilter
        )
          return;
        this.#unnamed = true;
        this.#fetchSheet({ filter, first, last: Math.min(last, first + mostInSheet - 1) }, 'inSight', () => {
          this.#unnamed = false;
        });
      },
      close: () => this.#views.delete(key),
    };
  }

  get(id: number): Picture | undefined {
    return this.#kept.get(id);
  }

  /** Another project, whose ids count from 1 too: nothing is known any more, and what is on its way is not taken. */
  reset(): void {
    this.#era += 1;
    for (const id of [...this.#kept.keys()]) this.#drop(id);
    this.#coming.clear();
    this.#unnamed = false;
    this.#failedAt.clear();
    this.#onTheWay = { inSight: 0, ahead: 0 };
    for (const view of this.#views.values()) view.request = nothing;
  }

  /** The studio is there again: what did not come is asked for at once. */
  read(): void {
    this.#failedAt.clear();
    this.#ask();
  }

  #ask(): void {
    const missing = (id: number) =>
      !this.#kept.has(id) && !this.#coming.has(id) && !(this.now() - this.#failedAt.get(id)! < patience);
    const requests = [...this.#views.values()].map(({ request }) => request).reverse();
    const order = (urgency: Urgency, next: (request: ThumbnailRequest) => number[] | null) => {
      for (const request of requests) {
        while (this.#onTheWay[urgency] < atOnce[urgency]) {
          const sheet = next(request);
          if (!sheet) break;
          this.#order(sheet, urgency);
        }
      }
    };
    if (this.#unnamed) return;
    order('inSight', (request) => sheetInSight(request, missing));
    // What is seen has the studio, the network and the decoders for itself.
    if (this.#onTheWay.inSight === 0) order('ahead', (request) => sheetAhead(request, missing));
  }

  #order(ids: readonly number[], urgency: Urgency): void {
    for (const id of ids) this.#coming.add(id);
    this.#fetchSheet({ ids }, urgency, (came) => {
      for (const id of ids) this.#coming.delete(id);
      if (!came) this.#failed(ids);
    });
  }

  /** @param ended told once, whether it came */
  #fetchSheet(sheet: Sheet, urgency: Urgency, ended: (came: boolean) => void): void {
    const era = this.#era;
    this.#onTheWay[urgency] += 1;
    this.fetch(sheet, urgency, (pictures, last) => {
      if (era !== this.#era) {
        for (const one of pictures?.values() ?? []) if (typeof one === 'object') one.close();
        return;
      }
      for (const [id, one] of pictures ?? []) this.#take(id, one);
      if (last) {
        this.#onTheWay[urgency] -= 1;
        ended(pictures !== null);
      }
      this.#letGo();
      for (const { arrived } of [...this.#views.values()]) arrived();
      this.#ask();
    });
  }

  #failed(sheet: readonly number[]): void {
    for (const id of sheet) this.#failedAt.set(id, this.now());
    // Where nobody scrolls, nothing else would ask again.
    setTimeout(() => this.#ask(), patience);
  }

  #take(id: number, picture: Decoded): void {
    this.#coming.delete(id);
    this.#failedAt.delete(id);
    if (picture === 'later') return;
    // An item that is not there yet may come with an import.
    if (picture === 'none') this.#failedAt.set(id, this.now());
    else if (!this.#kept.has(id)) {
      this.#kept.set(id, picture);
      this.#bytes += bytesOf(picture);
    } else if (picture !== 'broken') picture.close();
  }

  /** What is wanted stays, whatever it takes. */
  #letGo(): void {
    if (this.#kept.size <= keptPictures && this.#bytes <= keptBytes) return;
    const wanted = new Set(
      [...this.#views.values()].flatMap(({ request }) => [...request.now, ...request.next]),
    );
    for (const id of [...this.#kept.keys()]) {
      if (this.#kept.size <= keptPictures && this.#bytes <= keptBytes) return;
      if (!wanted.has(id)) this.#drop(id);
    }
  }

  #drop(id: number): void {
    const picture = this.#kept.get(id);
    if (picture === undefined) return;
    this.#kept.delete(id);
    this.#bytes -= bytesOf(picture);
    if (picture !== 'broken') picture.close();
  }
}

/** Of four bytes a pixel, which is more than a frame has. */
function bytesOf(picture: Picture): number {
  if (picture === 'broken') return 0;
  const { width, height } = sizeOf(picture);
  return width * height * 4;
}
