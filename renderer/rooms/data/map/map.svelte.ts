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
import type { Listing } from '../listing.svelte.ts';

/** Corners of a lasso: more are not seen, and a filter stands in addresses. */
const mostCorners = 60;
/** Of a unit of the map: a hundredth of a pixel where all of it is seen. */
const roundedTo = 1000;

export class MapStore {
  /** Whether the map stands beside the grid. */
  open = $state(false);
  state: EmbeddingMapState | null = $state.raw(null);
  points: MapPoints | null = $state.raw(null);
  /** Why the points could not be read. */
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
    this.state = this.points = null;
    this.#shownId = null;
    this.fault = null;
  }

  async read(): Promise<void> {
    if (!this.open) return;
    const era = this.#era;
    const state = await this.studio.attempt((client) => client.map.get());
    if (era !== this.#era || !state) return;
    this.#take(state);
    await this.listing.refresh();
  }

  toggle(): void {
    this.open = !this.open;
    void this.read();
  }

  receive(event: StudioEvent): void {
    if (!this.open) return;
    if (event.event === 'map.changed') this.#take(event.state);
    if (event.event === 'items.changed') void this.listing.refresh();
    if (event.event === 'project.changed' && event.project) {
      // Images came, or were removed: how many are missing on the map is known anew.
      if (event.project.counts.total !== this.listing.all?.itemIds.length) void this.read();
    }
  }

  #take(state: EmbeddingMapState): void {
    this.state = state;
    const { region, ...others } = this.browser.filter;
    if (region && region.mapId !== state.map?.id) void this.browser.show(others);
    if (state.map?.id === this.#shownId) return;
    this.#shownId = state.map?.id ?? null;
    this.points = null;
    if (state.map) void this.#readPoints(state.map.id);
  }

  async #readPoints(mapId: string): Promise<void> {
    try {
      const points = readMapPoints(await this.fetchBytes(resources.map(mapId)));
      if (this.#shownId !== mapId) return;
      this.points = points;
      this.fault = null;
    } catch (fault) {
      if (this.#shownId !== mapId) return;
      this.fault = fault;
      // Asked for again with the next reading.
      this.#shownId = null;
    }
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
    const mapId = this.#shownId;
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
