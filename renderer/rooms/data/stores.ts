/** The stores of the Data room. */
import { navigation, projects, runs, studio } from '../../stores.ts';
import { ImageBrowser } from '../../state/browser.svelte.ts';
import type { Store } from '../../state/store.ts';
import { FirstModel } from './first-model.svelte.ts';
import { ImportPlanDesk } from './import-plan.svelte.ts';
import { LabelFileDesk } from './label-file.svelte.ts';
import { SourceDesk } from './sources.svelte.ts';

export const browser = new ImageBrowser(studio, 'data');
export const firstModel = new FirstModel({ studio, runs, navigation }, localStorage);
export const plans = new ImportPlanDesk({ studio, projects, navigation, firstModel });
export const sources = new SourceDesk(studio);
export const labelFile = new LabelFileDesk(studio);

export const stores: Store[] = [browser, firstModel, plans, sources, labelFile];
