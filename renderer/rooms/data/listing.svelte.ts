/** Which images there are and which the grid lists, all at once: what map and charts light up. Read while one of them is shown. */
import { type ItemList, readItemList } from '#contract/item-list.ts';
import { type ItemFilter, withoutComputed } from '#contract/project.ts';
import { resources } from '#contract/resources.ts';
import type { ImageBrowser } from '../../state/browser.svelte.ts';
import type { FetchBytes } from './fetch-bytes.ts';

export class Listing {
  /** All items of the project. */
  all: ItemList | null = $state.raw(null);
  /** Those that the grid lists, in its order. */
  listed: ItemList | null = $state.raw(null);
  /** Why they could not be read. */
  fault: unknown = $state.raw(null);
  #era = 0;
  #reading: Promise<void> | null = null;
  #stale = false;

  constructor(
    private readonly browser: ImageBrowser,
    private readonly fetchBytes: FetchBytes,
  ) {}

  /** Another project. */
  reset(): void {
    this.#era += 1;
    this.all = this.listed = this.fault = null;
  }

  /** As of now; what changes while they are read is read after. */
  refresh(): Promise<void> {
    this.#stale = true;
    this.#reading ??= this.#readStale().finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #readStale(): Promise<void> {
    while (this.#stale) {
      this.#stale = false;
      const era = this.#era;
      // What takes more than the list to know is not asked of it: the panels are not shown beside findings.
      const filter = withoutComputed(this.browser.filter);
      const narrowed = Object.values(filter).some((value) => value !== undefined);
      try {
        const [all, listed] = await Promise.all([this.#list({}), narrowed ? this.#list(filter) : null]);
        if (era !== this.#era || this.#stale) continue;
        this.all = all;
        this.listed = listed ?? all;
        this.fault = null;
      } catch (fault) {
        if (era === this.#era) this.fault = fault;
      }
    }
  }

  #list = async (filter: ItemFilter) => readItemList(await this.fetchBytes(resources.itemList(filter)));
}
