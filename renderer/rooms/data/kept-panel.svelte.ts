/**
 * What stands beside the grid of something that the studio computed of all images and keeps: whether it is open, how far it is, and its
 * contents, read when it is shown and again where another one stands. What it is, and what it does to the grid, is map/ and charts/.
 */
import { AtelierError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Studio } from '../../state/studio.svelte.ts';
import type { FetchBytes } from './fetch-bytes.ts';
import type { Listing } from './listing.svelte.ts';

interface Kept<State, Contents> {
  get(client: StudioClient): Promise<State>;
  /** Of what stands now; null where nothing was computed. */
  idOf(state: State): string | null;
  address(id: string): string;
  /** null where they are not as they are written. */
  parse(bytes: ArrayBuffer): Contents | null;
}

export class KeptPanel<State extends object, Contents extends object> {
  /** Whether it stands beside the grid. */
  open = $state(false);
  state: State | null = $state.raw(null);
  /** Those of before until others are read. */
  contents: Contents | null = $state.raw(null);
  /** Why they could not be read. */
  fault: unknown = $state.raw(null);
  #wantedId: string | null = null;
  #shownId: string | null = null;
  #era = 0;

  constructor(
    protected readonly studio: Studio,
    readonly listing: Listing,
    private readonly fetchBytes: FetchBytes,
    private readonly kept: Kept<State, Contents>,
  ) {}

  /** Of the contents that are shown. */
  protected get shownId(): string | null {
    return this.#shownId;
  }

  /** Another project. */
  reset(): void {
    this.#era += 1;
    this.state = this.contents = this.fault = null;
    this.#wantedId = this.#shownId = null;
  }

  async read(): Promise<void> {
    if (!this.open) return;
    const era = this.#era;
    const state = await this.studio.attempt((client) => this.kept.get(client));
    if (era !== this.#era || !state) return;
    this.take(state);
    await this.listing.refresh();
  }

  toggle(): void {
    this.open = !this.open;
    void this.read();
  }

  /** Labels and images that come or go; while it is open only. */
  receive(event: StudioEvent): void {
    if (!this.open) return;
    if (event.event === 'items.changed') void this.listing.refresh();
    // Images came, or were removed: how many are missing here is known anew.
    if (event.event === 'project.changed' && event.project)
      if (event.project.counts.total !== this.listing.all?.itemIds.length) void this.read();
  }

  /** How far it is now; contents that are not known yet are read. */
  protected take(state: State): void {
    this.state = state;
    const id = this.kept.idOf(state);
    if (id === this.#wantedId) return;
    this.#wantedId = id;
    if (id === null) {
      this.contents = null;
      this.#shownId = null;
    } else void this.#readContents(id);
  }

  async #readContents(id: string): Promise<void> {
    try {
      const contents = this.kept.parse(await this.fetchBytes(this.kept.address(id)));
      if (this.#wantedId !== id) return;
      if (!contents)
        throw new AtelierError(
          'PROJECT_DAMAGED',
          'Expected what was computed of the images, received bytes of another form. Compute it again.',
          { id },
        );
      this.contents = contents;
      this.#shownId = id;
      this.fault = null;
    } catch (fault) {
      if (this.#wantedId !== id) return;
      this.fault = fault;
      // Asked for again with the next reading.
      this.#wantedId = null;
    }
  }
}
