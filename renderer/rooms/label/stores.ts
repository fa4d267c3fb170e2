/** The stores of the Label room. */
import { labels, studio } from '../../stores.ts';
import { ImageBrowser } from '../../state/browser.svelte.ts';
import type { Store } from '../../state/store.ts';
import { SuggestionDesk } from './suggestions.svelte.ts';

export const browser = new ImageBrowser(studio, 'label');
export const suggestions = new SuggestionDesk(studio, labels);

export const stores: Store[] = [browser, suggestions];
