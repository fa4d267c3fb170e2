/** The stores of the Label room. */
import { labels, studio } from '../../stores.ts';
import { ElementRef } from '../../commands/element-ref.svelte.ts';
import { ImageBrowser } from '../../state/browser.svelte.ts';
import type { Store } from '../../state/store.ts';
import { SuggestionStore } from './suggestions.svelte.ts';

export const browser = new ImageBrowser(studio, 'label');
export const suggestions = new SuggestionStore(studio, labels);
/** The box for the name of a new class. */
export const newClassBox = new ElementRef<HTMLInputElement>();

export const stores: Store[] = [browser, suggestions];
