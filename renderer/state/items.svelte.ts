/**
 * A window on a long filtered list of items: pages are read when they come into sight, the newest request
 * first, and kept in bounded number. What is shown stays until its successor has arrived, so nothing blinks.
 */
import type { Item, ItemFilter, SortedBy } from '#contract/project.ts';

/** Small, so that little is read beside what is seen. */
export const itemsPerRequest = 64;
const pagesKept = 192;
/** A sight lies across several pages and waits for one answer, not for several. */
const pagesAtOnce = 8;

type LoadItems = (
  filter: ItemFilter,
  offset: number,
  limit: number,
) => Promise<{ total: number; items: Item[]; sortedBy?: SortedBy | undefined }>;

/** Told, in the same breath, when what is shown of a page makes place for a fresh reading of it. */
type Replaced = (before: readonly Item[], after: readonly Item[], offset: number) => void;

interface Page {
  items: Item[];
  /** Read before the last change: still shown, to be read again. */
  stale: boolean;
}

export class ItemWindow {
  /** Length of the whole list; null until first known. */
  total: number | null = $state(null);
  /** Whose evaluations the list is sorted by, where it is. */
  sortedBy: SortedBy | null = $state.raw(null);
  fault: unknown = $state.raw(null);

  readonly #load: LoadItems;
  #filter: ItemFilter = {};
  /** In order of use, oldest first. */
  #pages = new Map<number, Page>();
  #version = $state(0);
  #request: [first: number, last: number] = [0, 0];
  #reading: Promise<void> | null = null;
  #era = 0;
  readonly #replaced: Replaced;

  constructor(load: LoadItems, replaced: Replaced = () => {}) {
    this.#load = load;
    this.#replaced = replaced;
  }

  get filter(): ItemFilter {
    return this.#filter;
  }

  /** The item at this place of the list, once it has been read. */
  at(index: number): Item | undefined {
    void this.#version;
    return this.#pages.get(Math.floor(index / itemsPerRequest))?.items[index % itemsPerRequest];
  }

  /** Another list: all that is known is dropped. */
  show(filter: ItemFilter): Promise<void> {
    this.#filter = filter;
    this.#era += 1;
    this.#pages = new Map();
    this.#request = [0, itemsPerRequest - 1];
    this.total = null;
    this.#version += 1;
    return this.#read();
  }

  /** The same list after a change: what is in sight is read again, the rest when it comes into sight. */
  refresh(): Promise<void> {
    this.#era += 1;
    for (const page of this.#pages.values()) page.stale = true;
    return this.#read();
  }

  /** Says which places are in sight. */
  want(first: number, last: number): void {
    this.#request = [Math.max(0, first), Math.max(0, last)];
    void this.#read();
  }

  /** The ids at these places, read where need be. */
  async idsAt(indices: Iterable<number>): Promise<number[]> {
    return (await this.itemsAt(indices)).map(({ id }) => id);
  }

  /** The items at these places, read where need be. */
  async itemsAt(indices: Iterable<number>): Promise<Item[]> {
    const found: Item[] = [];
    const fetched = new Map<number, Item[]>();
    for (const index of indices) {
      const number = Math.floor(index / itemsPerRequest);
      const page = this.#pages.get(number);
      let items = page && !page.stale ? page.items : fetched.get(number);
      if (!items) {
        items = (await this.#load(this.#filter, number * itemsPerRequest, itemsPerRequest)).items;
        fetched.set(number, items);
      }
      const item = items[index % itemsPerRequest];
      if (item) found.push(item);
    }
    return found;
  }

  /** Resolves when all that is in sight is fresh. */
  #read(): Promise<void> {
    if (this.#missing() === null && !this.#reading) return Promise.resolve();
    this.#reading ??= this.#readRequested();
    return this.#reading;
  }

  /** Ends in the same breath in which nothing was missing, so that no request falls between two reads. */
  async #readRequested(): Promise<void> {
    for (let missing = this.#missing(); missing !== null; missing = this.#missing()) {
      const era = this.#era;
      const { first, pages } = missing;
      try {
        const {
          total,
          items,
          sortedBy = null,
        } = await this.#load(this.#filter, first * itemsPerRequest, pages * itemsPerRequest);
        // Changed while it was read: ask again.
        if (era !== this.#era) continue;
        this.fault = null;
        this.total = total;
        this.sortedBy = sortedBy;
        for (let at = 0; at < pages; at += 1)
          this.#keep(first + at, {
            items: items.slice(at * itemsPerRequest, (at + 1) * itemsPerRequest),
            stale: false,
          });
        this.#version += 1;
      } catch (error) {
        if (era !== this.#era) continue;
        this.fault = error;
        break;
      }
    }
    this.#reading = null;
  }

  /** The first page in sight that has to be read, and those after it that have to be as well. */
  #missing(): { first: number; pages: number } | null {
    const end = this.total === null ? 0 : Math.max(0, this.total - 1);
    const last = Math.floor(Math.min(this.#request[1], end) / itemsPerRequest);
    const lacks = (number: number) => number <= last && (this.#pages.get(number)?.stale ?? true);
    for (
      let first = Math.floor(Math.min(this.#request[0], end) / itemsPerRequest);
      first <= last;
      first += 1
    ) {
      if (!lacks(first)) continue;
      let pages = 1;
      while (pages < pagesAtOnce && lacks(first + pages)) pages += 1;
      return { first, pages };
    }
    return null;
  }

  #keep(number: number, page: Page): void {
    const before = this.#pages.get(number);
    this.#pages.delete(number);
    this.#pages.set(number, page);
    if (before) this.#replaced(before.items, page.items, number * itemsPerRequest);
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= pagesKept) break;
      this.#pages.delete(oldest);
    }
  }
}
