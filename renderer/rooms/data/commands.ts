/** The commands of the Data room, and importing, which is there in every room. */
import FolderInput from '@lucide/svelte/icons/folder-input';
import FolderSearch from '@lucide/svelte/icons/folder-search';
import ChartColumn from '@lucide/svelte/icons/chart-column';
import MapIcon from '@lucide/svelte/icons/map';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import Shuffle from '@lucide/svelte/icons/shuffle';
import Trash2 from '@lucide/svelte/icons/trash-2';
import { menuCommands } from '#contract/menu.ts';
import type { Split } from '#contract/project.ts';
import { projects, studio } from '../../stores.ts';
import type { Command } from '../../commands/command.ts';
import { counted } from '../../format.ts';
import { ImageCommands } from '../../parts/curation/image-commands.ts';
import { fileName, saveFile } from '../../parts/save.ts';
import { browser, charts, dialogs, labelFile, map, plans, sources, tablePicker } from './stores.ts';

const someImages = () => (studio.project?.counts.total ?? 0) > 0 || 'Import the images first';

export const images = new ImageCommands({ room: 'data', browser, within: 'images' });

export const importImages: Command = {
  id: 'project.import',
  ...menuCommands['project.import'],
  icon: FolderInput,
  aliases: 'add folder upload data set dataset',
  when: () => projects.busy === null || `${projects.busy}…`,
  async run() {
    if (!window.atelier) return dialogs.show('import');
    const path = await window.atelier.chooseFolder('Choose a folder of images to import');
    if (path) await plans.beginPath(path);
  },
};
export const removeImages: Command = {
  id: 'data.remove',
  get label() {
    const selected = browser.selection.indices.size;
    return selected > 0 ? `Remove ${counted(selected, 'selected image')}` : 'Remove the current image';
  },
  icon: Trash2,
  aliases: 'delete',
  shortcuts: ['Delete'],
  within: ['images'],
  when: () => browser.selection.indices.size > 0 || browser.current !== undefined || 'There is no image here',
  run: () => sources.removeImages(browser),
};
export const redrawParts: Command = {
  id: 'data.redraw',
  label: 'Redraw parts',
  icon: Shuffle,
  aliases: 'split train validation test seed',
  when: someImages,
  run: () => dialogs.show('redraw'),
};
export const showSources: Command = {
  id: 'data.sources',
  label: 'Show sources',
  icon: FolderSearch,
  aliases: 're-scan rescan relink remove folder',
  run: () => sources.show(),
};
export const showReport: Command = {
  id: 'data.report',
  label: 'Show the import report',
  aliases: 'skipped files',
  when: () => (studio.project?.sources.length ?? 0) > 0 || 'Nothing was imported yet',
  run: () => dialogs.show('report'),
};
export const importLabels: Command = {
  id: 'data.import-labels',
  label: 'Import labels from a table',
  short: 'Import labels…',
  aliases: 'csv tsv jsonl',
  when: someImages,
  run: () => tablePicker.current?.click(),
};
export const exportLabels: Command = {
  id: 'data.export-labels',
  label: 'Export labels as CSV',
  short: 'Export labels',
  aliases: 'save table',
  when: () => (labelFile.exporting ? 'They are being written' : someImages()),
  async run() {
    const name = studio.project?.name ?? '';
    const table = await labelFile.csv();
    if (table) saveFile(`${fileName(`${name} labels`)}.csv`, table);
  },
};

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

const onlySplit = (split: Split | null, what: string): Command => ({
  id: `data.show-${split ?? 'all'}`,
  label: `Show ${what} images`,
  aliases: 'filter part split',
  run: () => (split ? browser.onlySplit(split) : browser.show({})),
});
const filters: readonly Command[] = [
  onlySplit(null, 'all'),
  onlySplit('train', 'training'),
  onlySplit('validation', 'validation'),
  onlySplit('test', 'test'),
  {
    id: 'data.show-excluded',
    label: 'Show excluded images',
    aliases: 'filter',
    run: () => browser.onlyExcluded(true),
  },
];

export const commands = (): readonly Command[] => [
  importImages,
  showSources,
  showReport,
  redrawParts,
  importLabels,
  exportLabels,
  removeImages,
  toggleMap,
  drawMap,
  toggleCharts,
  computeFacts,
  ...images.list,
  ...filters,
];
