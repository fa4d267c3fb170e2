/** The stores of the Ship room. */
import { studio } from '../../stores.ts';
import type { Store } from '../../state/store.ts';
import { ShipDesk } from './ship.svelte.ts';

export const ship = new ShipDesk(studio);

export const stores: Store[] = [ship];
