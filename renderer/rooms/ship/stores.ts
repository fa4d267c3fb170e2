/** The stores of the Ship room. */
import { studio } from '../../stores.ts';
import { ElementRef } from '../../commands/element-ref.svelte.ts';
import type { Store } from '../../state/store.ts';
import { ShipStore } from './ship.svelte.ts';

export const ship = new ShipStore(studio);
/** Where images to classify are chosen. */
export const imagePicker = new ElementRef<HTMLInputElement>();
/** The last export, where it is served to a browser. */
export const downloadLink = new ElementRef();

export const stores: Store[] = [ship];
