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
import { KeptPanel } from '../kept-panel.svelte.ts';
import type { Listing } from '../listing.svelte.ts';

export class ChartStore extends KeptPanel<ImageFactsState, FactValues> {
  constructor(
    studio: Studio,
    private readonly browser: ImageBrowser,
    listing: Listing,
    fetchBytes: FetchBytes,
  ) {
    super(studio, listing, fetchBytes, {
      get: (client) => client.facts.get(),
      idOf: ({ facts }) => facts?.id ?? null,
      address: resources.facts,
      parse: readFactValues,
    });
  }

  override receive(event: StudioEvent): void {
    super.receive(event);
    if (event.event !== 'facts.changed') return;
    // The same ranges let other images through, and the same order is another one.
    if (event.state.jobId === null)
      if (this.browser.filter.facts || this.#sorts(this.browser.filter.sort))
        void this.browser.show(this.browser.filter);
    if (this.open) this.take(event.state);
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
