/** The commands of the map of embeddings, the charts, the order of the grid, saved views and sample sheets. */
import ArrowDownUp from '@lucide/svelte/icons/arrow-down-up';
import Bookmark from '@lucide/svelte/icons/bookmark';
import ChartColumn from '@lucide/svelte/icons/chart-column';
import Grid3x3 from '@lucide/svelte/icons/grid-3x3';
import MapIcon from '@lucide/svelte/icons/map';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import type { AtelierError } from '#contract/errors.ts';
import { imageFactKeys, imageFactKinds } from '#contract/image-facts.ts';
import { type ItemOrder, itemOrders, withoutComputed } from '#contract/project.ts';
import { resources } from '#contract/resources.ts';
import { fetchBytes } from './fetch-bytes.ts';
import { report } from '../../state/notices.ts';
import { fileName, saveFile } from '../../parts/save.ts';
import type { Command } from '../../commands/command.ts';
import { studio } from '../../stores.ts';
import { someImages } from './some-images.ts';
import { browser, charts, dialogs, map, views } from './stores.ts';

export const toggleMap: Command = {
  id: 'data.map',
  get label() {
    return map.open ? 'Close the map of embeddings' : 'Show the map of embeddings';
  },
  short: 'Map',
  icon: MapIcon,
  aliases: 'umap t-sne tsne scatter plot embedding lasso explore',
  when: someImages,
  run() {
    charts.open = false;
    map.toggle();
  },
};
export const toggleCharts: Command = {
  id: 'data.charts',
  get label() {
    return charts.open ? 'Close the charts' : 'Show charts of the images';
  },
  short: 'Charts',
  icon: ChartColumn,
  aliases: 'histogram eda brightness sharpness size colour balance mean image explore',
  when: someImages,
  run() {
    map.open = false;
    charts.toggle();
  },
};
export const computeFacts: Command = {
  id: 'data.compute-charts',
  label: 'Look at the images anew for the charts',
  get short() {
    return charts.state?.facts ? 'Look again' : 'Look at the images';
  },
  icon: RefreshCw,
  when() {
    return studio.working.some(({ kind }) => kind === 'facts') ? 'They are being looked at' : someImages();
  },
  async run() {
    if (!charts.open) toggleCharts.run();
    await charts.compute();
  },
};
export const drawMap: Command = {
  id: 'data.draw-map',
  label: 'Draw the map of embeddings anew',
  get short() {
    return map.state?.map ? 'Draw anew' : 'Draw the map';
  },
  icon: RefreshCw,
  aliases: 'umap compute',
  when() {
    const drawing = studio.working.some(({ kind }) => kind === 'map');
    return drawing ? 'It is being drawn' : someImages();
  },
  async run() {
    if (!map.open) toggleMap.run();
    await map.compute();
  },
};

const orderWords = (by: ItemOrder): string => {
  const fact = imageFactKeys.find((key) => key === by);
  if (by === 'date') return 'date of the file';
  if (by === 'loss' || by === 'probability') return `${by} in the last evaluation`;
  return fact ? imageFactKinds[fact].label.toLowerCase() : by;
};

/** Once it is done, the same turns the order round. */
const sortBy = (by: ItemOrder): Command => ({
  id: `data.sort-${by}`,
  get label() {
    return sortedBy(by) ? `Sort by ${orderWords(by)}, the other way round` : `Sort by ${orderWords(by)}`;
  },
  icon: ArrowDownUp,
  aliases: 'order rank list',
  when: someImages,
  run: () => charts.sortBy(by),
});
const sortedBy = (by: ItemOrder): boolean => browser.filter.sort?.by === by;

export const sortAsImported: Command = {
  id: 'data.sort-imported',
  label: 'Sort as imported',
  icon: ArrowDownUp,
  aliases: 'order unsorted',
  when: () => browser.filter.sort !== undefined || 'They are',
  run: () => charts.sortBy(null),
};
export const sortCommands: readonly Command[] = [sortAsImported, ...itemOrders.map(sortBy)];

export const saveView: Command = {
  id: 'data.save-view',
  label: 'Save what is listed as a view, or delete views',
  short: 'Save or delete…',
  icon: Bookmark,
  aliases: 'saved views filter query bookmark',
  when: someImages,
  run: () => dialogs.show('views'),
};
/** One each, under its name. */
export const viewCommands = (): readonly Command[] =>
  views.list.map((view) => ({
    id: `data.view-${view.name}`,
    label: `Show the view ${view.name}`,
    short: view.name,
    icon: Bookmark,
    aliases: 'saved views filter',
    run: () => views.show(view),
  }));

export const saveSampleSheet: Command = {
  id: 'data.sample-sheet',
  label: 'Save a sample sheet of what is listed as PNG',
  icon: Grid3x3,
  aliases: 'contact sheet picture image samples report',
  when: someImages,
  async run() {
    const filter = withoutComputed(browser.filter);
    try {
      const bytes = await fetchBytes(resources.sampleSheet({ filter }));
      saveFile(
        `${fileName(`${studio.project?.name ?? ''} samples`)}.png`,
        new Blob([bytes], { type: 'image/png' }),
      );
    } catch (fault) {
      report(fault as AtelierError);
    }
  },
};

export const exploreCommands = (): readonly Command[] => [
  toggleMap,
  drawMap,
  toggleCharts,
  computeFacts,
  saveSampleSheet,
  ...sortCommands,
  saveView,
  ...viewCommands(),
];
