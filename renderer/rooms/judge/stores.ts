/** The stores of the Judge room. */
import { studio } from '../../stores.ts';
import { ImageBrowser } from '../../state/browser.svelte.ts';
import type { Store } from '../../state/store.ts';

export const browser = new ImageBrowser(studio, 'judge');

export const stores: Store[] = [browser];
