/** The commands of the Data room, and importing, which is there in every room. */
import Check from '@lucide/svelte/icons/check';
import CopyX from '@lucide/svelte/icons/copy-x';
import FolderInput from '@lucide/svelte/icons/folder-input';
import FolderSearch from '@lucide/svelte/icons/folder-search';
import Images from '@lucide/svelte/icons/images';
import SearchCheck from '@lucide/svelte/icons/search-check';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import Shuffle from '@lucide/svelte/icons/shuffle';
import Sparkles from '@lucide/svelte/icons/sparkles';
import Trash2 from '@lucide/svelte/icons/trash-2';
import { type FindingAction, type FindingKind, findingKinds, findingWords } from '#contract/findings.ts';
import { menuCommands } from '#contract/menu.ts';
import type { Split } from '#contract/project.ts';
import { projects, studio } from '../../stores.ts';
import type { Command } from '../../commands/command.ts';
import { counted } from '../../format.ts';
import { ImageCommands } from '../../parts/curation/image-commands.ts';
import { fileName, saveFile } from '../../parts/save.ts';
import { actionWords } from './findings.svelte.ts';
import { browser, dialogs, findings, labelFile, plans, sources, tablePicker } from './stores.ts';

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

export const showFindings: Command = {
  id: 'data.findings',
  label: 'Show findings',
  short: 'Findings',
  icon: SearchCheck,
  aliases: 'problems duplicates outliers label errors leaks shortcuts blurry dark data quality cleanlab',
  when: someImages,
  run: () => findings.show(),
};
export const leaveFindings: Command = {
  id: 'data.leave-findings',
  label: 'Show the images again',
  short: 'All images',
  icon: Images,
  when: () => findings.open || 'No findings are shown',
  run: () => findings.leave(),
};
const canLook = () => (findings.job ? 'They are being looked for' : someImages());
export const lookForFindings: Command = {
  id: 'data.look-for-findings',
  get label() {
    return findings.found ? 'Look for findings again' : 'Look for findings';
  },
  get short() {
    return findings.found ? 'Look again' : 'Look for findings';
  },
  icon: SearchCheck,
  aliases: 'find compute check data quality',
  when: canLook,
  run: () => findings.start(),
};
export const auditFindings: Command = {
  id: 'data.audit-findings',
  label: 'Audit the findings',
  short: 'Audit',
  icon: ShieldCheck,
  aliases: 'plant faults recall test finder',
  when: canLook,
  run: () => findings.start({ audit: true }),
};
export const findWithEmbeddings: Command = {
  id: 'data.compute-embeddings',
  label: 'Compute embeddings, then look for findings',
  short: 'Compute embeddings',
  icon: Sparkles,
  aliases: 'features vectors',
  when: () => (findings.embedding ? 'They are being computed' : canLook()),
  run: () => findings.startWithEmbeddings(),
};

/** What can be done about the images of the finding at hand; what that is, it says. */
function findingAction(
  place: 0 | 1,
  id: string,
  rest: Pick<Command, 'label' | 'icon' | 'shortcuts'>,
): Command {
  const action = (): FindingAction | undefined => findings.actions[place];
  return {
    ...rest,
    id,
    get label() {
      const now = action();
      return now ? actionWords[now].label : rest.label;
    },
    get short() {
      const now = action();
      return now ? actionWords[now].short : rest.label;
    },
    within: ['images', 'large'],
    when() {
      if (!findings.open) return 'Show findings first';
      if (action() === undefined) return 'There is nothing to be done here image by image';
      return browser.current !== undefined || 'There is no image here';
    },
    run() {
      const now = action();
      if (now) return findings.act(now);
    },
  };
}
export const applyAction = findingAction(0, 'data.finding-action', {
  ...{ label: 'Act on the finding', icon: Check, shortcuts: ['Shift+A'] },
});
export const applyOtherAction = findingAction(1, 'data.finding-other-action', {
  ...{ label: 'Act on the finding in the other way', icon: CopyX, shortcuts: ['Shift+X'] },
});
const showFinding = (kind: FindingKind): Command => ({
  id: `data.finding-${kind}`,
  label: `Show finding: ${findingWords[kind].title}`,
  aliases: 'filter problems',
  when: () => (findings.found ? true : 'Look for findings first'),
  run: () => findings.show(kind),
});

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
  ...images.list,
  showFindings,
  leaveFindings,
  lookForFindings,
  auditFindings,
  findWithEmbeddings,
  applyAction,
  applyOtherAction,
  ...findingKinds.map(showFinding),
  ...filters,
];
