/** The commands of the repair screen: which images are shown, what is done to them beside labels, training again, taking all back. */
import Ban from '@lucide/svelte/icons/ban';
import Check from '@lucide/svelte/icons/check';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import Undo2 from '@lucide/svelte/icons/undo-2';
import Wrench from '@lucide/svelte/icons/wrench';
import type { Command } from '../../../commands/command.ts';
import { runs, studio } from '../../../stores.ts';
import { browser, repair, view } from '../stores.ts';
import { repairLists, type RepairList } from './repair.svelte.ts';

const writable = () => (studio.project?.readOnly ? 'The project is open to look' : true);
const someRun = () => runs.current !== null || 'No run has finished yet';
const repairing = () => view.shown === 'repair' || 'Show repair first';
const someImage = () => {
  const can = repairing();
  if (can !== true) return can;
  return (browser.items.total ?? 0) > 0 || 'There is no image here';
};
const ofImages = { within: ['images', 'large'], when: someImage } as const;

export const repairCell: Command = {
  id: 'judge.repair-cell',
  label: 'Repair the images of the cell',
  short: 'Repair',
  icon: Wrench,
  aliases: 'relabel fix labels loss',
  when: () => (view.cells !== null ? true : 'Open a cell of the matrix first'),
  run: () => void (view.shown = 'repair'),
};
export const accept: Command = {
  ...ofImages,
  id: 'judge.repair-accept',
  label: 'Relabel to what was predicted',
  short: 'Relabel as predicted',
  icon: Check,
  aliases: 'accept suggestion suggested class',
  shortcuts: ['Shift+A'],
  run: () => repair.accept(),
};
export const excludeNow: Command = {
  ...ofImages,
  id: 'judge.repair-exclude',
  label: 'Exclude images for a doubtful label',
  short: 'Exclude',
  icon: Ban,
  aliases: 'reject remove from training',
  shortcuts: ['Shift+X'],
  run: () => repair.exclude(),
};
export const retrain: Command = {
  id: 'judge.repair-retrain',
  label: 'Train again on the repaired labels',
  short: 'Retrain',
  icon: RefreshCw,
  aliases: 'same recipe run start',
  shortcuts: ['Shift+R'],
  when() {
    if (writable() !== true) return writable();
    if (repairing() !== true) return repairing();
    return repair.training ? 'It is being trained' : someRun();
  },
  run: () => repair.retrain(),
};
export const cancelRetraining: Command = {
  id: 'judge.repair-cancel',
  label: 'Cancel training again',
  short: 'Cancel',
  aliases: 'stop',
  when: () => repair.training !== null || 'Nothing is being trained here',
  run: () => repair.cancel(),
};
const changed = () => (repair.session?.changes.steps ?? 0) > 0;
export const undoAll: Command = {
  id: 'judge.repair-undo-all',
  label: 'Undo all repairs',
  short: 'Undo all',
  icon: Undo2,
  aliases: 'take back revert reset labels',
  when() {
    if (writable() !== true) return writable();
    if (repairing() !== true) return repairing();
    return changed() || repair.session?.retrainedId ? true : 'Nothing was repaired yet';
  },
  run: () => repair.askUndoAll(),
};
export const keep: Command = {
  id: 'judge.repair-keep',
  label: 'Keep the repairs and begin anew',
  short: 'Keep',
  icon: Check,
  aliases: 'done finish end accept',
  when: () => (writable() === true ? changed() || 'Nothing was repaired yet' : writable()),
  run: () => repair.keep(),
};

export const listWords: Record<RepairList, string> = {
  cell: 'Open cell',
  losses: 'Top losses',
  suspects: 'Suspects',
  hard: 'Marked as hard',
  fixed: 'Fixed by retraining',
  broken: 'Broken by retraining',
};
const missing: Record<RepairList, string> = {
  cell: 'Open a cell of the matrix first',
  losses: 'No run has finished yet',
  suspects: '',
  hard: '',
  fixed: 'Train again first',
  broken: 'Train again first',
};
const showList = (list: RepairList): Command => ({
  id: `judge.repair-list-${list}`,
  label: `Repair: show ${listWords[list].toLowerCase()}`,
  aliases: 'label errors findings hard loss images list',
  when: () => (repairing() === true ? repair.filterOf(list) !== null || missing[list] : repairing()),
  run: () => repair.show(list),
});

export const repairCommands: readonly Command[] = [
  repairCell,
  accept,
  excludeNow,
  retrain,
  cancelRetraining,
  undoAll,
  keep,
  ...repairLists.map(showList),
];
