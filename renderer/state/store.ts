/**
 * What every store of the window may do. The studio's connection tells them (studio.svelte.ts), in the order in which they
 * are listed: the shared ones of renderer/stores.ts first, then those of the rooms.
 */
import type { StudioEvent } from '#contract/events.ts';

export interface Store {
  /** At once when another project takes the place of this one: what was known of it is void. */
  reset?(): void;
  /** After each connection and each change of project, when all must be read anew. A later store waits for it. */
  read?(): Promise<void> | void;
  receive?(event: StudioEvent): void;
}
