/** What charts are made of as the window has it: facts of all images, and which ranges of them the grid is filtered by. */
import type { StudioEvent } from '#contract/events.ts';
import {
  type FactValues,
  type ImageFactKey,
  imageFactKeys,
  type ImageFactRange,
  type ImageFactsState,
  readFactValues,
} from '#contract/image-facts.ts';
import type { ItemOrder, ItemSort } from '#contract/project.ts';
import { resources } from '#contract/resources.ts';
import type { ImageBrowser } from '../../../state/browser.svelte.ts';
import type { Studio } from '../../../state/studio.svelte.ts';
import type { FetchBytes } from '../fetch-bytes.ts';
import type { Listing } from '../listing.svelte.ts';

export class ChartStore {
  /** Whether charts stand beside the grid. */
  open = $state(false);
  state: ImageFactsState | null = $state.raw(null);
  values: FactValues | null = $state.raw(null);
  /** Why they could not be read. */
  fault: unknown = $state.raw(null);
  #shownId: string | null = null;
  #era = 0;

  constructor(
    private readonly studio: Studio,
    private readonly browser: ImageBrowser,
    readonly listing: Listing,
    private readonly fetchBytes: FetchBytes,
  ) {}

  /** Another project. */
  reset(): void {
    this.#era += 1;
    this.state = this.values = this.fault = null;
    this.#shownId = null;
  }

  async read(): Promise<void> {
    if (!this.open) return;
    const era = this.#era;
    const state = await this.studio.attempt((client) => client.facts.get());
    if (era !== this.#era || !state) return;
    this.#take(state);
    await this.listing.refresh();
  }

  toggle(): void {
    this.open = !this.open;
    void this.read();
  }

  receive(event: StudioEvent): void {
    // The same ranges let other images through, and the same order is another one.
    if (event.event === 'facts.changed' && event.state.jobId === null)
      if (this.browser.filter.facts || this.#sorts(this.browser.filter.sort))
        void this.browser.show(this.browser.filter);
    if (!this.open) return;
    if (event.event === 'facts.changed') this.#take(event.state);
    if (event.event === 'items.changed') void this.listing.refresh();
    if (event.event === 'project.changed' && event.project)
      if (event.project.counts.total !== this.listing.all?.itemIds.length) void this.read();
  }

  #take(state: ImageFactsState): void {
    this.state = state;
    const id = state.facts?.id ?? null;
    if (id === this.#shownId) return;
    this.#shownId = id;
    if (id === null) this.values = null;
    else void this.#readValues(id);
  }

  async #readValues(id: string): Promise<void> {
    try {
      const values = readFactValues(await this.fetchBytes(resources.facts(id)));
      if (this.#shownId !== id) return;
      this.values = values;
      this.fault = null;
    } catch (fault) {
      if (this.#shownId !== id) return;
      this.fault = fault;
      // Asked for again with the next reading.
      this.#shownId = null;
    }
  }

  async compute(): Promise<void> {
    await this.studio.attempt((client) => client.facts.start());
  }

  /** Lists images in this order, the greatest first the second time; their facts are computed first where there are none. */
  async sortBy(by: ItemOrder | null): Promise<void> {
    const { filter } = this.browser;
    const again = filter.sort?.by === by && !filter.sort?.descending;
    const sort = by === null ? undefined : again ? { by, descending: true as const } : { by };
    void this.browser.show({ ...filter, sort });
    if (!this.#sorts(sort)) return;
    const state = await this.studio.attempt((client) => client.facts.get());
    if (state && state.missing > 0 && state.jobId === null) await this.compute();
  }

  /** Whether an order takes facts. */
  #sorts(sort: ItemSort | undefined): boolean {
    return imageFactKeys.some((key) => key === sort?.by);
  }

  rangeOf(fact: ImageFactKey): ImageFactRange | undefined {
    return this.browser.filter.facts?.find((range) => range.fact === fact);
  }

  /** Lists images with the fact in this range; those of the range that is asked for already, no longer only. */
  toggleRange(fact: ImageFactKey, least: number, below: number): void {
    const before = this.rangeOf(fact);
    const others = (this.browser.filter.facts ?? []).filter((range) => range.fact !== fact);
    const same = before?.least === least && before.below === below;
    const facts = same ? others : [...others, { fact, least, below }];
    void this.browser.show({ ...this.browser.filter, facts: facts.length > 0 ? facts : undefined });
  }

  /** Lists images whatever their facts. */
  clear(): void {
    void this.browser.show({ ...this.browser.filter, facts: undefined });
  }
}
