/** The commands of the Data room, and importing, which is there in every room. */
import FolderInput from '@lucide/svelte/icons/folder-input';
import FolderSearch from '@lucide/svelte/icons/folder-search';
import Shuffle from '@lucide/svelte/icons/shuffle';
import Trash2 from '@lucide/svelte/icons/trash-2';
import { menuCommands } from '#contract/menu.ts';
import type { Split } from '#contract/project.ts';
import { projects, studio } from '../../stores.ts';
import type { Command } from '../../commands/command.ts';
import { counted } from '../../format.ts';
import { ImageCommands } from '../../parts/curation/image-commands.ts';
import { fileName, saveFile } from '../../parts/save.ts';
import { exploreCommands } from './explore-commands.ts';
import { findingCommands } from './finding-commands.ts';
import { someImages } from './some-images.ts';
import { browser, dialogs, labelFile, plans, sources, tablePicker } from './stores.ts';

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
  ...exploreCommands(),
  ...images.list,
  ...findingCommands,
  ...filters,
];
