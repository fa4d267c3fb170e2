/** The stores of the Data room. */
import { draft, navigation, projects, runs, splits, studio } from '../../stores.ts';
import { Dialogs } from '../../commands/dialogs.svelte.ts';
import { ElementRef } from '../../commands/element-ref.svelte.ts';
import { ImageBrowser } from '../../state/browser.svelte.ts';
import type { Store } from '../../state/store.ts';
import { FindingsStore } from './findings.svelte.ts';
import { FirstModel } from './first-model.svelte.ts';
import { ImportPlanStore } from './import-plan.svelte.ts';
import { ChartStore } from './charts/charts.svelte.ts';
import { fetchBytes } from './fetch-bytes.ts';
import { LabelFileStore } from './label-file.svelte.ts';
import { SavedViewStore } from './saved-views.svelte.ts';
import { SplitDraft } from './split-draft.svelte.ts';
import { Listing } from './listing.svelte.ts';
import { MapStore } from './map/map.svelte.ts';
import { SourceStore } from './sources.svelte.ts';

export const browser = new ImageBrowser(studio, 'data');
export const findings = new FindingsStore(studio, browser, draft);
export const firstModel = new FirstModel({ studio, runs, navigation }, localStorage);
export const plans = new ImportPlanStore({ studio, projects, navigation, firstModel });
export const sources = new SourceStore(studio);
export const labelFile = new LabelFileStore(studio);
export const splitDraft = new SplitDraft(studio, splits);
export const listing = new Listing(browser, fetchBytes);
export const map = new MapStore(studio, browser, listing, fetchBytes);
export const charts = new ChartStore(studio, browser, listing, fetchBytes);
export const views = new SavedViewStore(studio, browser);
export const dialogs = new Dialogs<'import' | 'redraw' | 'report' | 'views'>();
/** Where a table of labels is chosen. */
export const tablePicker = new ElementRef<HTMLInputElement>();

export const stores: Store[] = [
  browser,
  findings,
  firstModel,
  plans,
  sources,
  labelFile,
  splitDraft,
  dialogs,
  listing,
  map,
  charts,
  views,
];
