/**
 * The map of embeddings as the window has it: whether there is one, its points, and which of them the grid lists. Drawing it is
 * scatter.ts, computing it the studio's.
 */
import type { EmbeddingMapState } from '#contract/embeddings.ts';
import type { StudioEvent } from '#contract/events.ts';
import { type MapPoints, readMapPoints } from '#contract/map-points.ts';
import { type Corner, simplified } from '#contract/polygon.ts';
import { resources } from '#contract/resources.ts';
import type { ImageBrowser } from '../../../state/browser.svelte.ts';
import type { Studio } from '../../../state/studio.svelte.ts';
import type { FetchBytes } from '../fetch-bytes.ts';
import { KeptPanel } from '../kept-panel.svelte.ts';
import type { Listing } from '../listing.svelte.ts';

/** Corners of a lasso: more are not seen, and a filter stands in addresses. */
const mostCorners = 60;
/** Of a unit of the map: a hundredth of a pixel where all of it is seen. */
const roundedTo = 1000;

export class MapStore extends KeptPanel<EmbeddingMapState, MapPoints> {
  constructor(
    studio: Studio,
    private readonly browser: ImageBrowser,
    listing: Listing,
    fetchBytes: FetchBytes,
  ) {
    super(studio, listing, fetchBytes, {
      get: (client) => client.map.get(),
      idOf: ({ map }) => map?.id ?? null,
      address: resources.map,
      parse: readMapPoints,
    });
  }

  override receive(event: StudioEvent): void {
    super.receive(event);
    if (this.open && event.event === 'map.changed') this.take(event.state);
  }

  protected override take(state: EmbeddingMapState): void {
    const { region, ...others } = this.browser.filter;
    if (region && region.mapId !== state.map?.id) void this.browser.show(others);
    super.take(state);
  }

  /** Draws the map, and before it computes the embeddings that are missing. */
  async compute(): Promise<void> {
    await this.studio.attempt(async (client) => {
      const { state } = await client.embeddings.get();
      if (state === 'missing' || state === 'partial') await client.embeddings.start();
      return client.map.start();
    });
  }

  /** Lists the images within, in the map's units, beside what else is asked for. */
  showWithin(polygon: readonly Corner[]): void {
    const mapId = this.shownId;
    if (mapId === null || polygon.length < 3) return;
    const corners = simplified(polygon, mostCorners).map(([x, y]): [number, number] => [
      Math.round(x * roundedTo) / roundedTo,
      Math.round(y * roundedTo) / roundedTo,
    ]);
    void this.browser.show({ ...this.browser.filter, region: { mapId, polygon: corners } });
  }

  /** Lists the images elsewhere too. */
  showEverywhere(): void {
    if (this.browser.filter.region) void this.browser.show({ ...this.browser.filter, region: undefined });
  }

  /** Goes to this image in the grid, where it is listed. */
  goTo(itemId: number): void {
    const place = this.listing.listed?.itemIds.indexOf(itemId) ?? -1;
    if (place >= 0) this.browser.selection.move(place);
  }
}
