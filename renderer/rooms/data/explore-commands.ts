/** The commands of the map of embeddings and the charts. */
import ChartColumn from '@lucide/svelte/icons/chart-column';
import MapIcon from '@lucide/svelte/icons/map';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import type { Command } from '../../commands/command.ts';
import { studio } from '../../stores.ts';
import { someImages } from './some-images.ts';
import { charts, map } from './stores.ts';

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

export const exploreCommands: readonly Command[] = [toggleMap, drawMap, toggleCharts, computeFacts];
